"""A stranger's planner can do no harm: not to the process that asks, not to others, and nothing of it is left."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edgesim import Budget, Plan, compare, plan, read_scenario, run, simulate
from edgesim.cli import main
from edgesim.errors import IllegalPlanError, InfeasibleError, InputError, PluginError
from edgesim.files.shipped import shipped_folder
from edgesim.planners.wrx import wrx
from edgesim.plugins import call_planner
from edgesim.plugins.outside import SECONDS

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
SCENARIO = (shipped_folder("scenarios") / "quickstart.yaml").read_text()
QUICKSTART = read_scenario("quickstart")
INPUTS = QUICKSTART.model, QUICKSTART.device, QUICKSTART.budget
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def stranger(*inputs: object) -> Plan:
    """Plan as wrx does, elsewhere."""
    return wrx(*inputs)


def asked(planner: Callable[..., object], **options: object) -> Plan:
    """Ask one planner about the quickstart."""
    return call_planner(planner, INPUTS, options)


def scenario_with(folder: Path, body: str) -> Path:
    """Write a scenario for a planner of that body and for wrx; return its path."""
    head = "import os, sys, time\nfrom edgesim.planners.wrx import wrx\ndef p(model, device, budget):\n"
    (folder / "mine.py").write_text(f"{head}    made = wrx(model, device, budget)\n    {body}\n    return made\n")
    path = folder / "s.yaml"
    path.write_text(SCENARIO.replace("planner: wrx", 'planner: ["./mine.py:p", wrx]'))
    return path


def descriptors() -> set[str]:
    """Return the files that this process has open."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def gone(pid: int) -> bool:
    """Tell whether a process has ended, whoever is to be told of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def until(claim: Callable[[], bool]) -> None:
    """Wait for something that will be, and fail if it is not in half a minute."""
    for _ in range(3000):
        if claim():
            return
        time.sleep(0.01)
    pytest.fail("waited in vain")


HARM = [
    ("1 / 0", "failed, ZeroDivisionError: division by zero; look at mine.py, line 5"),
    ("raise ValueError('no\\nluck')", "failed, ValueError: no luck; look at mine.py, line 5"),
    ("sys.exit()", "failed, SystemExit; look at mine.py, line 5"),
    ("raise KeyboardInterrupt", "failed, KeyboardInterrupt; look at mine.py, line 5"),
    ("os._exit(0)", "crashed, its process ended with exit code 0; with EDGESIM_PLANNER_SECONDS=0 it is called in edg"),
    ("os._exit(7)", "crashed, its process ended with exit code 7; with EDGESIM_PLANNER_SECONDS=0 it is called in edg"),
    ("os.abort()", "crashed, killed by SIGABRT; with EDGESIM_PLANNER_SECONDS=0 it is called in edgesim's own process"),
    ("os.kill(os.getpid(), 11)", "crashed, killed by SIGSEGV; with EDGESIM_PLANNER_SECONDS=0 it is called in edgesim"),
    ("os.kill(os.getpid(), 9)", "crashed, killed by SIGKILL, perhaps for want of memory; with EDGESIM_PLANNER_SECON"),
    ("os.closerange(3, 99); time.sleep(99)", "crashed, "),
    ("input()", "failed, EOFError: EOF when reading a line; look at mine.py, line 5"),
    ("return lambda: made", "must return an edgesim.Plan, got function"),
    ("return type('P', (wrx.__annotations__['return'],), {})", "must return an edgesim.Plan, got type"),
    ("object.__setattr__(made, 'layers', iter(()))", "its plan holds builtins.iter; a plan is made of Load, Upg"),
    ("object.__setattr__(made, 'lanes', print)", "its plan holds builtins.print; a plan is made of Load, Upg"),
    ("object.__setattr__(made, 'lanes', lambda: 1)", "its plan cannot be sent, "),
]  # fmt: skip


@pytest.mark.parametrize(("body", "says"), HARM, ids=[row[0][:30] for row in HARM])
def test_harm_is_one_sentence_and_the_others_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: str, says: str
) -> None:
    """Whatever it does, it is named first, told once, exit code 3; wrx is planned, executed and shown."""
    path = scenario_with(tmp_path, body)
    monkeypatch.chdir(tmp_path)
    for command in ("run", "compare"):
        assert main([command, str(path), "--planner", "./mine.py:p", "--planner", "wrx"]) == 3
        out, err = capsys.readouterr()
        assert "wrx" in out
        told = [line for line in err.splitlines() if "mine.py:p: " in line]
        assert len(told) == 1
        assert f"./mine.py:p: {says}" in told[0]


def test_a_planner_that_takes_for_ever_is_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the limit it is ended, with what to do; what it printed until then is shown."""
    monkeypatch.setenv(SECONDS, "0.2")
    path = scenario_with(tmp_path, "print('thinking')\n    while True: pass")
    assert main(["run", str(path)]) == 3
    out, err = capsys.readouterr()
    assert "wrx" in out
    assert err == (
        "thinking\nedgesim: s: ./mine.py:p: was ended after 0.2 s without a plan; make it faster, or give it longer"
        " with EDGESIM_PLANNER_SECONDS=2\n"
    )


@pytest.mark.parametrize("text", ["fast", "-1", "nan", "inf", "1e99"])
def test_a_limit_that_is_no_time_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in the environment is a wrong argument."""
    monkeypatch.setenv(SECONDS, text)
    assert main(["plan", str(scenario_with(tmp_path, "pass"))]) == 2
    assert (
        f"EDGESIM_PLANNER_SECONDS: must be a number of seconds up to 1000000, got '{text}'; " in capsys.readouterr().err
    )


def test_without_a_limit_it_is_called_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 0 a planner runs in this process, where a debugger can be; by default it does not."""
    seen = []

    def mine(model: object, device: object, budget: object) -> Plan:
        seen.append(os.getpid())
        return wrx(model, device, budget)

    assert asked(mine) == wrx(*INPUTS)
    assert seen == []
    monkeypatch.setenv(SECONDS, "0")
    assert asked(mine) == wrx(*INPUTS)
    assert seen == [os.getpid()]


def test_where_there_is_no_fork_it_is_called_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without it gives the same plan, and no protection."""
    monkeypatch.delattr(os, "fork")
    assert asked(stranger) == wrx(*INPUTS)


def test_own_planners_are_called_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    """They cost no process, and none of their mistakes is hidden."""
    monkeypatch.delattr(os, "fork")
    monkeypatch.setenv(SECONDS, "not even looked at")
    assert call_planner(wrx, INPUTS, {"upgrade_to": 6}) == wrx(*INPUTS, upgrade_to=6)


def test_what_it_changes_it_changes_for_itself() -> None:
    """Neither its inputs nor the installed classes and rules can be bent to its advantage."""
    before = QUICKSTART.model_dump()

    def cheat(model: object, device: object, budget: Budget) -> Plan:
        import edgesim.rules

        made = replace(wrx(*INPUTS), loads=())
        model.__dict__["bitwidths"] = (2,)
        model.distortion.values[2] = 0.0
        device.processors.clear()
        edgesim.rules.check = edgesim.experiment.check = lambda *_: None
        Budget.preload_bytes = property(lambda _: 10**12)
        return made

    made = asked(cheat)
    assert QUICKSTART.model_dump() == before
    assert QUICKSTART.budget.preload_bytes < 10**12
    assert made.loads == ()
    with pytest.raises(IllegalPlanError, match="are executed, but neither preloaded nor loaded"):
        simulate(made, QUICKSTART)


def test_a_plan_of_a_class_of_its_own_arrives_as_a_plan() -> None:
    """What else it holds, or pretends when it is asked, stays there."""

    class Mine(Plan):
        note = "better"

    def mine(*inputs: object) -> Plan:
        made = wrx(*inputs)
        return Mine(*(getattr(made, name) for name in Plan.__slots__))

    assert type(asked(mine)) is Plan
    assert asked(mine) == wrx(*INPUTS)


def test_errors_of_edgesim_arrive_as_what_they_are(tmp_path: Path) -> None:
    """No plan fits: exit code 4, also if the planner has a class of its own for it."""

    class ShortError(InfeasibleError):
        pass

    def short(*_: object) -> Plan:
        raise ShortError("3 ms short")

    with pytest.raises(InfeasibleError, match=r"^3 ms short$") as caught:
        asked(short)
    assert type(caught.value) is InfeasibleError
    path = scenario_with(tmp_path, "from edgesim import InputError; raise InputError('bits: is odd')")
    with pytest.raises(InputError, match=r"^\./mine\.py:p: bits: is odd$"):
        run(path, "./mine.py:p")


def test_the_traceback_is_kept_for_who_calls_from_python(tmp_path: Path) -> None:
    """It is the cause of the error, as if it had been raised here."""
    with pytest.raises(PluginError) as caught:
        plan(scenario_with(tmp_path, "1 / 0"), "./mine.py:p")
    assert 'mine.py", line 5, in p' in str(caught.value.__cause__)


def test_an_error_that_cannot_say_what_it_is_is_told_all_the_same() -> None:
    """Its class has to do."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise ValueError

    def mute(*_: object) -> Plan:
        raise MuteError

    with pytest.raises(PluginError, match=r"^failed, MuteError; look at test_outside\.py, line "):
        asked(mute)


def test_prints_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Of Python and of libraries, in any quantity and script, in their order."""
    text = "räume " * 50_000

    def loud(*inputs: object) -> Plan:
        sys.stdout.write(f"{text}\n")
        os.write(1, b"from a library\n")
        sys.stderr.write("last\n")
        return wrx(*inputs)

    assert asked(loud) == wrx(*INPUTS)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{text}\nfrom a library\nlast\n"


def test_a_plan_may_be_larger_than_a_pipe() -> None:
    """It arrives whole, however many pieces it takes."""
    made = replace(wrx(*INPUTS), io_budget_ns=tuple(range(10**9, 10**9 + 200_000)))
    assert asked(lambda *_: made) == made


def test_many_threads_may_plan_at_once(tmp_path: Path) -> None:
    """Each gets its own plan, and no warning is shown for a fork beside other threads."""
    path, made = scenario_with(tmp_path, "time.sleep(0.1)"), []
    threads = [threading.Thread(target=lambda: made.append(plan(path, "./mine.py:p"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [wrx(*INPUTS)] * 8


def test_a_planner_may_ask_another_strangers_planner() -> None:
    """A process within a process: the inner one's error is the outer one's."""

    def inner(*_: object) -> Plan:
        raise InfeasibleError("inner is short")

    with pytest.raises(InfeasibleError, match="inner is short"):
        asked(lambda *_: asked(inner))
    assert asked(lambda *_: asked(stranger)) == wrx(*INPUTS)


def test_a_process_that_cannot_be_had_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of processes is reached: nothing is left open, and there is a way out."""

    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = descriptors() if sys.platform == "linux" else set()
    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(PluginError, match="no process can be had for it, Resource temporarily unavailable; with EDG"):
        asked(stranger)
    assert sys.platform != "linux" or descriptors() == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


@LINUX
def test_nothing_is_left_of_a_hundred_calls() -> None:
    """No file is open, no child unreaped, whether they succeed, fail or crash."""

    def some(model: object, device: object, budget: object, *, kind: int) -> Plan:
        if kind == 1:
            raise ValueError
        if kind == 2:
            os._exit(1)
        return wrx(model, device, budget)

    before, children = descriptors(), Path(f"/proc/self/task/{os.getpid()}/children")
    born_before = set(children.read_text().split())  # of other tests in this process
    for number in range(100):
        if number % 3:
            with pytest.raises(PluginError):
                asked(some, kind=number % 3)
        else:
            asked(some, kind=0)
    assert descriptors() == before
    assert set(children.read_text().split()) <= born_before


LINGERING = """subprocess = __import__("subprocess")
    child = subprocess.Popen(["sleep", "600"])
    open(os.environ["PIDS"] + ".part", "w").write(f"{os.getpid()} {os.getppid()} {child.pid}")
    os.rename(os.environ["PIDS"] + ".part", os.environ["PIDS"])
    while True: pass"""
"""A planner that starts a solver, notes who is there, and never ends."""
ENDS = {
    "killed": lambda edgesim, pids: edgesim.kill(),
    "terminated": lambda edgesim, pids: edgesim.terminate(),
    "Ctrl-C": lambda edgesim, pids: os.killpg(edgesim.pid, signal.SIGINT),
    "keeper killed": lambda edgesim, pids: os.kill(pids[1], signal.SIGKILL),
}


def lingering(folder: Path, **environment: str) -> "subprocess.Popen[str]":
    """Start edgesim with such a planner, in a process group of its own as a shell would."""
    path = scenario_with(folder, LINGERING)
    command = [sys.executable, "-m", "edgesim", "plan", str(path), "--planner", "./mine.py:p"]
    env = os.environ | {"PIDS": str(folder / "pids")} | environment
    return subprocess.Popen(command, cwd=folder, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)


@LINUX
@pytest.mark.parametrize("how", ENDS)
def test_whoever_is_killed_nothing_is_left(tmp_path: Path, how: str) -> None:
    """Planner, keeper and what the planner started are gone when edgesim is; Ctrl-C is a sentence."""
    with lingering(tmp_path) as edgesim:
        until((tmp_path / "pids").exists)
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        ENDS[how](edgesim, pids)
        kept = pids[2:] if how == "keeper killed" else []
        until(lambda: all(gone(pid) for pid in pids if pid not in kept))
        for pid in kept:
            os.kill(pid, signal.SIGKILL)  # the price of killing the very process that is there to end it
        said = edgesim.communicate()[1]
    if how == "Ctrl-C":
        assert (edgesim.returncode, said) == (130, "edgesim: interrupted\n")
    if how == "keeper killed":
        assert edgesim.returncode == 3
        assert "./mine.py:p: crashed, " in said


@LINUX
def test_nothing_is_left_of_one_that_was_ended(tmp_path: Path) -> None:
    """What it started ends with it."""
    with lingering(tmp_path, **{SECONDS: "5"}) as edgesim:
        until((tmp_path / "pids").exists)
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        assert "was ended after 5 s without a plan" in edgesim.communicate()[1]
        until(lambda: all(map(gone, pids)))


def test_a_comparison_goes_on(tmp_path: Path) -> None:
    """The one that crashed is left out with its exit code; all others are there."""
    comparison = compare(scenario_with(tmp_path, "os.abort()"), ["./mine.py:p", "wrx", "std_pipeline[bitwidth=2]"])
    assert [result.planner for result in comparison.results] == ["wrx", "std_pipeline[bitwidth=2]"]
    assert [(left.planner, left.exit_code) for left in comparison.left_out] == [("./mine.py:p", 3)]


def test_standard_error_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's is no file."""
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    asked(lambda *inputs: (sys.stdout.write("seen\n"), wrx(*inputs))[1])
    assert shown.getvalue() == "seen\n"
