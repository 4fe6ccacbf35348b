"""Figures below one another as one picture for a screen."""

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_DOTS_PER_INCH, _SHARPER = 80, 2
"""How large an inch is on the screen, and how many dots the picture has for each of the screen's."""
_MOST_DOTS = 30_000
"""A picture is no higher."""


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
    from matplotlib import rc_context
    from matplotlib.image import imsave

    inches = sum(drawing.get_figheight() for drawing in drawings)
    dots = min(_DOTS_PER_INCH * _SHARPER, _MOST_DOTS / inches)
    with rc_context({"hatch.linewidth": 0.6}):
        images = [_rendered(drawing, dots) for drawing in drawings]
    wide = max(image.shape[1] for image in images)
    padded = [np.pad(image, ((0, 0), (0, wide - image.shape[1]), (0, 0)), constant_values=255) for image in images]
    whole, content = np.concatenate(padded), BytesIO()
    imsave(content, whole, format="png")
    shown = _DOTS_PER_INCH / dots
    return Picture(content.getvalue(), round(wide * shown), round(len(whole) * shown))


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
