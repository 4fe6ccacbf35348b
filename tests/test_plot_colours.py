"""Colours can be told apart by eyes that see them differently, and in grey."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from edgesim.plot.contrast import ink_on, luminance
from edgesim.plot.front import _LOOKS
from edgesim.plot.look import LOAD, LOOKS
from edgesim.plot.scales import COLOURS

SEEN = {
    "all cones": np.eye(3),
    "no long": np.array([
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ]),
    "no medium": np.array([
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ]),
    "no short": np.array([
        (1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900),
    ]),
}  # fmt: skip
"""What is seen without one kind of cones, in linear sRGB: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A
physiologically-based model for simulation of color vision deficiency, IEEE TVCG 15 (2009), severity 1."""
_XYZ = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])
_WHITE = np.array([0.9505, 1.0, 1.089])


def lab(colour: str, seen: str) -> np.ndarray:
    """Return a colour as it is seen, in CIELAB (D65)."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    ratio = _XYZ @ np.clip(SEEN[seen] @ linear, 0, 1) / _WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, seen: str = "all cones") -> float:
    """Return how different two colours are seen (CIE 1976)."""
    return float(np.linalg.norm(lab(one, seen) - lab(other, seen)))


def test_the_measure_of_difference_knows_what_everybody_knows() -> None:
    """Black and white are 100 apart; red and green are far apart, but not for those without medium cones."""
    assert apart("#000000", "#ffffff") == pytest.approx(100, abs=0.1)
    assert apart("#a04000", "#508000") > 60
    assert apart("#a04000", "#508000", "no medium") < 0.5 * apart("#a04000", "#508000")


@pytest.mark.parametrize("seen", SEEN)
def test_bitwidths_can_be_told_apart(seen: str) -> None:
    """Each is seen darker than the one before, by enough to see it in grey, too."""
    shades = [LOOKS[LOAD(bits)]["facecolor"] for bits in (1, 2, 3, 4, 5, 6, 7, 8, 16, 32)]
    for light, dark in pairwise(shades):
        assert lab(light, seen)[0] > lab(dark, seen)[0] + 2
        assert apart(light, dark, seen) > 5
    for light, dark in pairwise(LOOKS[LOAD(bits)]["facecolor"] for bits in (2, 3, 4, 5, 6, 32)):
        assert apart(light, dark, seen) > 9


@pytest.mark.parametrize("seen", SEEN)
def test_depths_and_geometries_can_be_told_apart(seen: str) -> None:
    """The first four colours clearly, all eight somewhat; markers differ besides."""
    assert min(apart(*pair, seen) for pair in combinations(COLOURS[:4], 2)) > 15
    assert min(apart(*pair, seen) for pair in combinations(COLOURS, 2)) > 10


@pytest.mark.parametrize("seen", SEEN)
def test_planners_of_one_marker_differ_in_colour(seen: str) -> None:
    """So that each can be found in a front by shape and colour."""
    for (name, (colour, marker)), (other, (its, shape)) in combinations(_LOOKS.items(), 2):
        assert marker != shape or apart(colour, its, seen) > 20, (name, other)


def test_luminance_is_that_of_wcag() -> None:
    """Black has 0, white 1, and the grey of half the numbers 0.2159."""
    assert [luminance(to_rgb(colour)) for colour in ("#000000", "#ffffff", "#808080")] == pytest.approx(
        [0, 1, 0.21586], abs=1e-5
    )


def test_waiting_is_not_told_by_colour_alone() -> None:
    """What waits is hatched, each otherwise."""
    hatches = [LOOKS[kind]["hatch"] for kind in ("stall", "blocked", "held", "queued")]
    assert len(set(hatches)) == len(hatches)


@pytest.mark.parametrize(
    "colour", [*COLOURS, *(LOOKS[LOAD(bits)]["facecolor"] for bits in (1, 2, 3, 4, 5, 6, 7, 8, 16, 32))]
)
def test_ink_can_be_read_on_every_colour(colour: str) -> None:
    """A contrast of at least 4.5, which WCAG 2 asks of text."""
    low, high = sorted((luminance(to_rgb(colour)), luminance(to_rgb(ink_on(to_rgb(colour))))))
    assert (high + 0.05) / (low + 0.05) >= 4.5
