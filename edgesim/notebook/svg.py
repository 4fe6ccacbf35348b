"""Parts of small SVG texts: made in well under a millisecond, so that pictures follow a slider."""

from collections.abc import Iterable, Sequence
from html import escape

LETTERS = 10
"""Size of letters [px]."""
INK = "currentColor"
"""The colour of texts and lines: that of the page, which may be dark."""


def svg(wide: float, high: float, label: str, shapes: Iterable[str]) -> str:
    """Return a picture of some size [px], with what screen readers say of it."""
    size = f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.1f} {high:.1f}" style="max-width:100%"'
    letters = f'font-family="sans-serif" font-size="{LETTERS}"'
    return f'<svg role="img" aria-label="{escape(label)}" {size} {letters}>{"".join(shapes)}</svg>'


def text(said: str, x: float, y: float, more: str = "", colour: str = INK) -> str:
    """Return a text that begins, or as `more` has it, ends or lies about a place [px]."""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" pointer-events="none" {more}>{escape(said)}</text>'


def box(place: tuple[float, float, float, float], more: str, told: str = "") -> str:
    """Return a rectangle at some place, so wide and so high [px], and what pointing at it tells."""
    x, y, wide, high = place
    title = f"<title>{escape(told)}</title>" if told else ""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{wide:.2f}" height="{high:.2f}" {more}>{title}</rect>'


def line(path: str, more: str) -> str:
    """Return a path that is not filled."""
    return f'<path d="{path}" fill="none" {more}/>'


def legend(left: float, entries: Sequence[tuple[str, str]]) -> str:
    """Return names, each behind its sign, in as many lines as they need."""
    listed = (f'<span style="white-space:nowrap;margin-right:1.2em">{sign} {escape(name)}</span>'
              for name, sign in entries)  # fmt: skip
    return f'<div style="margin-left:{left}px;font-size:{LETTERS + 1}px">{"".join(listed)}</div>'


def swatch(fill: str, edge: str = "none") -> str:
    """Return a small rectangle for a legend."""
    return sign(box((0.5, 0.5, 15, 9), f'fill="{fill}" stroke="{edge}"'))


def sign(shape: str) -> str:
    """Return a shape of 16 by 10 dots for a legend."""
    return f'<svg width="16" height="10" aria-hidden="true">{shape}</svg>'
