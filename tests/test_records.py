"""Where a store holds each version of each shard: what is read together, and every way to get it wrong."""

import pytest
from pydantic import ValidationError
from stores import records_of
from strategies import toy_model

from edgesim.records import Record, Records

PLACED = {
    (0, 0, 2): (0, 10), (0, 1, 2): (10, 12), (0, 0, 6): (22, 30), (0, 1, 6): (60, 40),
    (1, 0, 2): (100, 10), (1, 1, 2): (90, 10), (1, 0, 6): (0, 30), (1, 1, 6): (30, 30),
}  # fmt: skip
"""Two layers of two shards of 40 weights; in layer 0 a hole before (0, 1, 6), in layer 1 another order."""
GIVEN = records_of(PLACED)["values"]


def test_the_place_of_each_version() -> None:
    """Offset and size by layer, slice and bitwidth."""
    assert Records(values=GIVEN).placed == PLACED
    assert Record(0, 1, 2, 10, 12).end == 22


@pytest.mark.parametrize(
    ("versions", "extents"),
    [
        ([(0, 0, 2), (0, 1, 2)], [(0, 0, 22)]),
        ([(0, 1, 2), (0, 0, 2)], [(0, 0, 22)]),
        ([(0, 0, 6), (0, 0, 2), (0, 1, 2)], [(0, 0, 52)]),
        ([(0, 0, 2), (0, 0, 6)], [(0, 0, 10), (0, 22, 30)]),
        ([(0, 0, 6), (0, 1, 6)], [(0, 22, 30), (0, 60, 40)]),
        ([(1, 0, 2), (1, 1, 2)], [(1, 90, 20)]),
        ([(1, 0, 6), (0, 0, 2), (1, 1, 6)], [(1, 0, 60), (0, 0, 10)]),
        ([(0, 1, 6), (1, 1, 2)], [(0, 60, 40), (1, 90, 10)]),
        ([], []),
    ],
)
def test_records_that_adjoin_are_one_read(
    versions: list[tuple[int, int, int]], extents: list[tuple[int, int, int]]
) -> None:
    """In whatever order they are named; layers in the order named, and never across the files of two layers."""
    assert Records(values=GIVEN).extents(versions) == extents


def test_files_of_two_layers_never_adjoin() -> None:
    """Layer 1's record begins at the offset where layer 0's ends, but in another file."""
    records = Records(values=records_of({(0, 0, 2): (0, 10), (1, 0, 2): (10, 10)})["values"])
    assert records.extents([(0, 0, 2), (1, 0, 2)]) == [(0, 0, 10), (1, 10, 10)]


def stored(values: object) -> object:
    """Build a model of 2 layers of 2 shards of 40 weights, at 2 and 6 bits, with some records."""
    return toy_model(bitwidths=(2, 6), records={"values": values})


def changed(number: int, **change: int) -> list[Record]:
    """Return the records with one of them changed."""
    return [Record(*row)._replace(**(change if index == number else {})) for index, row in enumerate(GIVEN)]


def test_records_in_any_order_are_right() -> None:
    """A model takes them as they are."""
    assert stored(GIVEN[::-1]).records.placed == PLACED  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (changed(0, layer=2), r"names layer 2, shard 0 at 2 bits, but the model has 2 layers of 2 shards at \[2, 6\]"),
        (changed(1, shard=2), "names layer 0, shard 2 at 2 bits, but the model has"),
        (changed(2, bits=3), "names layer 0, shard 0 at 3 bits, but the model has"),
        (changed(0, layer=1, offset=900), "names layer 1, shard 0 at 2 bits again; keep one row"),
        (changed(0, bytes=9), "gives layer 0, shard 0 at 2 bits 9 B, but its packed weights alone take 10 B"),
        (changed(2, bytes=29), "gives layer 0, shard 0 at 6 bits 29 B, but its packed weights alone take 30 B"),
        (changed(0, bytes=0), "gives layer 0, shard 0 at 2 bits 0 B"),
        (GIVEN[:-1], "lacks a row for layer 1, shard 1 at 6 bits; every version of every shard needs one"),
        ([], "lacks a row for layer 0, shard 0 at 2 bits"),
        (changed(0, bytes=11), "puts layer 0, shard 1 at 2 bits at 10 B, but layer 0, shard 0 at 2 bits ends at 11 B"),
        (changed(3, offset=51), "puts layer 0, shard 1 at 6 bits at 51 B, but layer 0, shard 0 at 6 bits ends at 52 B"),
        (changed(0, offset=-1), "greater than or equal to 0"),
        ([(0, 0, 2, 0, 10.0)], "valid integer"),
    ],
)
def test_records_agree_with_their_model(values: object, message: str) -> None:
    """Every version once and no other, none too small, and no two in one place."""
    with pytest.raises(ValidationError, match=message):
        stored(values)


@pytest.mark.parametrize("given", [{}, {"file": "records.csv"}, {"file": "records.csv", "values": GIVEN}])
def test_records_are_read_from_files_by_the_reader_only(given: dict[str, object]) -> None:
    """A model that is built in Python has values; the name of a file that nobody read would be silently ignored."""
    with pytest.raises(ValidationError, match=r"give 'values' or, where edgesim\.read_model reads it, 'file'"):
        toy_model(bitwidths=(2, 6), records=given)


def test_records_of_a_wrong_model_are_not_judged() -> None:
    """Where the number of layers is wrong itself, that is the one mistake."""
    with pytest.raises(ValidationError) as caught:
        toy_model(layers=0, bitwidths=(2, 6), records={"values": GIVEN})
    assert [error["loc"] for error in caught.value.errors()] == [("layers",)]
