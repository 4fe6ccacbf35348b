"""What is settled when a picture is drawn: only then is it known how large axes are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def before_drawing(axes: "Axes", act: Callable[[], None]) -> None:
    """Do something each time before anything else in some axes is drawn, when they are as large as they will be."""
    from matplotlib.artist import Artist

    class Acting(Artist):
        """Draws nothing."""

        def draw(self, renderer: object) -> None:
            act()

    first = Acting()
    first.set_zorder(-1e9)
    first.set_in_layout(False)
    axes.add_artist(first)
