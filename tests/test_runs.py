"""Numbers kept as runs are those that were chosen, however they are asked for."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgesim.sweeps.runs import Runs


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_the_chosen_numbers(chosen: list[bool]) -> None:
    """In order, by place from either end, by slice, and by asking for each."""
    runs, wanted = Runs(np.array(chosen, np.bool_)), [number for number, has in enumerate(chosen) if has]
    assert list(runs) == wanted
    assert len(runs) == len(wanted)
    assert [runs[place] for place in range(-len(wanted), len(wanted))] == wanted * 2
    assert runs[1:-1] == wanted[1:-1]
    assert runs[::-2] == wanted[::-2]
    assert {number for number in range(-1, len(chosen) + 1) if number in runs} == set(wanted)
    for outside in (len(wanted), -len(wanted) - 1):
        with pytest.raises(IndexError):
            runs[outside]


@given(st.lists(st.booleans(), max_size=60))
def test_ranges_are_as_long_as_can_be(chosen: list[bool]) -> None:
    """None is empty, and between any two there is a gap."""
    ranges = list(Runs(np.array(chosen, np.bool_)).ranges)
    assert all(len(one) for one in ranges)
    assert all(before.stop < after.start for before, after in pairwise(ranges))
