"""Metrics for people: words for their names, and figures with the unit that a name ends in."""

from edgesim.questions.goals import QUALITIES
from edgesim.units import show_bytes, show_ns

_WORDS = {"target_met_fraction": "share in time", "held_ns": "time held back", "blocked_ns": "time blocked"}


def word(name: str) -> str:
    """Return what people call a metric: ``latency`` for ``latency_ns``."""
    plain = name.removesuffix("_ns").removesuffix("_pj").removesuffix("_bytes")
    return _WORDS.get(name, plain.replace("_", " "))


def figure(name: str, value: float | None) -> str:
    """Write a metric with its unit."""
    if value is None:
        return "unknown"
    if name.endswith("_ns"):
        return show_ns(round(value))
    if name.endswith("_bytes"):
        return show_bytes(round(value))
    if name.endswith("_pj"):
        return f"{value / 1e9:,.1f} mJ"
    return f"{value:.4f}" if name in QUALITIES else f"{value:.1%}"
