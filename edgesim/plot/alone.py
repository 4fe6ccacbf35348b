"""A timeline without the scenario and plan that it came from: its lanes over time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from edgesim.files.text import one_line
from edgesim.plot.look import FAINT, INK, LOAD, LOOKS, NORMAL, SLOW, SMALL, draw_bars, draw_legend, tidy
from edgesim.plot.style import own_style
from edgesim.timeline import BESIDE, CLOCK, MEMORY, Request, Span, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _ROW, _REST = 11.0, 0.42, 0.9  # inches
_MOST_SPANS = 2000
"""So many spans are drawn: of more, each would be thinner than a line."""
_MOST_REQUESTS = 8
_LOOKS = LOOKS | {"load": {"facecolor": LOOKS[LOAD(6)]["facecolor"], "edgecolor": "white"}}
_OTHER: dict[str, Any] = {"facecolor": "#cccccc", "edgecolor": FAINT}


@own_style()
def timeline_figure(timeline: Timeline) -> "Figure":
    """Draw every lane, and one for each user of the storage beside; of a session the first inferences.

    What loads bring is not told apart: the plan would tell.

    Parameters
    ----------
    timeline
        With at least one span that is not in memory, of its first inference if it has any.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    start_ns, end_ns = _shown_ns(timeline.requests)
    spans = [span for span in timeline.spans if span.lane != MEMORY]
    within = [span for span in spans if span.start_ns < end_ns and span.end_ns > start_ns]
    shown = sorted(within, key=lambda span: span.start_ns)[:_MOST_SPANS]
    lanes = _lanes(shown, timeline.lanes())
    drawing = Figure(figsize=(_WIDTH, _REST + _ROW * len(lanes)), facecolor="white", layout="constrained")
    FigureCanvasAgg(drawing)
    axes = drawing.subplots()
    axes.set_xlim(0, min(end_ns, max(span.end_ns for span in shown)) / 1e6 - start_ns / 1e6)
    _draw([_later(span, -start_ns) for span in shown], lanes, axes)
    since = "after the first question " if start_ns else ""
    axes.set_xlabel(f"time {since}[ms]", fontsize=NORMAL, color=INK)
    if len(shown) < len(spans):
        axes.set_title(f"{len(shown):,} of {len(spans):,} spans", loc="left", fontsize=NORMAL, color=FAINT)
    return drawing


def _shown_ns(requests: Sequence[Request]) -> tuple[int, float]:
    """Return from when to when is drawn: as many of the first inferences as come close after one another."""
    if not requests:
        return 0, float("inf")
    start_ns, end_ns, busy_ns = requests[0].arrival_ns, requests[0].finish_ns, 0
    for request in requests[:_MOST_REQUESTS]:
        busy_ns += request.finish_ns - request.arrival_ns
        if request.finish_ns - start_ns > 2 * busy_ns:
            break
        end_ns = request.finish_ns
    return start_ns, end_ns


def _later(span: Span, ns: int) -> Span:
    return span._replace(start_ns=span.start_ns + ns, end_ns=span.end_ns + ns)


def _lanes(spans: Sequence[Span], order: Sequence[str]) -> list[str]:
    """Return the lanes from top to bottom, those of others below."""
    own = {span.lane for span in spans if not _is_beside(span)}
    return [*(lane for lane in order if lane in own), *dict.fromkeys(span.app for span in spans if _is_beside(span))]


def _is_beside(span: Span) -> bool:
    return span.request == BESIDE and span.lane != CLOCK


def _draw(spans: Sequence[Span], lanes: Sequence[str], axes: "Axes") -> None:
    bars = dict[tuple[str, str], list[tuple[float, float]]]()
    for span in spans:
        key = (span.app if _is_beside(span) else span.lane), SLOW if span.lane == CLOCK else span.kind
        bars.setdefault(key, []).append((span.start_ns / 1e6, (span.end_ns - span.start_ns) / 1e6))
    thin = 0.4 if len(spans) < 300 else 0.0
    for (lane, kind), own in bars.items():
        look: dict[str, Any] = {"linewidth": thin, "label": kind} | _LOOKS.get(kind, _OTHER) | {"label": _named(kind)}
        draw_bars(axes, own, (lanes.index(lane) - 0.3, 0.6), **look)
    axes.set_yticks(range(len(lanes)), [one_line(lane) for lane in lanes], parse_math=False)
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    tidy(axes)
    axes.tick_params(axis="y", left=False)
    draw_legend(axes)
    axes.tick_params(labelsize=NORMAL if len(lanes) < 20 else SMALL)


def _named(kind: str) -> str:
    """Write a kind as legends do."""
    label = str(_LOOKS.get(kind, {}).get("label", kind))
    return kind if label == "_" else label
