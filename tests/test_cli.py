"""The command line: what it prints and where, what it writes or leaves alone, and the exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edgesim import run
from edgesim.cli import main
from edgesim.files import shipped_names
from edgesim.files.shipped import shipped_folder

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
LATE = """from edgesim.planners.wrx import wrx
def late(model, device, budget):
    return wrx(model, device, budget._replace(target_latency_ns=2 * budget.target_latency_ns))
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs one command and gives exit code, standard output and standard error."""

    def called(*arguments: object) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as leaving:  # argparse
            code = int(leaving.code or 0)
        return code, *capsys.readouterr()

    return called


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a right, a wrong, an infeasible and a late scenario, and one of two planners."""
    texts = {
        "right": SCENARIO,
        "wrong": SCENARIO.replace("target_latency: 200 ms", "target_latency: 200"),
        "short": SCENARIO.replace("200 ms", "20 ms"),
        "late": SCENARIO.replace("planner: wrx", "planner: ./late.py:late"),
        "two": SCENARIO.replace("planner: wrx", "planner: [wrx, {name: load_exec, options: {bitwidth: 2}}]"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "late.py").write_text(LATE)
    return tmp_path


def shell(line: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``edgesim`` is the command."""
    command = f'edgesim() {{ "{sys.executable}" -m edgesim "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=os.environ | variables, capture_output=True, text=True, check=False
    )


def test_run_prints_the_answer(call: Call) -> None:
    """The verdict, the memory, the layers and what the numbers are worth; nothing on standard error."""
    code, out, err = call("run", "quickstart")
    assert (code, err) == (0, "")
    assert out.startswith("quickstart: wrx on odroid-n2plus (cpu), dynabert-12x12\nlatency ")
    assert "of 200.0 ms:  met" in out
    assert "Not all measured: " in out


def test_run_takes_a_planner_with_options(call: Call) -> None:
    """The label on the command line is the label in the answer, and stands in for the scenario's planners."""
    code, out, _ = call("run", "bounded-load-buffer", "--planner", "wrx[granularity={group: 2}]", "--planner", "wrx")
    assert code == 0
    assert [line.split(" on ")[0] for line in out.splitlines() if " on odroid" in line] == [
        "bounded-load-buffer: wrx[granularity={group: 2}]", "bounded-load-buffer: wrx",
    ]  # fmt: skip


def test_plan_shows_the_budgets_without_running(call: Call) -> None:
    """The paper's example, its budgets and one line of JSON for it."""
    code, out, err = call("plan", "fig6")
    assert (code, err) == (0, "")
    assert "1,600.0 ms   1,000.0 ms" in out
    plan = json.loads(call("plan", "fig6", "--json", "-")[1])
    assert (plan["schema"], plan["planner"]) == ("edgesim.plan/1", "wrx")
    assert plan["plan"] == run("fig6").to_dict()["plan"]


def test_check_names_what_is_right_and_what_is_wrong(call: Call, folder: Path) -> None:
    """All files are checked, whatever the first has; the worst decides the exit code."""
    code, out, err = call("check", folder / "wrong.yaml", folder / "right.yaml", "odroid-n2plus", "nope")
    assert code == 2
    assert out == f"{folder}/right.yaml: right, edgesim.scenario/1\nodroid-n2plus: right, edgesim.device/1\n"
    assert err.startswith(
        f"edgesim: {folder}/wrong.yaml:8: target_latency: needs a unit, got 200; write for example '20"
    )
    assert "edgesim: nope: no such scenario or device or model or grid; known: " in err
    assert call("check") == (2, "", "edgesim: check: needs a file, or --schemas DIR\n")


def test_check_writes_schemas(call: Call, folder: Path) -> None:
    """One for each kind of file, into a folder that is there."""
    assert call("check", "--schemas", folder)[0] == 0
    assert {path.name for path in folder.glob("*.json")} == {
        f"{k}.schema.json" for k in ("device", "grid", "model", "scenario")
    }
    assert "no folder" in call("check", "--schemas", folder / "none")[2]


@pytest.mark.parametrize("what", ["planners", "devices", "models", "scenarios", "backends"])
def test_list_has_a_sentence_for_everything(call: Call, what: str) -> None:
    """The same rows as text and as JSON."""
    code, out, err = call("list", what)
    assert (code, err) == (0, "")
    rows = json.loads(call("list", what, "--json", "-")[1])
    assert all(row["name"] in out and len(row["about"].split()) > 3 for row in rows)
    if what in ("devices", "models", "scenarios"):
        assert [row["name"] for row in rows] == shipped_names(what)  # type: ignore[arg-type]


def test_list_alone_counts(call: Call) -> None:
    """How many there are of each kind, and how to see them."""
    code, out, err = call("list")
    counts = json.loads(call("list", "--json", "-")[1])
    assert (code, err) == (0, "")
    assert counts["devices"] == len(shipped_names("devices"))
    assert all(f"{count} {kind} " in out and f"edgesim list {kind}\n" in out for kind, count in counts.items())


def test_list_tells_what_is_different(call: Call) -> None:
    """One line at a glance for each file, within 80 columns; JSON has the same as numbers, with their units."""
    for what, line in (
        ("devices", "odroid-n2plus        83.4 MB/s    cpu         4.00 GB  D"),
        ("models", "dynabert-12x12    12 x 12          84.9 M             2-6, 32   not measured"),
        ("scenarios", "quickstart           odroid-n2plus                dynabert-12x12    200.0 ms    1.00 MB"),
    ):
        assert line in call("list", what)[1].splitlines()
    (device,) = json.loads(call("list", "devices", "odroid-n2plus", "--json", "-")[1])
    assert (device["read_bytes_per_s"], device["processors"]) == (83_440_000, ["cpu"])
    assert (device["memory_bytes"], device["worst_grade"]) == (4_000_000_000, "D")
    assert Path(device["file"]).is_file()
    (model,) = json.loads(call("list", "models", "minilm-package", "--json", "-")[1])
    assert (model["layers"], model["shards_per_layer"], model["bitwidths"]) == (6, 12, [2, 3, 4, 5, 6, 32])
    assert model["accuracy_task"] == "package"
    (planner,) = json.loads(call("list", "planners", "one_ahead", "--json", "-")[1])
    assert planner["options"] == "bitwidth=32, prefetch=true"  # as labels and files have it


def test_list_finds_by_a_part_of_the_name(call: Call) -> None:
    """A whole name is one thing, and all about it, with its file; a name that nothing has is refused."""
    names = [row["name"] for row in json.loads(call("list", "scenarios", "Paper", "--json", "-")[1])]
    assert names == [name for name in shipped_names("scenarios") if "paper" in name]
    assert [row["name"] for row in json.loads(call("list", "planners", "wrx", "--json", "-")[1])] == ["wrx"]
    _, out, _ = call("list", "scenarios", "quickstart")
    assert "load buffer     4.00 MB" in out
    assert f"file: {shipped_folder('scenarios') / 'quickstart.yaml'}" in out
    assert "bitwidth" in call("list", "planners", "load_exec")[1]
    says = "edgesim: odroit: none of the devices has this in its name; did you mean 'odroid-n2plus'? known: "
    code, out, err = call("list", "devices", "odroit")
    assert (code, out) == (2, "")
    assert err.startswith(says)


def test_json_alone_on_standard_output(call: Call, folder: Path) -> None:
    """With --json - messages go to standard error, and the rest of the line can be piped to jq."""
    code, out, err = call("run", folder / "right.yaml", folder / "wrong.yaml", "--json", "-")
    assert code == 2
    assert [result["scenario"] for result in json.loads(out)] == ["right"]  # a list: two were asked for
    assert err.startswith("edgesim: ")
    assert json.loads(call("run", "quickstart", "--json", "-")[1]) == run("quickstart").to_dict()
    assert json.loads(call("compare", "fig6", "--json", "-")[1])[0]["planner"] == "wrx"


def test_files_are_written_beside_the_answer(call: Call, folder: Path) -> None:
    """JSON, trace and plot in one go; the answer is still printed, and nothing temporary stays."""
    files = {name: folder / f"out.{name}" for name in ("json", "trace", "svg")}
    code, out, err = call(
        "run", "quickstart", "fig6", "--json", files["json"], "--trace", files["trace"], "--plot", files["svg"]
    )
    assert (code, err) == (0, f"edgesim: drew {files['svg']}\n")
    assert "fig6: wrx" in out
    assert [result["scenario"] for result in json.loads(files["json"].read_text())] == ["quickstart", "fig6"]
    assert json.loads(files["trace"].read_text())["traceEvents"]
    assert files["svg"].read_text().startswith("<?xml")
    assert {path.name for path in folder.iterdir() if path.suffix in (".json", ".trace", ".svg", ".part")} == {
        path.name for path in files.values()
    }


def test_strict_exits_with_1_when_a_target_is_missed(call: Call, folder: Path) -> None:
    """Without it, a missed target is an answer like any other."""
    code, out, _ = call("run", folder / "late.yaml")
    assert (code, "missed" in out) == (0, True)
    assert call("run", "quickstart", "--strict")[0] == 0
    assert call("run", "quickstart", folder / "late.yaml", "fig6", "--strict")[0] == 1
    assert call("run", folder / "late.yaml", folder / "wrong.yaml", "--strict")[0] == 2


def test_strict_counts_all_inferences_of_all_apps(call: Call, folder: Path) -> None:
    """The first may be in time, and who comes while it is answered may wait too long; of another app, too."""
    assert call("run", "offline", "--strict")[0] == 1
    asks = "workload: {kind: offline, inferences: 2}"
    other = f"  b: {{model: dynabert-12x12, planner: wrx, target_latency: 201 ms, preload_buffer: 1 MB, {asks}}}\n"
    (folder / "two.yaml").write_text(SCENARIO.replace("200 ms", "9 s") + "apps:\n" + other)
    for more in ((), ("--replications", "2")):
        assert call("run", folder / "two.yaml", *more, "--strict")[0] == 1
        assert call("run", folder / "two.yaml", *more)[0] == 0


def test_what_does_not_fit_says_by_how_much_and_exits_with_4(call: Call, folder: Path) -> None:
    """Run, plan and compare agree."""
    says = (
        "edgesim: short: wrx: computing the smallest submodel, 3 x 3, takes 123.0 ms: the target of 20.0 ms is short by"
    )
    for command in ("run", "plan"):
        code, out, err = call(command, folder / "short.yaml")
        assert (code, out) == (4, "")
        assert err == f"{says} 103.0 ms\n"
    code, out, err = call("compare", folder / "short.yaml")
    assert code == 4
    assert " planners has a plan for 20.0 ms: the fastest, preload_model[bitwidth=32], takes 105.0 ms, 85.0 ms t" in out
    assert err == ""
    code, out, err = call("compare", folder / "short.yaml", "--all")
    assert code == 4
    assert err.count("is short by") >= 5


def test_the_other_scenarios_still_run(call: Call, folder: Path) -> None:
    """One that is wrong or infeasible stops none behind it; the exit code is the worst."""
    code, out, err = call("run", folder / "short.yaml", folder / "wrong.yaml", "none.yaml", folder / "right.yaml")
    assert code == 4
    assert out.startswith("right: wrx on ")
    assert [line.split(": ")[1] for line in err.splitlines()] == ["short", f"{folder}/wrong.yaml:8", "none.yaml"]


def test_the_other_planners_still_run(call: Call, folder: Path) -> None:
    """One that has no plan stops none behind it."""
    code, out, err = call("run", folder / "two.yaml", "--planner", "load_exec", "--planner", "wrx")
    assert code == 4
    assert out.startswith("two: wrx on ")
    assert err.startswith("edgesim: two: load_exec: no submodel fits the load buffer")
    assert len(json.loads(call("run", folder / "two.yaml", "--json", "-")[1])) == 2


BAD_OUTPUTS = [
    (("--json", "none/x.json"), "none/x.json: cannot be written, there is no folder none; make it first"),
    (("--json", "."), ".: cannot be written, it is a directory"),
    (("--json", ""), "--json: needs the name of a file, got ''"),
    (("--trace", "-"), "--trace: needs the name of a file, got '-'"),
    (("--plot", "none/x.png"), "none/x.png: cannot be written, there is no folder none; make it first"),
    (("--json", "a", "--trace", "a"), "--trace: a is read or written already; name another file"),
    (("--json", "right.yaml"), "--json: right.yaml is read or written already; name another file"),
    (("--json", "a" * 300), "File name too long"),
    (("--json", "right.yaml/x"), "right.yaml/x: cannot be written, there is no folder right.yaml; make it first"),
]


@pytest.mark.parametrize(("arguments", "says"), BAD_OUTPUTS, ids=[row[1] for row in BAD_OUTPUTS])
def test_what_cannot_be_written_is_refused_before_the_run(
    call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    """A message, exit code 2, no answer that is lost, and not one file more than before."""
    monkeypatch.chdir(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    code, out, err = call("run", "right.yaml", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("edgesim: ")
    assert says in err
    assert err.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_links_and_special_files_are_written_through(call: Call, folder: Path) -> None:
    """A link stays a link, and /dev/null stays what it is."""
    (folder / "link").symlink_to("file.json")
    (folder / "file.json").write_text("old")
    assert call("run", "quickstart", "--json", folder / "link")[0] == 0
    assert (folder / "link").is_symlink()
    assert json.loads((folder / "file.json").read_text())["scenario"] == "quickstart"
    assert call("run", "quickstart", "--json", "/dev/null", "--trace", "/dev/null")[0] == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full, others do not")
def test_a_full_disk_is_a_message(call: Call, folder: Path) -> None:
    """Whether it is a file or standard output that cannot take any more."""
    code, _, err = call("run", "quickstart", "--json", "/dev/full")
    assert (code, err) == (2, "edgesim: /dev/full: cannot be written, No space left on device\n")
    for line in ("edgesim run quickstart", "edgesim list devices --json -", "edgesim check quickstart"):
        done = shell(f"{line} > /dev/full", folder)
        assert done.returncode == 2
        assert done.stderr.endswith("standard output: cannot be written, No space left on device\n")
        assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux has /proc, others do not")
def test_a_folder_that_takes_no_files_is_found_out_before_anything_runs(call: Call, folder: Path) -> None:
    """Also by root, whom permissions do not keep from trying; nothing is left where it can be written."""
    for flag in ("--plot", "--json"):
        code, out, err = call("run", "quickstart", flag, "/proc/x.png", "--html", folder / "x.html")
        assert (code, out) == (2, "")
        assert err.startswith("edgesim: /proc/x.png: cannot be written, ")
    assert not list(folder.glob("*x*")) + list(folder.glob(".*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(call: Call, folder: Path) -> None:
    """Nothing is run in vain."""
    folder.chmod(0o500)
    code, out, err = call("run", "quickstart", "--json", folder / "x.json")
    folder.chmod(0o700)
    assert (code, out) == (2, "")
    assert err.endswith("x.json: cannot be written, Permission denied\n")


def test_a_write_that_fails_leaves_what_was_there(call: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file is still whole, and no temporary one is left."""
    (folder / "x.json").write_text("old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    before = sorted(folder.iterdir())
    assert call("run", "quickstart", "--json", folder / "x.json")[0] == 2
    assert (folder / "x.json").read_text() == "old"
    assert sorted(folder.iterdir()) == before


def test_head_ends_nothing(folder: Path) -> None:
    """A reader that has seen enough is no error, and files are still written."""
    done = shell("(edgesim compare quickstart --json x.json; echo $? > code) | (exec 0<&-; sleep 2)", folder)
    assert "Traceback" not in done.stderr
    assert "Broken" not in done.stderr
    assert (folder / "code").read_text() == "0\n"
    assert json.loads((folder / "x.json").read_text())
    shell("(edgesim compare fig6 --csv x.csv 2>&1; echo $? > code) | (exec 0<&-)", folder)  # plans are left out
    assert (folder / "code").read_text() == "0\n"
    assert "wrx" in (folder / "x.csv").read_text()
    assert shell("edgesim list devices | head -1", folder).stdout.startswith("name ")


def test_a_closed_standard_output_is_no_error(folder: Path) -> None:
    """As in a job without a terminal."""
    done = shell("edgesim run quickstart --json x.json >&-", folder)
    assert (done.returncode, done.stderr) == (0, "")


def test_control_c_while_commands_are_imported_is_no_traceback(tmp_path: Path) -> None:
    """Nothing has begun, and nothing is said."""
    (tmp_path / "argparse.py").write_text("raise KeyboardInterrupt\n")
    command = [sys.executable, "-m", "edgesim", "run", "quickstart"]
    paths = f"{tmp_path}{os.pathsep}{Path(__file__).parents[1]}"
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": paths})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_control_c_exits_with_130(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, no traceback."""
    monkeypatch.setattr("edgesim.experiment.run", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    assert call("run", "quickstart") == (130, "", "edgesim: interrupted\n")
