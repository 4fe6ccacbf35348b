"""Scenarios of several apps as files: what is inherited, and every mistake by file, line and key."""

from pathlib import Path

import pytest
from sessions import scenario

from edgesim import read_scenario
from edgesim.errors import EdgesimError

BASE = """schema: edgesim.scenario/1
device: odroid-n2plus
processor: cpu
model: dynabert-12x12
planner: wrx
target_latency: 200 ms
preload_buffer: 1 MB
"""
NAMES = "model: dynabert-12x12, target_latency: 2 s, preload_buffer: 0 B"
OTHER = f"planner: load_exec, {NAMES}"
READ = "direction: read, size: 1 MB, gap: 1 s"
HEAT = "ambient: 25 C, resistance: 1 K/W, time_constant: 60 s, trip: 90 C, hysteresis: 5 K, poll: 1 s"
TRIM = "trim: {free_below: 1 GB, preload_buffer: 0 B}"


def other(*more: str, given: str = OTHER, name: str = "b") -> str:
    """Return the section of another app, with some keys more; its first line is line 8 of a file, its name's line 9."""
    return f"apps:\n  {name}: {{{', '.join([given, *more])}}}\n"


WRONG: list[tuple[str, str]] = [
    (other(name="app"), "9: apps.app: is the name of the scenario's own app; name that with 'app'"),
    (other() + "app: b\n", "9: apps.b: is the name of the scenario's own app; name that with 'app'"),
    (other() + f"  b: {{{OTHER}}}\n", "9: apps.b: is given twice, first here and again in line 10; keep one"),
    (other("device: odroid-n2plus"), "9: apps.b.device: is about all apps; write it at the scenario's own level"),
    (other("conditions: {}"), "9: apps.b.conditions: is about all apps"),
    (other("apps: {}"), "9: apps.b.apps: is about all apps"),
    (other("seed: 1"), "9: apps.b.seed: is about all apps"),
    (other("app: c"), "9: apps.b.app: its name stands before it already; leave it out"),
    (other("folder: c"), "9: apps.b.folder: unknown key"),
    (other("replication: 3"), "9: apps.b.replication: unknown key"),
    ("replication: 3\n", "8: replication: unknown key; did you mean 'replan'?"),
    ("beside: true\n", "8: beside: unknown key"),
    (other("colour: red"), "9: apps.b.colour: unknown key; known: app, apps"),
    (other(given=f"planner: [wrx, load_exec], {NAMES}"), "9: apps.b.planner: must be one planner, got 2"),
    (other(given=NAMES), "9: apps.b.planner: missing; add it"),
    (other(given=f"planner: nobody, {NAMES}"), "9: apps.b.planner: nobody: unknown planner; known: "),
    (other(given=f"planner: {{name: wrx, options: {{x: 1}}}}, {NAMES}"), "9: apps.b.planner.options.x: unknown option"),
    (other(given=OTHER.replace("dynabert-12x12", "nothing")), "9: apps.b.model: nothing: no such model; known: "),
    (other(given=OTHER.replace("2 s", "-2 s")), "9: apps.b.target_latency: must not be negative, got -2 s"),
    (other("processor: npu"), "9: apps.b.processor: odroid-n2plus has no 'npu'"),
    (other("priority: high"), "9: apps.b.priority: must be an integer, got 'high'"),
    (other("workload: {kind: server, inferences: 4}"), "9: apps.b.workload.rate: missing; add it"),
    (other("workload: {kind: serve}"), "9: apps.b.workload.kind: unknown kind, got serve; did you mean 'server'?"),
    (other("workload: {kind: trace, file: no.csv}"), "9: apps.b.workload.file: "),
    (other("\n    schedule: [{at: 0 s, target_latency: 1 s}]"), "10: apps.b.schedule[0].at: must be later than 0 s"),
    (other(TRIM), "9: apps.b.trim: needs a plan of its own; write 'replan: true'"),
    (other(TRIM, "replan: true"), "9: apps.b.trim: needs 'conditions: {memory: ...}', or memory would never be short"),
    (other(name="'b c'"), "9: apps.b c: the key may only have letters, digits, '.', '_' and '-', and must begin with"),
    (other(name="7"), "9: apps[7]: the key must be text, got 7"),
    ("apps: [1]\n", "8: apps: must be a mapping of keys, got [1]"),
    ("apps: {b: 5}\n", "8: apps.b: must be a mapping of keys, got 5"),
    ("schedule:\n  - {at: 2 s, target_latency: 1 s}\n  - {at: 1 s, target_latency: 2 s}\n",
     "10: schedule[1].at: must be later than the change before it"),
    ("schedule: [{at: 2 s, preload_buffer: 0 B}]\n",
     "8: schedule[0].preload_buffer: needs a plan of its own; write 'replan: true'"),
    ("schedule: [{at: 2 s}]\n", "8: schedule[0]: changes nothing; give 'target_latency' or 'preload_buffer'"),
    (f"{TRIM}\nreplan: true\n", "8: trim: needs 'conditions: {memory: ...}', or memory would never be short"),
    ("trim: {free_below: 1 GB, preload_buffer: 2 MB}\nreplan: true\nconditions: {memory: {for_apps: 2 GB}}\n",
     "8: trim.preload_buffer: must not exceed what is kept otherwise, 1.00 MB, got 2.00 MB"),
    ("process: {base: 3 GB}\nconditions: {memory: {for_apps: 2 GB}}\n",
     "8: process.base: must be below the memory for apps, 2.00 GB, got 3.00 GB"),
    (other("process: {base: 9 GB}") + "conditions: {memory: {}}\n",
     "9: apps.b.process.base: must be below the memory for apps, 4.00 GB, got 9.00 GB"),
    ("sharing: {storage: lifo}\n", "8: sharing.storage: unknown value, got 'lifo'; did you mean 'fifo'? known: 'fif"),
    (f"conditions:\n  thermal: {{{HEAT}, power: -1 W}}\n", "9: conditions.thermal.power: must not be negative, got"),
    (f"conditions:\n  background_io:\n    - {{name: app, {READ}}}\n",
     "10: conditions.background_io[0].name: an app has that name, got 'app'; choose another"),
    (other() + f"conditions:\n  background_io:\n    - {{name: b, {READ}}}\n",
     "12: conditions.background_io[0].name: an app has that name, got 'b'; choose another"),
    (other(name="flash") + "conditions: {flash_pauses: {duration: 1 s, gap: 2 s}}\n",
     "10: conditions.flash_pauses: are reported under 'flash', and an app has that name"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "says"), WRONG, ids=[says[:50] for _, says in WRONG])
def test_a_mistake_has_its_file_line_and_key(tmp_path: Path, more: str, says: str) -> None:
    """One sentence for one mistake, and nothing else is said."""
    file = tmp_path / "s.yaml"
    file.write_text(BASE + more)
    with pytest.raises(EdgesimError) as caught:
        read_scenario(file)
    (sentence,) = str(caught.value).splitlines()
    assert sentence.startswith(f"{file}:{says}")


def test_an_app_is_a_scenario_of_its_own(tmp_path: Path) -> None:
    """It has its own model, planner and target, and what it does not say of device, processor and seed."""
    file = tmp_path / "s.yaml"
    memory = f"conditions: {{memory: {{for_apps: 1 GB}}}}\nseed: 7\napps:\n  b: {{{OTHER}, replan: true, {TRIM}}}\n"
    file.write_text(BASE + memory)
    given = read_scenario(file)
    app = given.apps["b"]
    assert (app.app, app.name, app.seed, app.processor) == ("b", "b", 7, "cpu")
    assert (app.device, app.planner[0].name, app.target_latency_ns) == (given.device, "load_exec", 2 * 10**9)
    assert app.beside
    assert not given.beside


def test_routing_needs_experts() -> None:
    """It would say nothing of a model that has none."""
    routed = {"generation": {"prompt": 32, "tokens": 64, "routing": {"repeat": 0.5}}}
    with pytest.raises(EdgesimError, match=r"generation\.routing: is of no use: tinyllama-1\.1b has no experts"):
        read_scenario("reply", routed)


def test_apps_in_python_must_be_told_apart() -> None:
    """As in files, where the key is the name."""
    with pytest.raises(ValueError, match="must be the name that it has in 'app', got 'app' there"):
        scenario(apps={"b": scenario()})
    with pytest.raises(ValueError, match="is the name of the scenario's own app"):
        scenario(apps={"app": scenario()})
    assert scenario(apps={"b": scenario(app="b")}).apps["b"].app == "b"
