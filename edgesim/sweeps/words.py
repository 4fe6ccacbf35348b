"""Words that all parts of a report have in common."""

MEMORY = {"held_memory_bytes": "held", "peak_memory_bytes": "peak"}
LATENCY = {"latency_ns": "latency", "latency_p99_ns": "p99 latency"}
MOST_PLANNERS = 12
"""Of more, the leading ones are listed."""


def share(part: int, whole: int) -> str:
    """Write a share so that none is taken for nothing and not quite all for all."""
    return percent(part / whole) if part else "-"


def percent(part: float) -> str:
    """Write a part of a whole so that it is taken neither for nothing nor for all."""
    if part in (0, 1):
        return f"{part:.0%}"
    return {"0.0%": "<0.1%", "100.0%": ">99.9%"}.get(text := f"{part:.1%}", text)
