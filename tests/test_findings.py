"""The public verb that tells what a sweep says: of rows or of a folder, with options as people write them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from swept_frames import made_frame

import edgesim
from edgesim.sweeps.findings import report
from edgesim.sweeps.ready import Where, read_sweep_file
from edgesim.sweeps.verbs import store_sweep

ROWS = [
    {"device": device, "planner": planner, "fidelity": quality, "held_memory_bytes": held, "target_met_fraction": share}
    for device in ("a", "b")
    for planner, quality, held, share in (
        ("wrx", 0.5, 10**7, 1.0), ("oracle", 0.6, 3 * 10**7, 0.9), ("std_pipeline[bitwidth=2]", 0.2, 10**6, 1.0),
    )
]  # fmt: skip


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return rows of three planners on two devices."""
    return made_frame(ROWS)


def test_rows_are_told_of_as_the_report_does(frame: pd.DataFrame) -> None:
    """The same findings, by default."""
    assert edgesim.findings(frame).to_dict() == report(frame).to_dict()


def test_options_are_written_as_people_do(frame: pd.DataFrame) -> None:
    """Sizes and shares as texts or as numbers."""
    within = report(frame, within_bytes=2 * 10**7).to_dict()
    assert edgesim.findings(frame, within="20 MB").to_dict() == within
    assert edgesim.findings(frame, within=20_000_000).to_dict() == within
    assert edgesim.findings(frame, met="90 %").to_dict() == report(frame, least_met=0.9).to_dict()
    assert edgesim.findings(frame, memory="peak").to_dict() == report(frame, memory="peak").to_dict()


def test_planners_can_be_chosen(frame: pd.DataFrame) -> None:
    """By label, or by the name that stands for all of its options."""
    for names in (["wrx", "std_pipeline"], ["std_pipeline[bitwidth=2]", "wrx"]):
        found = edgesim.findings(frame, planners=names)
        assert {row.planner for row in found.summary.planners} == {"wrx", "std_pipeline[bitwidth=2]"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"planners": ["nobody"]}, "^planners: 'nobody' is not in the sweep; known: wrx, oracle, std_pipeline"),
        ({"memory": "all"}, "^memory: must be 'held' or 'peak', got 'all'$"),
        ({"met": "3 MB"}, "^met: must be a share such as '90 %', got '3 MB'$"),
        ({"met": 0}, "^met: must be more than 0 % and at most 100 %, got 0$"),
        ({"within": "much"}, "^within: must be a quantity such as '100 MB', got 'much'$"),
        ({"x": "priority"}, "^x: 'priority' was not swept"),
        ({"x": "device", "y": "device"}, "^y: is the same key as --x"),
    ],
)
def test_a_mistake_is_one_sentence(frame: pd.DataFrame, options: dict[str, object], message: str) -> None:
    """It names the option as it is written in Python."""
    with pytest.raises(edgesim.InputError, match=message):
        edgesim.findings(frame, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.set_index("planner"), "^sweep: has no column 'planner'; give rows as edgesim.sweep returns"),
        (lambda rows: rows.drop(columns="fidelity"), "^sweep: has no column 'fidelity'; give rows as edgesim.sweep"),
        (lambda rows: rows[rows["planner"] == "nobody"], "^sweep: has no rows$"),
        (
            lambda rows: rows.to_dict("records"),
            "^sweep: must be a folder, or rows as edgesim.sweep returns them, got list",
        ),
    ],
)
def test_what_is_no_sweep_is_refused(
    frame: pd.DataFrame, change: Callable[[pd.DataFrame], object], message: str
) -> None:
    """In one sentence, before anything is found."""
    with pytest.raises(edgesim.InputError, match=message):
        edgesim.findings(change(frame))  # type: ignore[arg-type]


def test_a_folder_and_its_rows_say_the_same(tmp_path: Path) -> None:
    """Units of the keys are known to both."""
    pytest.importorskip("pyarrow")
    changes = {"sweep": {"target_latency": ["150 ms", "200 ms"], "storage.read.bandwidth": ["40 MB/s", "80 MB/s"]}}
    made = read_sweep_file("quickstart", ["wrx"], changes)
    store_sweep(made, tmp_path / "swept", Where(1))
    folder = edgesim.findings(tmp_path / "swept").to_dict()
    assert edgesim.findings(edgesim.read_sweep(tmp_path / "swept")).to_dict() == folder
    rows = edgesim.sweep("quickstart", ["wrx"], changes=changes, workers=1)
    assert rows.attrs["units"] == {"storage.read.bandwidth": "B/s"}
    assert edgesim.findings(rows).to_dict() == folder
