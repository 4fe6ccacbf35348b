"""Random streams: independent by purpose, the same for ever, and by inference where that is wanted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.streams import LARGEST, Luck, stream

NUMBERS = st.integers(0, LARGEST - 1)


def first(seed: int, replication: int, purpose: str) -> list[int]:
    """Return the first bits of a stream."""
    return stream(seed, replication, purpose).bit_generator.random_raw(4).tolist()


def test_a_stream_is_the_same_for_ever() -> None:
    """PCG64's bits are the same in every version of numpy and on every machine; so are ours."""
    assert first(7, 0, "io_jitter") == [
        0x6FDE1ABA5C14A102,
        0x5A3AC1C033134359,
        0x8CDFD804D1AF4F48,
        0x7F130B270ACF5D2B,
    ]


def test_luck_is_the_same_for_ever() -> None:
    """So are Philox's bits, for every inference."""
    bits = [Luck(7, 0, "io_jitter").of(number).bit_generator.random_raw() for number in (0, 1, 2**63)]
    assert bits == [0x3C343232F774F89E, 0xA62E83FB8A3E39D8, 0x48D0DB3D5544E685]


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.text()), min_size=2, max_size=8, unique=True))
def test_whatever_differs_gives_another_stream(triples: list[tuple[int, int, str]]) -> None:
    """No two triples of seed, replication and purpose share a stream, large numbers included."""
    found = {tuple(first(*triple)) for triple in triples}
    assert len(found) == len(triples)


@pytest.mark.parametrize("moved", [(2**32, 0), (0, 2**32), (1, 0), (0, 1)])
def test_seed_and_replication_are_not_confused(moved: tuple[int, int]) -> None:
    """Each has words of its own: seed 2**32 is not seed 0 of another replication."""
    others = {(0, 0), (1, 0), (0, 1), (2**32, 0), (0, 2**32)} - {moved}
    assert tuple(first(*moved, "x")) not in {tuple(first(*other, "x")) for other in others}


@pytest.mark.parametrize("wrong", [(-1, 0), (0, -1), (LARGEST, 0), (0, LARGEST)])
def test_numbers_out_of_range_are_refused(wrong: tuple[int, int]) -> None:
    """They would be other numbers without a word."""
    with pytest.raises(ValueError, match=r"must be from 0 to 2\*\*64 - 1, got "):
        stream(*wrong, "x")


def test_streams_are_not_correlated() -> None:
    """Of 40 purposes, replications and seeds next to each other, no two move together."""
    drawn = [stream(seed, replication, purpose).random(2000)
             for seed in (0, 1) for replication in (0, 1) for purpose in "abcdefghij"]  # fmt: skip
    correlation = np.corrcoef(np.array(drawn))
    assert np.abs(correlation - np.eye(40)).max() < 5 / np.sqrt(2000)


@given(st.lists(st.tuples(st.integers(0, 2**63), st.integers(0, 9)), min_size=1, max_size=10), st.integers(0, 2**63))
def test_the_luck_of_an_inference_is_its_own(before: list[tuple[int, int]], number: int) -> None:
    """What others drew before, and whether there were any, changes nothing: 64-bit, 32-bit and normal draws alike."""
    alone, crowd = Luck(3, 1, "jitter"), Luck(3, 1, "jitter")
    for other, draws in before:
        crowd.of(other).integers(0, 2**31, draws, dtype=np.int32)  # half a word may be left over
    assert draws_of(crowd, number) == draws_of(alone, number)


def draws_of(luck: Luck, number: int) -> tuple[object, ...]:
    """Return some draws of every sort."""
    generator = luck.of(number)
    return (
        generator.integers(0, 2**31, 3, dtype=np.int32).tolist(),
        generator.random(5).tolist(),
        generator.standard_normal(5).tolist(),
        generator.bit_generator.random_raw(9).tolist(),
    )


def test_inferences_have_different_luck() -> None:
    """Ten thousand neighbours share no draw, and are as uniform as one stream."""
    luck = Luck(0, 0, "jitter")
    drawn = np.array([luck.of(number).random(2) for number in range(10_000)])
    assert len(np.unique(drawn)) == 20_000
    assert abs(drawn.mean() - 0.5) < 5 * np.sqrt(1 / 12 / 20_000)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.05
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 0.05


def test_luck_and_stream_of_one_purpose_are_independent() -> None:
    """Neither repeats the bits of the other."""
    bits = set(stream(0, 0, "x").bit_generator.random_raw(1000).tolist())
    assert bits.isdisjoint(Luck(0, 0, "x").of(0).bit_generator.random_raw(1000).tolist())
