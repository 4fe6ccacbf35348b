"""Reading a dataset of a sweep: all of what was written, once, and in little memory."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from swept import COLUMNS, LABELS, identity, rows

from edgesim.cli import main
from edgesim.errors import InputError
from edgesim.sweeps import dataset as module
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.reading import read_compact, read_sweep

pytest.importorskip("pyarrow")
POINTS = 60


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a complete dataset in which each planner has several parts."""
    monkeypatch.setattr(module, "ROWS", 20)
    folder = tmp_path / "out"
    with Dataset.open(folder, identity(POINTS), COLUMNS) as dataset:
        for first in range(0, POINTS, 20):
            dataset.add(rows(range(first, first + 20)))
        dataset.close(complete=True)
    return folder


def parts(folder: Path, label: str = "*") -> list[Path]:
    """Return all parts, or those of a planner."""
    return sorted(folder.glob(f"planner={label}/part-*.parquet"))


def test_a_part_that_is_missing_is_told(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By readers and the report, whatever else is there; not to those who read other planners only."""
    for part in parts(out, "wrx"):
        part.unlink()
    with pytest.raises(InputError) as failed:
        read_sweep(out)
    said = str(failed.value)
    assert said.startswith(f"{out / 'planner=wrx'}/part-000000000-")
    assert said.endswith(
        ".parquet: is missing, as are 2 more parts; put it back, or compute its points again with --resume"
    )
    assert main(["report", str(out)]) == 2
    assert capsys.readouterr() == ("", f"edgesim: {said}\n")
    others = rows(range(POINTS))
    others = others[others["planner"] != "wrx"].reset_index(drop=True)
    pd.testing.assert_frame_equal(read_sweep(out, planners=LABELS[1:]), others)
    with Dataset.open(out, identity(POINTS), COLUMNS, resume=True) as dataset:
        assert {LABELS[point % len(LABELS)] for point in dataset.pending()} == {"wrx"}
        dataset.add(rows(list(dataset.pending())))
    pd.testing.assert_frame_equal(read_sweep(out), rows(range(POINTS)))


def test_one_part_that_is_missing_is_one(out: Path) -> None:
    """The last, too."""
    parts(out)[-1].unlink()
    with pytest.raises(InputError, match=r"parquet: is missing; put it back, or compute"):
        read_sweep(out)


def test_a_part_that_the_manifest_does_not_know_yet_is_read(out: Path) -> None:
    """A sweep that runs or was killed has more parts than its manifest lists."""
    manifest = out / "_manifest.json"
    before = manifest.read_bytes()
    parts(out)[0].unlink()
    with Dataset.open(out, identity(POINTS), COLUMNS, resume=True) as dataset:
        dataset.flush()
        older = manifest.read_bytes()
        dataset.add(rows(list(dataset.pending())))
    manifest.write_bytes(older)
    assert before != older
    pd.testing.assert_frame_equal(read_sweep(out), rows(range(POINTS)))


@pytest.mark.parametrize("label", ["wrx", "another"])
def test_a_point_that_is_there_twice_is_told(out: Path, label: str) -> None:
    """With both parts, also where the copy is another planner's."""
    one = parts(out, "wrx")[1]
    other = (parts(out, "wrx")[0] if label == "wrx" else parts(out, "*g*")[-1]).with_name("part-7-7.parquet")
    shutil.copy(one, other)
    with pytest.raises(InputError) as failed:
        read_sweep(out, ["fidelity"])
    said = str(failed.value)
    assert said.count(str(one)) == said.count(str(other)) == 1
    assert ": has point 27, which " in said
    assert said.endswith("has too; no sweep writes both: remove the one that is a copy, or was put there")


def test_texts_can_be_categories(out: Path) -> None:
    """The same rows otherwise, in the same order; each text is there once."""
    found, wanted = read_compact(out, list(COLUMNS), LABELS), rows(range(POINTS))
    texts = [name for name, kind in COLUMNS.items() if kind == "string"]
    assert {str(found[name].dtype) for name in texts} == {"category"}
    assert sorted(found["planner"].cat.categories) == sorted(LABELS)
    pd.testing.assert_frame_equal(found.astype(COLUMNS), wanted)
