"""Planners of strangers: found by name, module or file; what they do wrong is one sentence and exit code 3."""

import hashlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from edgesim import compare, plan, read_scenario, run
from edgesim.cli import main
from edgesim.errors import IllegalPlanError, InfeasibleError, InputError, PluginError
from edgesim.files.shipped import shipped_folder
from edgesim.planners.wrx import wrx
from edgesim.plugins import BACKENDS, PLANNERS, find, installed, is_file, names, option_mistakes, options_of

SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
HEAD = """
from dataclasses import replace
from typing import Any, Literal
from edgesim import Budget, Device, InfeasibleError, Load, Model, Plan
from edgesim.planners.wrx import wrx
"""
PLAN = "def p(model: Model, device: Device, budget: Budget) -> Plan:\n    made = wrx(model, device, budget)\n"


def scenario_with(folder: Path, planner: str, code: str | None = None) -> Path:
    """Write a scenario and the Python file beside it; return the scenario's path."""
    if code is not None:
        (folder / "mine.py").write_text(HEAD + code)
    path = folder / "s.yaml"
    path.write_text(SCENARIO.replace("planner: wrx", f"planner: {planner}"))
    return path


def test_what_is_installed_is_found_by_name() -> None:
    """The built-in planners and backends are entry points as a stranger's would be."""
    assert {"load_exec", "preload_model", "std_pipeline", "wrx"} <= set(installed(PLANNERS))
    assert "simulated" in installed(BACKENDS)
    assert list(installed(PLANNERS)) == sorted(installed(PLANNERS))
    assert find(PLANNERS, "wrx", Path()) is wrx


def test_a_planner_is_found_in_a_module_and_in_a_file(tmp_path: Path) -> None:
    """`module:function` is imported, `./file.py:function` is looked for beside the scenario, wherever that is."""
    assert find(PLANNERS, "edgesim.planners.wrx:wrx", tmp_path) is wrx
    path = scenario_with(tmp_path, '"./mine.py:p"', PLAN + "    return made\n")
    assert run(path).plan == run(path, "wrx").plan
    assert run(path).planner == "./mine.py:p"
    assert is_file("./mine.py:p")
    assert not is_file("mine:p")


def test_files_of_one_name_do_not_meet(tmp_path: Path) -> None:
    """Two files called alike in two folders are two planners."""
    for folder, least in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(
            f"LEAST = {least}\ndef p(model, device, budget):\n    return LEAST\n"
        )
    found = [find(PLANNERS, "./mine.py:p", tmp_path / folder) for folder in "ab"]
    assert [function(None, None, None) for function in found] == [1, 2]


NOT_FOUND = [
    (
        "wrxx",
        None,
        "wrxx: unknown planner; did you mean 'wrx'? known: ",
    ),
    ("./mine.py", "", "./mine.py: needs the name of a function in this file, write for example './mine.py:plan'"),
    ("./none.py:p", None, "./none.py:p: no such file, looked for /"),
    ("./mine.py:p", "", "./mine.py:p: './mine.py' has no function 'p'"),
    (
        "./mine.py:paln",
        "def plan(model, device, budget): ...",
        "./mine.py:paln: './mine.py' has no function 'paln'; did you mean 'plan'? known: plan",
    ),
    ("./mine.py:", "", "./mine.py:: './mine.py' has no function ''"),
    (
        "no_such_module:p",
        None,
        "no_such_module:p: cannot be imported, ModuleNotFoundError: No module named 'no_such_mod",
    ),
    (":p", None, ":p: cannot be imported, ValueError: Empty module name"),
    ("./mine.py:p", "def p(:\n", "./mine.py:p: cannot be imported, invalid syntax (line 6)"),
    (
        "./mine.py:p",
        "import nothing_like_it\n",
        "./mine.py:p: cannot be imported, ModuleNotFoundError: No module named",
    ),
    ("./mine.py:p", "raise SystemExit(3)\n", "./mine.py:p: cannot be imported, SystemExit: 3"),
    ("./mine.py:p", "1 / 0\n", "./mine.py:p: cannot be imported, ZeroDivisionError: division by zero"),
    ("./mine.py:p", "p = 5\n", "./mine.py:p: is not a function, got int"),
    (
        "./mine.py:p",
        "def p(model, device): ...\n",
        "./mine.py:p: must take (model, device, budget) and options by keywo",
    ),
    (
        "./mine.py:p",
        "def p(a, b, c, d): ...\n",
        "./mine.py:p: must take (model, device, budget) and options by keyword",
    ),
    (
        "./mine.py:p",
        "def p(*, model, device, budget): ...\n",
        "./mine.py:p: must take (model, device, budget) and optio",
    ),
]


@pytest.mark.parametrize(("name", "code", "says"), NOT_FOUND, ids=[row[2][:60] for row in NOT_FOUND])
def test_what_cannot_be_found_is_one_sentence_and_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, code: str | None, says: str
) -> None:
    """A missing file, function or module, a broken one, and a function of another form."""
    path = scenario_with(tmp_path, f'"{name}"', code)
    assert main(["run", str(path)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"edgesim: {path}:7: planner: {says}")
    assert err.count("\n") == 1


FAILS = [
    ("    raise ValueError('no luck')\n", PluginError, "./mine.py:p: failed, ValueError: no luck"),
    ("    import sys; sys.exit(0)\n", PluginError, "./mine.py:p: failed, SystemExit: 0"),
    ("    p(model, device, budget)\n", PluginError, "./mine.py:p: failed, RecursionError: maximum recursion depth exc"),
    ("    return None\n", PluginError, "./mine.py:p: must return an edgesim.Plan, got NoneType"),
    ("    raise InfeasibleError('3 ms short')\n", InfeasibleError, "./mine.py:p: 3 ms short"),
    ("    return replace(made, loads=())\n", IllegalPlanError, "./mine.py:p: illegal plan: shards [(0, 2), (0, 3), "),
    ("    return replace(made, layers=(0, 1, 99))\n", IllegalPlanError, "illegal plan: layers must rise within 0..11,"),
    ("    return replace(made, bitwidths=((7,) * 5,) * 3)\n", IllegalPlanError, "layer 0: needs one bitwidth of [2, 3"),
    ("    return replace(made, lanes=2)\n", IllegalPlanError, "illegal plan: odroid-n2plus has 1 lanes, got 2"),
    ("    return replace(made, loads=tuple(replace(l, bytes=1, extents=(1,)) for l in made.loads))\n", IllegalPlanError,
     "says 1 B, its shards have another size"),
    ("    return replace(made, preload=tuple((l, s) for l in range(3) for s in range(5)), loads=(), retain=())\n",
     IllegalPlanError, "the preload buffer has room for 1.00 MB"),
    ("    return wrx(model, device, budget._replace(load_buffer_bytes=None))\n", IllegalPlanError,
     "in the load buffer at once, which has room for 4.00 MB"),
    ("    return replace(made, layers=None)\n", PluginError, "p: its plan is not of the form that edgesim.Plan desc"),
    ("    return replace(made, preload=[[0, 0]])\n", PluginError, "that edgesim.Plan describes, TypeError: "),
]  # fmt: skip


@pytest.mark.parametrize(("body", "error", "says"), FAILS, ids=[row[2][:60] for row in FAILS])
def test_what_a_planner_does_wrong_is_one_sentence(
    tmp_path: Path, body: str, error: type[Exception], says: str
) -> None:
    """A planner that fails, gives up, returns nonsense or cheats is named; it never runs, and never ends edgesim."""
    path = scenario_with(tmp_path, '"./mine.py:p"', PLAN + body)
    with pytest.raises(error) as caught:
        run(path)
    assert str(caught.value).startswith("./mine.py:p: ")
    assert says in str(caught.value)


def test_our_own_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only strangers are blamed in a sentence; a built-in planner that fails is edgesim's mistake."""
    monkeypatch.setattr("edgesim.planners.wrx.frames", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("quickstart")


OPTIONS = """def p(model: Model, device: Device, budget: Budget, *, bits: int = 2, mode: Literal["a", "b"] = "a",
      strange: "NoSuchType" = None) -> Plan:
    return wrx(model, device, budget)
def needy(model, device, budget, *, size: int):
    return wrx(model, device, budget)
def greedy(model, device, budget, **options):
    return wrx(model, device, budget)
"""


def test_options_are_checked_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option that the planner does not take is a mistake of the file, by line, and exit code 2."""
    path = scenario_with(tmp_path, '{name: "./mine.py:p", options: {bit: 2}}', OPTIONS)
    assert main(["run", str(path)]) == 2
    says = f"edgesim: {path}:7: planner.options.bit: unknown option; did you mean 'bits'? known: bits, mode, strange\n"
    assert capsys.readouterr().err == says


def test_a_required_option_is_asked_for(tmp_path: Path) -> None:
    """A planner may have an option without default; the file must give it."""
    path = scenario_with(tmp_path, '"./mine.py:needy"', OPTIONS)
    with pytest.raises(InputError, match=r":7: planner\.options\.size: missing; the planner needs this option"):
        read_scenario(path)
    assert run(scenario_with(tmp_path, '{name: "./mine.py:needy", options: {size: 3}}')).planner.endswith("[size=3]")


def test_options_by_two_stars_cannot_be_checked(tmp_path: Path) -> None:
    """A planner with **options runs, but takes none from a file: a mistyped one could not be told from a right one."""
    assert run(scenario_with(tmp_path, '"./mine.py:greedy"', OPTIONS)).metrics.meets_target
    with pytest.raises(InputError, match=r"unknown option; known: none; the planner must name each of its options"):
        read_scenario(scenario_with(tmp_path, '{name: "./mine.py:greedy", options: {size: 3}}'))


def typed(
    model: object,
    device: object,
    budget: object,
    *,
    a: bool = True,
    b: float | None = None,
    c: list[int] = (),
    d: object = 0,
) -> None:
    """Have one option of each kind."""


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"a": 1}, ["must be true or false, got 1"]),
        ({"b": "x"}, ["must be a number or null, got 'x'"]),
        ({"b": 1, "a": False, "c": [1], "d": object}, []),
        ({"c": 5}, ["must be a list, got 5"]),
        ({"a": None, "b": True}, ["must be true or false, got nothing", "must be a number or null, got true"]),
    ],
)
def test_types_of_options_are_said_as_a_file_has_them(options: dict[str, object], says: list[str]) -> None:
    """No Python names for types in messages to people who write YAML."""
    assert [message for _, message in option_mistakes(typed, options)] == says
    assert list(options_of(typed)) == ["a", "b", "c", "d"]


def test_other_planners_run_beside_one_that_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`run` and `compare` go on, say who failed, and exit with 3."""
    path = scenario_with(tmp_path, '["./mine.py:p", wrx]', PLAN + "    return 5\n")
    for command in ("run", "compare"):
        assert main([command, str(path)]) == 3
        out, err = capsys.readouterr()
        assert "wrx" in out
        assert "./mine.py:p: must return an edgesim.Plan, got int\n" in err
        left = {one.planner: one.exit_code for one in compare(path).left_out}
    assert left["./mine.py:p"] == 3
    assert 4 in left.values()


def test_what_a_planner_prints_does_not_spoil_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json - standard output has nothing but JSON; a planner's prints go to standard error."""
    path = scenario_with(tmp_path, '"./mine.py:p"', PLAN + "    print('thinking')\n    return made\n")
    assert main(["run", str(path), "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("{\n")
    assert err == "thinking\n"


def test_the_file_of_a_planner_is_in_the_provenance(tmp_path: Path) -> None:
    """Its hash changes when the file does, and its name is relative to the scenario."""
    path = scenario_with(tmp_path, '"./mine.py:p"', PLAN + "    return made\n")
    expected = hashlib.sha256((tmp_path / "mine.py").read_bytes()).hexdigest()
    assert run(path).provenance["inputs"]["mine.py"] == expected


@pytest.fixture
def broken_entry_point(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install a planner that cannot be imported."""
    monkeypatch.setattr(
        "edgesim.plugins.names.entry_points",
        lambda group: [*entry_points(group=group), EntryPoint("broken", "no_such_module:f", PLANNERS)],
    )
    names._points.cache_clear()
    yield
    names._points.cache_clear()


@pytest.mark.usefixtures("broken_entry_point")
def test_a_broken_entry_point_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """An installed planner that cannot be imported is listed with the reason, and left out of a comparison."""
    assert main(["list", "planners"]) == 0
    assert "cannot be imported, ModuleNotFoundError" in capsys.readouterr().out
    assert main(["compare", "fig6"]) == 3
    out, err = capsys.readouterr()
    assert "planners meet the target" in out
    assert "left out broken: cannot be imported" in err


def test_a_foreign_backend_is_blamed_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What a backend raises is a sentence with its name."""
    (tmp_path / "late.py").write_text("def late(a, b, c, d):\n    raise OSError('too late')\n    yield\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="late:late: failed, OSError: too late"):
        run("quickstart", backend="late:late")
    with pytest.raises(PluginError, match="simulator: unknown backend; did you mean 'simulated'"):
        run("quickstart", backend="simulator")
    assert plan("quickstart").layers == (0, 1, 2)


def test_a_backend_that_needs_an_option_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No verb could give it; the one that executes plans for real is named."""
    with pytest.raises(InputError, match=r"^backend: 'real' needs [^\n]* by edgesim\.validate, or 'edgesim validate'$"):
        run("quickstart", backend="real")
    (tmp_path / "asks.py").write_text("def asks(a, b, c, d, *, port, speed=1):\n    yield\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"^backend: 'asks:asks' must have a default for [^\n]*, got none for port$"):
        run("quickstart", backend="asks:asks")
