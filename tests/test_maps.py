"""Maps of shares: every value in its field, in per cent, in colours that can be read."""

from pathlib import Path

import pytest
from legible import assert_legible
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from edgesim.errors import InputError
from edgesim.plot.maps import Atlas, Axis, Map, draw_map, maps_figure, save_maps

PLAIN = Map("wrx", "fidelity 0.25", [[1.0, 0.5, 0.004], [0.75, 0.25, 0.0]])
SIGNED = Map("less", "points", [[0.0, 0.3, -0.3], [-0.002, 0.5, -0.5]], signed=True)
ATLAS = Atlas(
    "shares",
    Axis("size [MB]", ("10", "20", "30")),
    Axis("launches", ("0", "1")),
    [("first", [PLAIN, SIGNED]), ("second", [PLAIN])],
)


def drawn(one: Map) -> Axes:
    """Draw a map by itself."""
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    draw_map(one, axes)
    return axes


def fields(axes: Axes) -> dict[tuple[int, int], str]:
    """Return what stands in each field, by its row from the bottom and its column."""
    texts = [text for text in axes.texts if text.get_ha() == "center"]
    return {(round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in texts}


def test_every_share_stands_in_its_field() -> None:
    """The first row is at the bottom; shares are per cent, differences have a sign unless they are nothing."""
    axes = drawn(PLAIN)
    bottom, top = axes.get_ylim()
    assert bottom < top
    assert fields(axes) == {
        (0, 0): "100", (0, 1): "50", (0, 2): "0", (1, 0): "75", (1, 1): "25", (1, 2): "0",
    }  # fmt: skip
    assert list(fields(drawn(SIGNED)).values()) == ["0", "+30", "-30", "0", "+50", "-50"]


@pytest.mark.parametrize("one", [PLAIN, SIGNED])
def test_numbers_can_be_read_on_their_colours(one: Map) -> None:
    """Dark on bright, or white on dark: a contrast of at least 4.5, which WCAG 2 asks of text."""
    axes = drawn(one)
    for text in (text for text in axes.texts if text.get_ha() == "center"):
        x, y = (round(place) for place in text.get_position())
        field = axes.images[0].to_rgba(one.values[y][x])[:3]
        low, high = sorted((_luminance(field), _luminance(to_rgb(str(text.get_color())))))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text.get_text(), field)


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_differences_are_white_where_there_is_none_and_opposite_elsewhere() -> None:
    """Nothing is nearly white; a gain and a loss of the same size differ in hue."""
    image = drawn(SIGNED).images[0]
    assert min(image.to_rgba(0.0)[:3]) > 0.95
    (red_gain, _, blue_gain), (red_loss, _, blue_loss) = image.to_rgba(0.3)[:3], image.to_rgba(-0.3)[:3]
    assert blue_gain > red_gain
    assert red_loss > blue_loss


def test_an_atlas_names_what_it_shows() -> None:
    """Both axes, every heading, title and tick are there, and each row has its maps."""
    figure = maps_figure(ATLAS)
    assert [len(strip.axes) for strip in figure.subfigs] == [2, 1]
    assert [strip.get_suptitle() for strip in figure.subfigs] == ["first", "second"]
    assert (figure.get_supxlabel(), figure.get_supylabel(), figure.get_suptitle()) == (
        "size [MB]",
        "launches",
        "shares",
    )
    for axes in figure.axes:
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "20", "30"]
    assert figure.axes[0].get_title(loc="left").strip() == "wrx"


def test_an_atlas_can_be_read() -> None:
    """Titles, notes, headings and numbers keep clear of one another and inside the page."""
    assert_legible(maps_figure(ATLAS))


def test_pictures_are_written_by_their_suffix(tmp_path: Path) -> None:
    """The same atlas gives the same bytes; an unknown format is refused."""
    for name in ("one.png", "two.png"):
        save_maps(ATLAS, tmp_path / name)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    with pytest.raises(InputError, match="suffix"):
        save_maps(ATLAS, tmp_path / "one.gif")
