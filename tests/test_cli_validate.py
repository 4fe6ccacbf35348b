"""The command validate: what it refuses before anything is executed, what it prints and writes, and its exit codes."""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from executed import make_store
from played import CASES, played
from strategies import toy_device
from test_trace import events, perfetto_ns
from validated import (
    campaign_of,
    run_of,
    stretched,
    stretched_run,
    toy_case,
    with_handoffs,
    write_scenario,
)

from edgesim import revalidate
from edgesim.cli import main
from edgesim.validation.cases import case_of
from edgesim.validation.evidence import write_campaign

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return a function that validates in a folder of its own: exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["validate", *map(str, arguments)])
        return code, *capsys.readouterr()

    return called


@pytest.fixture
def near(tmp_path: Path) -> Path:
    """Return the file of a campaign of two plans that is within tolerance."""
    first, second = toy_case(), toy_case(((2, 2), (2, 2)), planner="lean", throttle=toy_device(name="other"))
    rows = [(first, [stretched_run(first, 21, 20)]), (second, [run_of(second), stretched_run(second, 11, 10)])]
    write_campaign(tmp_path / "near.gz", campaign_of(*rows, circumstances={"executed": "yesterday"}))
    return tmp_path / "near.gz"


@pytest.fixture
def far(tmp_path: Path) -> Path:
    """Return the file of the same campaign with reality twice as slow."""
    case = toy_case()
    write_campaign(tmp_path / "far.gz", campaign_of((case, [stretched_run(case, 21, 10)])))
    return tmp_path / "far.gz"


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """Return the file of a campaign that was disturbed."""
    case = toy_case()
    write_campaign(tmp_path / "lost.gz", campaign_of((case, [run_of(case, disturbed="stolen")])))
    return tmp_path / "lost.gz"


NEEDS_ONE = "edgesim: validate: needs a SCENARIO to execute, or --from FILE of one that was; not both\n"


@pytest.mark.parametrize("option", ["--store", "--device", "--throttle", "--planner", "--task"])
def test_what_is_executed_is_a_scenario_or_was_one(call: Call, near: Path, option: str) -> None:
    """One of both, and nothing that has no effect."""
    assert call() == (2, "", NEEDS_ONE)
    assert call("quickstart", "--from", near) == (2, "", NEEDS_ONE)
    code, out, err = call("--from", near, option, "x")
    says = f"edgesim: {option}: is for executing a SCENARIO; the campaign of --from was executed already\n"
    assert (code, out, err) == (2, "", says)


def test_repeats_must_be_some(call: Call) -> None:
    """A number, and at least one."""
    assert call("quickstart", "--repeats", "0") == (2, "", "edgesim: repeats: must be at least 1, got 0\n")
    with pytest.raises(SystemExit):
        call("quickstart", "--repeats", "many")


def test_a_scenario_without_a_store_is_refused(call: Call, tmp_path: Path) -> None:
    """It names none, or one that is not there or of another model."""
    assert call("quickstart")[2].startswith("edgesim: quickstart: names no shard store to execute; add 'store: DIR'")
    assert call("quickstart", "--store", "none")[0] == 2
    make_store(tmp_path / "store")
    code, out, err = call("quickstart", "--store", "store")
    assert (code, out) == (2, "")
    assert err.startswith("edgesim: store: holds tiny at [2, 3, 4, 5, 6, 32] bits, the scenario's model is dynabert")
    assert err.count("\n") == 1


def test_what_is_wrong_or_impossible_has_its_exit_code(call: Call) -> None:
    """As for every other command."""
    assert call("none-such")[0] == 2
    assert call("quickstart", "--throttle", "none-such")[0] == 2
    assert call("quickstart", "--device", "none-such")[0] == 2
    assert call("quickstart", "--planner", "none-such")[0] == 3
    assert call("quickstart", "--earlier", "none.gz") == (2, "", "edgesim: none.gz: no such file\n")


def test_without_torch_one_sentence_says_how_to_get_it(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where everything else is right; and what was executed before can be read without it."""
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "edgesim.backends.real.torch_processors", raising=False)
    path = write_scenario(make_store(tmp_path / "store"))
    code, out, err = call(path, "--no-realtime", "--loader", "thread")
    says = "edgesim: torch is needed for this; install it with: pip install 'edgesim[real]'\n"
    assert (code, out, err) == (2, "", says)


BAD_OUTPUTS = [
    (("--json", "none/x"), "none/x: cannot be written, there is no folder none; make it first"),
    (("--spans", "."), ".: cannot be written, it is a directory"),
    (("--spans", "-"), "--spans: needs the name of a file, got '-'"),
    (("--trace", ""), "--trace: needs the name of a file, got ''"),
    (
        ("--plot", "x.jpg"),
        "x.jpg: the suffix is the format of a plot, got '.jpg'; did you mean '.png'? known: .pdf, .png, .svg",
    ),
    (("--spans", "a", "--trace", "a"), "--spans: a is read or written already; name another file"),
    (("--json", "far.gz"), "--json: far.gz is read or written already; name another file"),
]


@pytest.mark.usefixtures("near", "far")
@pytest.mark.parametrize(("arguments", "says"), BAD_OUTPUTS, ids=[row[1] for row in BAD_OUTPUTS])
@pytest.mark.parametrize("source", [("--from", "near.gz"), ("quickstart",)], ids=" ".join)
def test_what_cannot_be_written_is_refused_beforehand(
    call: Call, source: tuple[str, ...], arguments: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours of measuring are not thrown away, nor is what was measured before written over."""
    for verb in ("validate", "revalidate"):
        monkeypatch.setattr(f"edgesim.validation.verbs.{verb}", lambda *_, **__: pytest.fail("something was done"))
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    code, out, err = call(*source, "--earlier", "far.gz", *arguments)
    assert (code, out, err) == (2, "", f"edgesim: {says}\n")
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before


def test_the_campaign_that_is_read_is_not_written_over(call: Call, near: Path) -> None:
    """Nor under another name."""
    (near.parent / "link").symlink_to("near.gz")
    for name in ("near.gz", "link"):
        says = f"edgesim: --spans: {name} is read or written already; name another file\n"
        assert call("--from", near, "--spans", name) == (2, "", says)


def test_the_exit_code_is_the_verdict(call: Call, near: Path, far: Path, lost: Path) -> None:
    """0 within tolerance; 1 out of it, or not validated; the last line says it."""
    for path, code, says in (
        (near, 0, "Within tolerance: the median error of every class is at most 5.00 %."),
        (far, 1, "Out of tolerance: the median error of a class exceeds 5.00 %."),
        (lost, 1, "Not validated: too many runs were disturbed to tell. Repeat it on a quiet machine."),
    ):
        found, out, err = call("--from", path)
        assert (found, err, out.splitlines()[-1]) == (code, "", says)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("minilm-9", "no such campaign; did you mean 'minilm-3'? known: minilm-1, minilm-2, minilm-3; or a path with"),
        ("quickstart", "no such campaign; it is one of the scenarios"),
    ],
)
def test_a_name_is_that_of_a_shipped_campaign(call: Call, name: str, says: str) -> None:
    """As of scenarios and devices; of any other the known ones are said."""
    code, out, err = call("--from", "minilm-1", "--earlier", name)
    assert (code, out) == (2, "")
    assert err.startswith(f"edgesim: {name}: {says}")


def test_json_alone_on_standard_output(call: Call, near: Path) -> None:
    """With --json - it can be piped; in a file it is the same, and the answer is still printed."""
    code, out, err = call("--from", near, "--json", "-")
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads(json.dumps(revalidate(near).to_dict()))
    code, text, _ = call("--from", near, "--json", "x.json")
    assert Path("x.json").read_text() == out
    assert text.startswith("toy: 2 plans, 3 real runs; ")


def test_the_answer_says_what_is_known(call: Call, near: Path, lost: Path) -> None:
    """Classes by name, kinds, the choice on each storage, plans, and why something is missing."""
    _, out, _ = call("--from", near)
    for says in (
        r"^native storage +1 +0 +-4\.76 % ", r"^emulated storage, compute-bound +1 +0 +-4\.76 % ",
        r"^On native: the simulator chooses toy, which is really the fastest\.$",
        r"^other +1 +- +- +0\.00 % +1 of 1$", r"^toy +native +0\.00046 ms +0\.000483 ms +-4\.76 % +0\.00 % +0 of 1 ",
        r"^Executed yesterday on an unknown CPU\.$", r"^Emulated storage takes the time that the simulator's own",
    ):  # fmt: skip
        assert re.search(says, out, re.MULTILINE), says
    assert "drift" not in out
    out = call("--from", lost)[1]
    assert "Not validated: toy: 1 of 1 runs were disturbed, for example: stolen.\n" in out


def test_many_plans_are_shown_in_part(call: Call, tmp_path: Path) -> None:
    """Those with the largest errors, and of the missing the first; the JSON has all."""
    cases = [toy_case(changes={"target_latency": f"{number} ms"}) for number in range(40)]
    rows = [(case, [stretched_run(case, 100 + number, 100)]) for number, case in enumerate(cases)]
    gone = [toy_case(planner=f"gone{number}") for number in range(11)]
    write_campaign(tmp_path / "x", campaign_of(*rows, *[(case, [run_of(case, disturbed="d")]) for case in gone]))
    out = call("--from", "x", "--json", "all")[1]
    assert "plan (of 51 those with the largest errors)" in out
    assert len(re.findall(r"^toy · \d+ ms", out, re.MULTILINE)) == 30
    assert re.search(r"^toy · 39 ms ", out, re.MULTILINE)
    assert "\nNot validated: gone7: " in out
    assert "\nNot validated: 3 more; the JSON says why.\n" in out
    assert len(json.loads(Path("all").read_text())["agreements"]) == 51


def test_another_session_shows_how_far_reality_drifts(call: Call, near: Path, far: Path, lost: Path) -> None:
    """In a column of its own; a session without the same plans is told."""
    out = call("--from", near, "--earlier", far)[1]
    assert re.search(r"structural +its worst +drift$", out, re.MULTILINE)
    assert re.search(r"^native storage .* 50\.00 %$", out, re.MULTILINE)
    assert re.search(r"^emulated storage, compute-bound .* unknown$", out, re.MULTILINE)
    out = call("--from", near, "--earlier", lost)[1]
    assert "\nLeft out: the earlier session: has none of these plans\n" in out


def test_what_was_measured_can_be_kept_again(call: Call, near: Path) -> None:
    """--spans writes the same bytes that were read."""
    code, _, err = call("--from", near, "--spans", "again.gz")
    assert (code, err) == (0, "edgesim: wrote again.gz\n")
    assert Path("again.gz").read_bytes() == near.read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has /dev/full, others do not")
def test_what_was_measured_is_kept_whatever_fails_later(call: Call, near: Path) -> None:
    """The disk is full where the JSON is to be."""
    code, _, err = call("--from", near, "--spans", "again.gz", "--json", "/dev/full")
    assert (code, err.splitlines()[0]) == (2, "edgesim: wrote again.gz")
    assert Path("again.gz").read_bytes() == near.read_bytes()


def test_pictures_are_drawn(call: Call, near: Path, lost: Path) -> None:
    """In every format; of nothing there is none, and the verdict stands."""
    for name, begins in (("x.png", b"\x89PNG"), ("x.svg", b"<?xml"), ("x.pdf", b"%PDF")):
        code, _, err = call("--from", near, "--plot", name)
        assert (code, err) == (0, f"edgesim: drew {name}\n")
        assert Path(name).read_bytes().startswith(begins)
    code, _, err = call("--from", lost, "--plot", "none.png", "--trace", "t")
    assert (code, err) == (1, "edgesim: none.png: not drawn, nothing was validated\n")
    assert not Path("none.png").exists()
    assert json.loads(Path("t").read_text())["traceEvents"] == []


@pytest.fixture
def trace(call: Call, tmp_path: Path) -> dict[str, Any]:
    """Return the trace of every kind of span, lane and session, real and simulated."""
    rows = []
    for keys in CASES.values():
        case = case_of(*played(**keys), {})
        odd = with_handoffs(stretched(case.simulated, 1003, 1000), 1001) if len(case.simulated.requests) == 1 else None
        rows.append((case, [run_of(case, odd, turn=7)]))
    write_campaign(tmp_path / "played.gz", campaign_of(*rows, circumstances={"executed": "today"}))
    call("--from", "played.gz", "--trace", "trace.json")
    found: dict[str, Any] = json.loads(Path("trace.json").read_text())
    return found


def test_a_trace_has_two_processes_for_each_plan(trace: dict[str, Any]) -> None:
    """Simulated above real, with tracks and slices of the same names."""
    for pid in range(1, 2 * len(CASES), 2):
        processes = [process(trace, number) for number in (pid, pid + 1)]
        (simulated, tracks, slices), (real, real_tracks, real_slices) = processes
        assert real == f"{simulated.removesuffix(' · simulated')} · real, run 7"
        assert tracks == real_tracks
        assert set(real_slices) - {"hand-off"} == set(slices) - {"hand-off"}
        assert sorted(slices).count("compute layer 0") == sorted(real_slices).count("compute layer 0") > 0
    assert trace["otherData"]["circumstances"] == {"executed": "today"}


def process(trace: dict[str, Any], pid: int) -> tuple[str, list[str], list[str]]:
    """Return a process's name, and those of its tracks and slices."""
    meta = events(trace, "M", pid)
    (name,) = [event["args"]["name"] for event in meta if event["name"] == "process_name"]
    tracks = [event["args"]["name"] for event in meta if event["name"] == "thread_name"]
    return name, tracks, [event["name"] for event in events(trace, "X", pid)]


def test_slices_of_a_trace_never_overlap(trace: dict[str, Any]) -> None:
    """On each track, after truncation to nanoseconds as Perfetto does; it would drop one by one."""
    tracks: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for pid in range(1, 2 * len(CASES) + 1):
        for slice_ in events(trace, "X", pid):
            start = perfetto_ns(slice_["ts"])
            tracks[pid, slice_["tid"]].append((start, start + perfetto_ns(slice_["dur"])))
    assert len(tracks) >= 2 * len(CASES)
    assert all(end <= start for track in tracks.values() for (_, end), (start, _) in pairwise(sorted(track)))


def test_a_trace_tells_bytes_of_loads(trace: dict[str, Any]) -> None:
    """As the trace of a run does, in both processes."""
    for pid in (1, 2):
        slices = events(trace, "X", pid)
        assert {"bytes" in slice_["args"] for slice_ in slices if slice_["cat"] == "load"} == {True}
        assert {"bytes" in slice_["args"] for slice_ in slices if slice_["cat"] != "load"} == {False}
