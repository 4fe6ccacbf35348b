"""What was tried for a goal is drawn on a scale that fits it."""

import pytest

from edgesim.plot.tries import Names, Tries, tries_figure


@pytest.mark.parametrize(
    ("values", "scale", "label"),
    [
        ([5.0, 10.0, 50.0], "linear", "speed [%]"),
        ([5.0, 10.0, 5000.0], "log", "speed [%]"),
        ([0.0, 5.0, 5000.0], "symlog", "speed [%]; linear below 5"),
    ],
)
def test_numbers_of_many_sizes_are_drawn_on_a_logarithmic_scale(values: list[float], scale: str, label: str) -> None:
    """Of what was tried for a goal; where 0 is among it, the axis says where the scale is linear."""
    axes = tries_figure([Tries("wrx", values, [0.1] * 3, [True] * 3)], Names("a", "speed [%]", "fidelity"), 0.1).axes[0]
    assert (axes.get_xscale(), axes.get_xlabel()) == (scale, label)
