"""A dataset of a sweep gives the rows back as they were, goes on where it ended, and is never mixed up with another."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pandas as pd
import pyarrow.dataset
import pytest
from swept import COLUMNS, LABELS, identity, rows

import edgesim
from edgesim.errors import InputError
from edgesim.sweeps import dataset as module
from edgesim.sweeps.dataset import Dataset
from edgesim.sweeps.manifest import MANIFEST, Identity, Manifest, read_manifest
from edgesim.sweeps.reading import read_sweep
from edgesim.sweeps.source import git_revision, source_digest

POINTS = 40


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return where the dataset of a test is; nothing is there."""
    return tmp_path / "out"


def write(folder: Path, points: range | list[int], *, resume: bool = False, complete: bool = False) -> Manifest:
    """Write rows of a sweep of `POINTS` points."""
    with Dataset.open(folder, identity(POINTS), COLUMNS, resume=resume) as dataset:
        dataset.add(rows(points))
        return dataset.close(complete=complete)


def enter(folder: Path, sweep: Identity, columns: dict[str, str]) -> None:
    """Go on with a sweep, and do nothing."""
    with Dataset.open(folder, sweep, columns, resume=True):
        pass


def parts(folder: Path) -> list[Path]:
    """Return all parts."""
    return sorted(folder.glob("planner=*/part-*.parquet"))


def test_rows_come_back_as_they_were(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order and with their types, however they were added: integers that are no floats, labels that are no names."""
    monkeypatch.setattr(module, "ROWS", 7)
    order = list(range(POINTS))
    Random(0).shuffle(order)
    with Dataset.open(out, identity(POINTS), COLUMNS) as dataset:
        for first in range(0, POINTS, 3):
            dataset.add(rows(order[first : first + 3]))
        dataset.close(complete=True)
    assert len(parts(out)) > len(LABELS)
    found, wanted = read_sweep(out), rows(range(POINTS))
    pd.testing.assert_frame_equal(found, wanted)
    assert set(out.iterdir()) - set(out.glob("planner=*")) == {out / MANIFEST, out / ".lock"}  # nothing outside, either


def test_columns_and_planners_can_be_chosen(out: Path) -> None:
    """In the order asked for; what is not asked for is not read."""
    write(out, range(POINTS))
    wanted = rows(range(POINTS))
    pd.testing.assert_frame_equal(read_sweep(out, ["planner", "latency_ns"]), wanted[["planner", "latency_ns"]])
    some = wanted[wanted["planner"].isin(LABELS[3:5])].reset_index(drop=True)
    pd.testing.assert_frame_equal(read_sweep(out, planners=LABELS[3:5]), some)


def test_other_tools_read_it(out: Path) -> None:
    """All rows, with their types, and the planners from the names of folders."""
    write(out, range(POINTS))
    wanted = rows(range(POINTS))
    by_pandas = pd.read_parquet(out).sort_values("point", ignore_index=True)
    by_pyarrow = pyarrow.dataset.dataset(out, partitioning="hive").to_table().sort_by("point").to_pandas()
    for found in (by_pandas, by_pyarrow):
        assert found["planner"].tolist() == wanted["planner"].tolist()
        pd.testing.assert_frame_equal(found.drop(columns="planner"), wanted.drop(columns="planner"))


def test_a_sweep_goes_on_where_it_ended(out: Path) -> None:
    """What is pending has no row; in the end it is as if it had never ended, and the manifest says so."""
    begun = write(out, [*range(3, 9), 20])
    assert (begun.complete, begun.rows) == (False, 7)
    with Dataset.open(out, identity(POINTS), COLUMNS, resume=True) as dataset:
        pending = dataset.pending()
        assert [*pending.ranges] == [range(3), range(9, 20), range(21, POINTS)]
        dataset.add(rows(list(pending)))
        assert len(dataset.pending()) == 0
    manifest = write(out, [], resume=True, complete=True)
    assert manifest == read_manifest(out)
    assert (manifest.complete, manifest.rows, len(manifest.calls)) == (True, POINTS, 3)
    assert all(call.ended and call.versions["pyarrow"] for call in manifest.calls)
    counted = rows(range(POINTS)).groupby(["planner", "status"]).size()
    assert {(label, status): n for label, found in manifest.counts.items() for status, n in found.items()} == dict(
        counted
    )
    pd.testing.assert_frame_equal(read_sweep(out), rows(range(POINTS)))


def test_units_are_told_and_make_no_other_sweep(out: Path) -> None:
    """A sweep that was begun before units were told goes on, and tells them."""
    assert write(out, range(3)).units == {}
    with Dataset.open(out, identity(POINTS), COLUMNS, units={"storage.read.bandwidth": "B/s"}, resume=True):
        pass
    assert read_manifest(out).units == {"storage.read.bandwidth": "B/s"}


def test_what_is_done_is_what_the_parts_say(out: Path) -> None:
    """Not the manifest, which may be older."""
    write(out, [])
    before = (out / MANIFEST).read_bytes()
    write(out, range(9), resume=True)
    (out / MANIFEST).write_bytes(before)
    parts(out)[0].unlink()
    with Dataset.open(out, identity(POINTS), COLUMNS, resume=True) as dataset:
        assert len(dataset.pending()) == POINTS - 8
        assert dataset.manifest.rows == 8


def test_what_fails_keeps_what_was_added(out: Path) -> None:
    """An interrupt comes to the caller, and the rows are there."""
    with pytest.raises(KeyboardInterrupt), Dataset.open(out, identity(POINTS), COLUMNS) as dataset:  # noqa: PT012
        dataset.add(rows(range(9)))
        raise KeyboardInterrupt
    assert len(read_sweep(out)) == 9
    assert not read_manifest(out).complete


def test_rows_are_written_while_a_sweep_runs(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are many, or when some time has gone by."""
    with Dataset.open(out, identity(POINTS), COLUMNS) as dataset:
        dataset.add(rows(range(5)))
        assert len(read_sweep(out)) == 0
        monkeypatch.setattr(module, "ROWS", 6)
        dataset.add(rows([5]))
        assert len(read_sweep(out)) == 6
        monkeypatch.setattr(module, "SECONDS", 0)
        monkeypatch.setattr(module, "SHARE", 0)
        dataset.add(rows([6]))
        assert len(read_sweep(out)) == read_manifest(out).rows == 7


@pytest.mark.parametrize(
    ("points", "says"),
    [([4], "point 4 is"), ([8, 9, 8], "point 8 is"), ([-1], "point -1 is"), ([POINTS], f"point {POINTS} is")],
)
def test_a_point_has_one_row(out: Path, points: list[int], says: str) -> None:
    """Another is our mistake, and is not written."""
    with Dataset.open(out, identity(POINTS), COLUMNS) as dataset:
        dataset.add(rows(range(5)))
        with pytest.raises(ValueError, match=says):
            dataset.add(rows(points))
    assert len(read_sweep(out)) == 5


def test_rows_have_the_columns_and_planners_of_their_sweep(out: Path) -> None:
    """Others are our mistake; so is no planner."""
    with Dataset.open(out, identity(POINTS), COLUMNS) as dataset:
        for name, other in (("latency_ns", "Float64"), ("reason", "str")):
            with pytest.raises(ValueError, match="other columns"):
                dataset.add(rows([1]).astype({name: other}))
        for label in ("wrxx", pd.NA):
            with pytest.raises(ValueError, match="have planners"):
                dataset.add(rows([1]).assign(planner=pd.array([label], dtype="string")))
    pd.testing.assert_frame_equal(read_sweep(out), rows([]))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"planners": LABELS[:2]}, "it differs in planners; "),
        ({"points": 41, "version": "9"}, 'it differs in points (40 before, now 41); version ("0.1.0" before, now "9")'),
        ({"inputs": {"mine.yaml": "22", "b.yaml": "00"}}, "it differs in inputs (b.yaml, mine.yaml); "),
        ({"changes": {"seed": 5}}, "it differs in changes (seed); "),
        ({"source": "22"}, "it differs in source; "),
    ],
)
def test_another_sweep_is_not_mixed_in(out: Path, changed: dict[str, object], says: str) -> None:
    """What differs is named, and nothing changes."""
    write(out, range(9))
    before = (out / MANIFEST).read_bytes()
    with pytest.raises(InputError) as failed:
        enter(out, identity(**{"points": POINTS} | changed), COLUMNS)
    assert says in str(failed.value)
    assert str(failed.value).endswith("; choose another --out, or remove it")
    assert (out / MANIFEST).read_bytes() == before
    with pytest.raises(InputError, match="it differs in columns"):
        enter(out, identity(POINTS), COLUMNS | {"seed": "Int64"})


def test_a_folder_that_is_in_use_is_left_alone(out: Path) -> None:
    """A sweep with rows is gone on with only when that is asked for; other files are never touched."""
    write(out, [])
    write(out, [3])  # one without rows is no loss
    with pytest.raises(InputError, match="has a sweep already; go on with it with --resume, or choose another --out"):
        write(out, [])
    other = out.with_name("other")
    other.mkdir()
    write(other, [])  # an empty one is fine
    (other / MANIFEST).rename(other / "mine.txt")
    (other / ".lock").unlink()
    for resume in (False, True):
        with pytest.raises(InputError, match="is not empty and no sweep; choose another --out"):
            write(other, [], resume=resume)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]
    with pytest.raises(InputError, match="cannot be a folder for rows, "):
        write(other / "mine.txt", [])


def test_one_process_writes_at_a_time(out: Path) -> None:
    """The other is told."""
    program = """if True:
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        from test_dataset import InputError, write
        try:
            write(Path(sys.argv[2]), [], resume=True)
        except InputError as error:
            print(error)
    """
    with Dataset.open(out, identity(POINTS), COLUMNS):
        done = subprocess.run(
            [sys.executable, "-c", program, Path(__file__).parent, out], capture_output=True, text=True, check=True
        )
    assert done.stdout == f"{out}: another process writes to it; let it end, or choose another --out\n"
    write(out, [], resume=True)


@pytest.mark.parametrize("keep", [0, 7, 1000, -1])
def test_a_part_that_is_cut_off_is_computed_again(out: Path, keep: int) -> None:
    """It is set aside and told of; readers that come before say what to do, those that come after do not see it."""
    write(out, range(POINTS))
    part = parts(out)[2]
    part.write_bytes(part.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"is damaged, .*; remove it, and compute its points again with --resume"):
        read_sweep(out)
    with Dataset.open(out, identity(POINTS), COLUMNS, resume=True) as dataset:
        (notice,) = dataset.notices
        assert notice.startswith(f"{part}: is damaged, ")
        lost = dataset.pending()
        assert {LABELS[point % len(LABELS)] for point in lost} == {LABELS[lost[0] % len(LABELS)]}
        dataset.add(rows(list(lost)))
    assert part.with_name(f"_damaged-{part.name}").is_file()
    assert not part.exists()
    pd.testing.assert_frame_equal(read_sweep(out), rows(range(POINTS)))
    assert len(pd.read_parquet(out)) == POINTS


def test_no_byte_changes_a_row_unseen(out: Path) -> None:
    """Wherever a part is damaged, its rows are the same or refused."""
    write(out, range(POINTS))
    part, wanted, refused = parts(out)[0], read_sweep(out), 0
    content = part.read_bytes()
    for place in range(0, len(content), 37):
        part.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            found = read_sweep(out)
        except InputError:
            refused += 1
        else:
            pd.testing.assert_frame_equal(found, wanted)
    assert refused


def test_a_row_that_is_there_twice_is_told(out: Path) -> None:
    """A copy of a part, or a part of another sweep, is not counted and not removed."""
    write(out, range(POINTS))
    part = parts(out)[0]
    shutil.copy(part, part.with_name("part-0-99.parquet"))
    with pytest.raises(InputError, match=r"part-0-99\.parquet|part-0.*: has point \d+, which another part has too"):
        write(out, [], resume=True)
    assert part.with_name("part-0-99.parquet").is_file()


def test_what_cannot_be_read_is_told(out: Path, tmp_path: Path) -> None:
    """In one sentence, with what there is instead."""
    for folder in (tmp_path, out):
        with pytest.raises(InputError, match=f"is no sweep, it has no {MANIFEST}; make one with: edgesim sweep"):
            read_sweep(folder)
    write(out, range(POINTS))
    with pytest.raises(InputError, match="has no column 'latency'; did you mean 'latency_ns'"):
        read_sweep(out, ["latency"])
    with pytest.raises(InputError, match="has no planner 'wrxx'; did you mean 'wrx'"):
        read_sweep(out, planners=["wrxx"])
    for content, says in (("{", "Expecting"), ("{}", "identity, Field required"), ("[]", "Input should be")):
        (out / MANIFEST).write_text(content)
        with pytest.raises(
            InputError, match=rf"json: is damaged, {says}.*; restore it from a copy, or remove {out} and"
        ):
            read_sweep(out)


def test_a_label_must_not_be_too_long(out: Path) -> None:
    """It is the name of a folder."""
    planners = ("wrx", "./" + "ö" * 41 + ".py:plan")
    with pytest.raises(InputError, match="is too long for the name of a folder, 268 bytes once encoded; at most 255"):
        enter(out, identity(1, planners=planners), COLUMNS)
    assert not out.exists()


def test_pyarrow_is_asked_for(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the command that installs it, before anything is written or read."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    for use in (lambda: write(out, []), lambda: read_sweep(out)):
        with pytest.raises(InputError, match=r"pyarrow is needed for this; .* pip install 'edgesim\[parquet\]'"):
            use()
    assert not out.exists()


def test_the_source_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its digest changes with any of its files; its revision is that of its own checkout, and says if it differs."""
    package = tmp_path / "edgesim"
    package.mkdir()
    (package / "__init__.py").write_text("one = 1\n")
    monkeypatch.setattr(edgesim, "__file__", str(package / "__init__.py"))
    first = source_digest()
    assert git_revision() is None
    command = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for arguments in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "Empty"]):
        subprocess.run([*command, *arguments], check=True, env=environment)
    assert git_revision() is None  # it is not part of the checkout that it lies in
    for arguments in (["add", "."], ["commit", "-q", "-m", "All"]):
        subprocess.run([*command, *arguments], check=True, env=environment)
    revision = git_revision()
    assert revision is not None
    assert len(revision) == 40
    assert source_digest() == first
    (package / "two.py").write_text("two = 2\n")
    assert git_revision() == f"{revision}-dirty"
    assert source_digest() != first
