"""Figures below one another as one picture for a screen."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from edgesim.plot.style import own_style

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

Figures = Iterator["Figure"]
_DOTS_PER_INCH, _SHARPER = 80, 2
"""How large an inch is on the screen, and how many dots the picture has for each of the screen's."""
_MOST_DOTS = 30_000
"""A picture is no higher."""
_COLOURS = 256
"""So many are enough for flat colours and the edges of letters, at a third of the size."""


class Picture(NamedTuple):
    """A PNG, and how large it is to be shown [dots of the screen]."""

    png: bytes
    width: int
    height: int


def stacked(drawings: "Sequence[Figure]") -> Picture:
    """Render figures, the first on top, on white where one is narrower than another.

    Parameters
    ----------
    drawings
        At least one; how many dots an inch has does not change what they are.
    """
    import numpy as np
    from PIL import Image

    inches = sum(drawing.get_figheight() for drawing in drawings)
    dots = min(_DOTS_PER_INCH * _SHARPER, _MOST_DOTS / inches)
    with own_style({"hatch.linewidth": 0.6}):
        images = [_rendered(drawing, dots) for drawing in drawings]
    wide = max(image.shape[1] for image in images)
    padded = [np.pad(image, ((0, 0), (0, wide - image.shape[1]), (0, 0)), constant_values=255) for image in images]
    whole, content = np.concatenate(padded), BytesIO()
    Image.fromarray(whole).quantize(_COLOURS, dither=Image.Dither.NONE).save(content, "png", optimize=True)
    shown = _DOTS_PER_INCH / dots
    return Picture(content.getvalue(), round(wide * shown), round(len(whole) * shown))


def picture(drawing: "Figure") -> Picture:
    """Render any figure as it would be saved."""
    content = BytesIO()
    drawing.savefig(content, format="png", dpi=_DOTS_PER_INCH * _SHARPER)
    wide, high = (round(_DOTS_PER_INCH * inches) for inches in drawing.get_size_inches())
    return Picture(content.getvalue(), wide, high)


def _rendered(drawing: "Figure", dots: float) -> "NDArray[np.uint8]":
    """Return red, green and blue of every dot, and leave the figure as it was."""
    import numpy as np

    before = drawing.dpi
    try:
        drawing.set_dpi(dots)
        canvas: Any = drawing.canvas
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()
    finally:
        drawing.set_dpi(before)
