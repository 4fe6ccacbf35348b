"""The command `report`: what it prints and where, what it writes, and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from swept_frames import PLANNERS, real_frame

from edgesim.cli import main
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.findings import report
from edgesim.sweeps.manifest import Identity, read_manifest

Call = Callable[..., tuple[int, str, str]]
KEYS = {"target_latency": ["100 ms", "200 ms", "400 ms"], "preload_buffer": ["0 B", "1 MB"]}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return the rows of a small sweep."""
    return real_frame(KEYS)


def stored(folder: Path, frame: pd.DataFrame, points: int, units: dict[str, str] | None = None) -> Path:
    """Keep rows in a dataset of so many points."""
    identity = Identity(
        scenario="quickstart", file="quickstart.yaml", inputs={}, keys=tuple(KEYS), planners=PLANNERS, points=points
    )
    columns = {name: str(kind) for name, kind in frame.dtypes.items()}
    with Dataset.open(folder, identity, columns, units=units) as dataset:
        dataset.add(frame)
        dataset.close(complete=len(frame) == points)
    return folder


@pytest.fixture(scope="module")
def folder(frame: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset that is complete."""
    return stored(tmp_path_factory.mktemp("whole") / "swept", frame, len(frame))


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs the command and gives exit code, standard output and standard error."""

    def called(*arguments: object) -> tuple[int, str, str]:
        return main(["report", *map(str, arguments)]), *capsys.readouterr()

    return called


def test_a_complete_sweep_is_told(call: Call, folder: Path) -> None:
    """Counts, fronts and the map, on standard output alone."""
    code, out, err = call(folder)
    assert (code, err) == (0, "")
    assert out.startswith("quickstart: 24 points, 4 planners\n")
    assert "Incomplete" not in out
    for part in ("Pareto fronts: latency, held memory and fidelity", "Best planner of those that meet the target"):
        assert part in out


def test_an_incomplete_sweep_says_so_at_the_top(call: Call, frame: pd.DataFrame, tmp_path: Path) -> None:
    """How many points are missing; the rest is of what is there, also for some planners only."""
    some = stored(tmp_path / "some", frame.iloc[:18], len(frame))
    code, out, _ = call(some)
    assert code == 0
    assert out.splitlines()[0].startswith("quickstart: 18 points, 4 planners")
    assert out.splitlines()[1].startswith("Incomplete: 6 of 24 points are missing")
    assert "Incomplete: 2 of 6 points are missing" in call(some, "--planner", PLANNERS[2])[1]


def test_a_sweep_without_rows_is_told_in_one_sentence(call: Call, frame: pd.DataFrame, tmp_path: Path) -> None:
    """Nothing is done yet, by anyone or the planners asked for; or nothing is left to do."""
    begun = stored(tmp_path / "begun", frame.iloc[:0], 24)
    some = stored(tmp_path / "some", frame[frame["planner"] != "wrx"], 24)
    for folder, options, says in (
        (begun, [], "has no rows yet; compute them with edgesim sweep and --resume"),
        (begun, ["--planner", "wrx"], "has no rows yet; compute them with edgesim sweep and --resume"),
        (some, ["--planner", "wrx"], "has no rows of wrx yet; compute them with edgesim sweep and --resume"),
    ):
        assert call(folder, *options) == (2, "", f"edgesim: {folder}: {says}\n")
    with Dataset.open(begun, read_manifest(begun).identity, read_manifest(begun).columns, resume=True) as dataset:
        dataset.close(complete=True)
    says = "has no rows, the filters of the sweep leave out all of its 24 points"
    assert call(begun) == (2, "", f"edgesim: {begun}: {says}\n")


def test_lines_are_as_wide_as_is_usual_where_there_is_no_terminal(call: Call, folder: Path) -> None:
    """A file or a pipe has no width of its own."""
    widths = [len(line) for line in call(folder)[1].splitlines()]
    assert 100 < max(widths) <= 120


def test_a_share_in_time_can_be_asked_for(call: Call, folder: Path, frame: pd.DataFrame) -> None:
    """Of single inferences with one seed all is what any share is."""
    assert json.loads(call(folder, "--met", "95 %", "--json", "-")[1]) == json.loads(
        json.dumps(report(frame, least_met=0.95).to_dict())
    )
    assert call(folder, "--met", "95 %") == call(folder)


def test_json_has_everything(call: Call, folder: Path, frame: pd.DataFrame) -> None:
    """The same as the rows say without a dataset; alone on standard output."""
    code, out, _ = call(folder, "--json", "-")
    assert code == 0
    assert json.loads(out) == json.loads(json.dumps(report(frame).to_dict()))
    assert json.loads(call(folder, "--json", "-", "--memory", "peak")[1])["memory"] == "peak_memory_bytes"


def test_planners_can_be_chosen_by_label_or_name(call: Call, folder: Path) -> None:
    """A name stands for all its options; that others were swept is said."""
    _, out, _ = call(folder, "--planner", "std_pipeline")
    assert out.startswith("quickstart: 12 points, 2 planners\nOnly with --planner; 2 more planners were swept.")
    _, out, _ = call(folder, "--planner", "std_pipeline[bitwidth=6]", "--planner", "wrx")
    assert out.startswith("quickstart: 12 points, 2 planners\n")
    assert "bitwidth=2" not in out


def test_axes_can_be_chosen(call: Call, folder: Path) -> None:
    """By the key, or by the column that has its values."""
    for key in ("preload_buffer", "preload_buffer_bytes"):
        out = call(folder, "--x", key)[1]
        assert "preload buffer [MB] across, target latency [ms] up" in out


def test_memory_can_be_limited(call: Call, folder: Path, frame: pd.DataFrame) -> None:
    """What is held, or the peak; who is best is found among the others, and the limit is named wherever it matters."""
    cases = ("held", "held", "99.5 MB", 99_500_000), ("peak", "at the peak", "0.115GB", 115_000_000)
    for memory, words, most, limit in cases:
        code, out, _ = call(folder, "--within", most, "--memory", memory)
        beyond = int((frame[f"{memory}_memory_bytes"] > limit).sum())
        assert code == 0
        assert 0 < beyond < frame["latency_ns"].notna().sum()
        said = f"with at most {limit / 1e6:g} MB {words}"
        plans = f"{beyond} of {frame['latency_ns'].notna().sum()} plans have more."
        assert out.splitlines()[1] == f"Fronts and who is best: of plans {said}; {plans}"
        assert f"memory and fidelity, of plans {said}\n" in out
        assert f"meet the target {said}: best quality" in out
        assert f"nobody meets the target {said}.\n" in out
        assert "Memory does not limit" not in out
        data = json.loads(call(folder, "--within", most, "--memory", memory, "--json", "-")[1])
        assert data == json.loads(json.dumps(report(frame, memory=memory, within_bytes=limit).to_dict()))


def test_units_come_with_the_sweep(call: Call, frame: pd.DataFrame, tmp_path: Path) -> None:
    """Without them numbers are plain, whatever a key is called."""
    rows = frame.assign(**{"storage.read.bandwidth": pd.array([20_000_000, 80_000_000] * 12, dtype="Int64")})
    names = list(rows.columns)
    names.insert(names.index("status"), names.pop())
    for units, said in ({"storage.read.bandwidth": "B/s"}, "2: 20, 80 MB/s"), ({}, "2: 20,000,000, 80,000,000"):
        out = call(stored(tmp_path / f"swept{len(units)}", rows[names], len(rows), units))[1]
        assert f"storage.read.bandwidth  {said}" in out


def test_csv_has_the_steps_of_the_fronts(call: Call, folder: Path, frame: pd.DataFrame, tmp_path: Path) -> None:
    """Each with the point that reaches it, whose row has the same figures."""
    code, _, err = call(folder, "--csv", tmp_path / "front.csv")
    assert (code, err) == (0, f"edgesim: wrote {tmp_path / 'front.csv'}\n")
    steps = pd.read_csv(tmp_path / "front.csv").set_index("point")
    rows = frame.set_index("point").loc[steps.index]
    for ours, theirs in (
        ("latency_ns", "latency_ns"),
        ("held_memory_bytes", "held_memory_bytes"),
        ("quality", "fidelity"),
    ):
        assert steps[ours].tolist() == rows[theirs].tolist()
    assert len(steps) == len(report(frame).fronts.frame)


def test_pictures_are_drawn(call: Call, folder: Path, tmp_path: Path) -> None:
    """Maps of any figure, and fronts; each is said."""
    maps, fronts = tmp_path / "maps.pdf", tmp_path / "fronts.svg"
    code, _, err = call(folder, "--plot", maps, "--front", fronts, "--of", "stall_ns")
    assert (code, err) == (0, f"edgesim: drew {maps}\nedgesim: drew {fronts}\n")
    assert maps.read_bytes().startswith(b"%PDF")
    assert "<svg" in fronts.read_text()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--x", "target"],
            "--x: 'target' was not swept; did you mean 'target_latency'? known: preload_buffer, target_",
        ),
        (["--x", "preload_buffer", "--y", "preload_buffer"], "--y: is the same key as --x, got 'preload_buffer'"),
        (
            ["--of", "latency", "--plot", "x.png"],
            "--of: 'latency' is no figure of the sweep; did you mean 'latency_ns'?",
        ),
        (["--of", "engine", "--plot", "x.png"], "--of: 'engine' is no figure of the sweep; "),
        (["--of", "latency_ns"], "--of: is what maps show; draw them with --plot FILE"),
        (["--planner", "wrxx"], "--planner: 'wrxx' is not in the sweep; did you mean 'wrx'? known: preload_model["),
        (["--within", "100"], "--within: needs a unit, got 100; write for example '100 MB'"),
        (["--met", "0.9"], "--met: must be a share such as '5 %', got 0.9"),
        (["--met", "0 %"], "--met: must be more than 0 % and at most 100 %, got 0 %"),
        (["--met", "101 %"], "--met: must be more than 0 % and at most 100 %, got 101 %"),
        (["--within", "1 ms"], "--within: unknown unit 'ms' in '1 ms'; known: B, GB, "),
        (["--within", "1 kB"], "--within: no plan has so little memory, got 1 kB; the least is 98."),
        (["--csv", "-"], "--csv: needs the name of a file, got '-'"),
        (["--plot", "x.gif"], "x.gif: the suffix is the format of a plot, got '.gif'"),
    ],
)
def test_what_cannot_be_is_refused(call: Call, folder: Path, arguments: list[str], says: str) -> None:
    """One sentence with the nearest names, exit code 2, and nothing on standard output."""
    code, out, err = call(folder, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"edgesim: {says}")
    assert err.count("\n") == 1


def test_a_folder_that_is_no_sweep_is_refused(call: Call, tmp_path: Path) -> None:
    """As is one that is not there, or a file."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "none", tmp_path / "file"):
        code, out, err = call(path)
        assert (code, out) == (2, "")
        assert err.startswith(f"edgesim: {path}: ")
        assert err.count("\n") == 1
