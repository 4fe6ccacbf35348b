"""Comparisons as a table for other programs: every planner at every point, also those that have no plan."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from edgesim.result import Comparison
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def compared_frame(compared: Sequence[tuple[Scenario, Comparison]]) -> "pd.DataFrame":
    """Return one row for each planner at each point: where, what was measured, and why there is no plan.

    Columns are those of `Result.to_frame` and, behind the planner, `throttle`, `preload_buffer_bytes`,
    `load_buffer_bytes` (empty: unlimited) and `left_out`, the reason.
    """
    import pandas as pd

    return pd.DataFrame([row for scenario, comparison in compared for row in _rows(scenario, comparison)])


def _rows(scenario: Scenario, comparison: Comparison) -> Iterator[dict[str, Any]]:
    point = {
        "scenario": scenario.name,
        "device": scenario.device.name,
        "processor": scenario.processor,
        "model": scenario.model.name,
    }
    budget = {
        "throttle": scenario.throttle.name if scenario.throttle else None,
        "preload_buffer_bytes": scenario.preload_bytes,
        "load_buffer_bytes": scenario.load_buffer_bytes,
        "target_latency_ns": scenario.target_latency_ns,
    }
    for result in comparison.results:
        yield point | {"planner": result.planner} | budget | {"left_out": None} | result.to_row()
    for left in comparison.left_out:
        yield point | {"planner": left.planner} | budget | {"left_out": left.reason}
