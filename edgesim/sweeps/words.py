"""Words that all parts of a report have in common."""

MEMORY = {"held_memory_bytes": "held", "peak_memory_bytes": "peak"}
MOST_PLANNERS = 12
"""Of more, the leading ones are listed."""


def share(part: int, whole: int) -> str:
    """Write a share so that none is taken for nothing and not quite all for all."""
    if not part:
        return "-"
    text = f"{part / whole:.1%}"
    return {"0.0%": "<0.1%", "100.0%": "100%" if part == whole else ">99.9%"}.get(text, text)
