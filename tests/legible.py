"""Whether a picture can be read: nothing that is written lies over something else that is, or leaves the page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text

_TOUCH = 1.0
"""Boxes of letters may touch: each is smaller by so much to every side [dots]."""


def written(figure: Figure) -> list[Text]:
    """Draw a figure and return every text that was drawn; what is hidden, empty or outside its axes is not."""
    found: list[Text] = []
    with _noted(found.append):
        figure.draw_without_rendering()
    return [text for text in dict.fromkeys(found) if text.get_text().strip() and _is_inside(text)]


@contextmanager
def _noted(note: Callable[[Text], None]) -> Iterator[None]:
    """Note every text as it is drawn."""
    draw = Text.draw

    def noting(self: Text, renderer: Any) -> None:  # noqa: ANN401  (of any backend)
        if self.get_visible():
            note(self)
        draw(self, renderer)

    Text.draw = noting  # type: ignore[method-assign]
    try:
        yield
    finally:
        Text.draw = draw  # type: ignore[method-assign]


def _is_inside(text: Text) -> bool:
    """Tell whether some of a text is seen, if its axes clip it."""
    box = text.get_clip_box() if text.get_clip_on() else None
    return box is None or box.overlaps(Text.get_window_extent(text))


def _outline(text: Text) -> Path:
    """Return the box of a text [dots], turned as the text is."""
    turned = text.get_rotation()
    text.set_rotation(0)
    flat = Text.get_window_extent(text)
    text.set_rotation(turned)
    box, angle = Text.get_window_extent(text), np.deg2rad(turned)
    wide, high = max(flat.width / 2 - _TOUCH, 0.1), max(flat.height / 2 - _TOUCH, 0.1)
    corners = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high), (-wide, -high)])
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return Path(corners @ turn + ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), closed=True)


def assert_legible(figure: Figure) -> list[str]:
    """Check that no two texts overlap, that none leaves the page and none is too small; return what is written."""
    texts = written(figure)
    assert texts
    outlines = [_outline(text) for text in texts]
    page = figure.bbox
    for text, outline in zip(texts, outlines, strict=True):
        (left, low), (right, high) = outline.vertices.min(axis=0), outline.vertices.max(axis=0)
        assert page.x0 <= left, f"leaves the page to the left: {text.get_text()!r}"
        assert page.y0 <= low, f"leaves the page below: {text.get_text()!r}"
        assert right <= page.x1, f"leaves the page to the right: {text.get_text()!r}"
        assert high <= page.y1, f"leaves the page above: {text.get_text()!r}"
        assert text.get_fontsize() >= 5, f"too small: {text.get_text()!r}"
    low, high = (np.array([getattr(outline.vertices, end)(axis=0) for outline in outlines]) for end in ("min", "max"))
    for one, its in enumerate(outlines):
        for other in np.flatnonzero(((low[one] < high) & (low < high[one])).all(axis=1)).tolist():
            over = other > one and its.intersects_path(outlines[other], filled=True)
            assert not over, f"{texts[one].get_text()!r} lies over {texts[other].get_text()!r}"
    return [text.get_text() for text in texts]
