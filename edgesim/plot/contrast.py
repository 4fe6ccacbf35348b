"""Whether text can be read on a colour."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Colour = Sequence[float] | NDArray[Any]

_MIDDLE = 0.179
"""On this luminance black and white text have the same contrast, 4.6."""


def luminance(colour: "Colour") -> float:
    """Return the relative luminance of a colour in sRGB, as WCAG 2 defines it; a fourth part is left out."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in map(float, colour[:3])
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ink_on(colour: "Colour") -> str:
    """Return black or white, whichever can be read on a colour: its contrast is at least 4.5."""
    return "black" if luminance(colour) > _MIDDLE else "white"


def ink_on_hex(colour: str) -> str:
    """Return black or white, whichever can be read on a colour written as ``#rrggbb``."""
    return ink_on([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
