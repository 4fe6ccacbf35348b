"""Records of plans: what is written is what is read, and anything else is refused."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gates import write_grid

from edgesim import InputError, record, regress
from edgesim.files import read_grid
from edgesim.grid import Grid
from edgesim.regression import record as records
from edgesim.regression.classify import Failure, Figures, Outcome
from edgesim.regression.record import read_record, rounded, write_record

BROKEN = "def mine(model, device, budget):\n    raise KeyError('x: y')\n"


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Return a grid with plans, cells without, and a planner that breaks."""
    (tmp_path / "mine.py").write_text(BROKEN)
    return read_grid(write_grid(tmp_path / "grid.yaml", ["wrx", "./mine.py:mine"], ["20 ms", "200 ms"]))


@pytest.fixture
def found(grid: Grid, tmp_path: Path) -> Iterator[list[Outcome]]:
    """Return what comes of each cell, and leave a record of it."""
    return [one.new for one in record(tmp_path / "plans.json", grid, workers=1).cells]


def test_what_is_written_is_what_is_read(grid: Grid, found: list[Outcome], tmp_path: Path) -> None:
    """Plans, cells without one, errors with their words; gzipped, it is the same."""
    assert [type(one) for one in found] == [Failure] * 2 + [Figures] * 2 + [Failure] * 4
    assert read_record(tmp_path / "plans.json", grid) == [rounded(one) for one in found]
    assert read_record(tmp_path / "plans.json", grid)[-1] == Failure("error", found[-1].message)  # type: ignore[union-attr]
    write_record(tmp_path / "plans.json.gz", grid, found)
    assert gzip.decompress((tmp_path / "plans.json.gz").read_bytes()) == (tmp_path / "plans.json").read_bytes()
    assert read_record(tmp_path / "plans.json.gz", grid) == [rounded(one) for one in found]


def test_the_same_plans_give_the_same_bytes(grid: Grid, found: list[Outcome], tmp_path: Path) -> None:
    """A line for each cell, so that a review reads what has changed."""
    before = (tmp_path / "plans.json").read_bytes()
    for name in ("plans.json", "plans.json.gz", "again.json.gz"):
        write_record(tmp_path / name, grid, found)
    assert (tmp_path / "plans.json").read_bytes() == before
    assert (tmp_path / "plans.json.gz").read_bytes() == (tmp_path / "again.json.gz").read_bytes()
    assert json.loads(before)["columns"][:4] == ["target_latency_ns", "preload_bytes", "load_buffer_bytes", "plan"]
    lines = before.decode().splitlines()
    assert sum(line.startswith("  [") for line in lines) == len(found)
    assert sum('"no plan"]' in line for line in lines) == 2


def test_a_record_is_compared_with(grid: Grid, found: list[Outcome], tmp_path: Path) -> None:
    """Nothing has changed; an error that was there before is still an error, and no regression."""
    compared = regress(grid, against=tmp_path / "plans.json", workers=1)
    assert (compared.failed, compared.against, compared.timings) == (False, str(tmp_path / "plans.json"), ())
    assert {label: dict(counts) for label, counts in compared.counts.items()} == {
        "wrx": {"unchanged": 4}, "./mine.py:mine": {"unchanged": 4},
    }  # fmt: skip
    assert len(compared.errors) == 4


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"planners": ["wrx"]}, "its planners differ: './mine.py:mine' only there"),
        ({"planners": ["./mine.py:mine", "wrx"]}, "its planners differ: in their order"),
        (
            {"targets": ["20 ms", "300 ms"]},
            "its target_latency_ns differ: '200000000' only there, '300000000' only",
        ),
        (
            {"devices": "[jetson-nano]"},
            "with another device_profiles/jetson-nano.yaml, device_profiles/odroid-n2plus.yaml",
        ),
    ],
    ids=str,
)
def test_a_record_of_another_grid_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    """With what differs, and how to make a new one."""
    given = {"planners": ["wrx", "./mine.py:mine"], "targets": ["20 ms", "200 ms"]} | change
    path = write_grid(tmp_path / "other.yaml", **given)  # type: ignore[arg-type]
    with pytest.raises(InputError) as refused:
        regress(path, against=tmp_path / "plans.json")
    assert str(refused.value).startswith(f"{tmp_path}/plans.json: is of another grid, {says}")
    assert str(refused.value).endswith(f"; record it again with --grid and --record {tmp_path}/plans.json")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"\0",
        b'{"schema": "edgesim.planned/2"}',
        b"[" * 10**5,
        "row",
        "cells",
        "short",
        "number",
    ],
    ids=lambda content: str(content)[:20],
)
@pytest.mark.usefixtures("found")
def test_a_damaged_record_is_refused(grid: Grid, tmp_path: Path, content: bytes | str) -> None:
    """In one sentence, whatever is wrong with it."""
    path = tmp_path / "plans.json"
    if isinstance(content, str):
        data = json.loads(path.read_text())
        title = next(iter(data["cells"]))
        damage = {"row": [], "cells": 3, "short": [[200 * 10**6]], "number": [[20 * 10**6, 10**6, None, 3]]}[content]
        data["cells"] = damage if content == "cells" else data["cells"] | {title: damage}
        content = json.dumps(data).encode()
    path.write_bytes(content)
    with pytest.raises(
        InputError, match=r"plans\.json: is no record of edgesim regress \(edgesim\.planned/1\), or damaged"
    ):
        read_record(path, grid)
    (tmp_path / "plans.json.gz").write_bytes(content)
    with pytest.raises(InputError, match="is no record of edgesim regress"):
        read_record(tmp_path / "plans.json.gz", grid)


def test_a_record_that_cannot_be_written_is_refused_first(
    grid: Grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is planned in vain; and what is interrupted while it is written leaves what was there."""
    with pytest.raises(InputError, match="there is no folder"):
        record(tmp_path / "none" / "plans.json", grid)
    (tmp_path / "plans.json").write_text("old")
    monkeypatch.setattr(records, "_lines", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        record(tmp_path / "plans.json", grid, workers=1)
    assert (tmp_path / "plans.json").read_text() == "old"


def test_arguments_must_say_what_to_compare_with(grid: Grid, tmp_path: Path) -> None:
    """One of two, and a grid in which something was measured."""
    for given in ({}, {"base": "HEAD", "against": "x"}):
        with pytest.raises(InputError, match="needs a git revision as base, or a file to compare against; not both"):
            regress(grid, **given)  # type: ignore[arg-type]
    nothing = write_grid(tmp_path / "nothing.yaml", devices="[cloud-epyc]")
    with pytest.raises(InputError, match="none of its devices was measured for any of its models"):
        regress(nothing, base="HEAD")


def test_the_committed_record_is_of_the_shipped_grid() -> None:
    """CI would say so later: after a change of the grid, write it anew as the grid's first lines say."""
    committed = Path(__file__).parent / "golden" / "planners.json"
    assert json.loads(committed.read_text())["asks"] == read_grid("regress").asks
