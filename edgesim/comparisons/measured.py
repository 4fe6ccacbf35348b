"""Accuracy that is measured on the real model, each plan once."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgesim.accuracy import measured_accuracy
from edgesim.comparisons.cells import Progress
from edgesim.plans import Plan
from edgesim.result import Measured, Result
from edgesim.scenario import Scenario

Asked = tuple[str | Path, str | None]
"""Folder of the shard store, and the task."""


def with_accuracy(
    points: Sequence[Scenario], rows: Sequence[Sequence[Result]], asked: Asked, say: Progress
) -> list[list[Result]]:  # fmt: skip
    """Add ``measured_accuracy``, ``measured_task`` and ``measured_examples`` to results.

    Raises
    ------
    InputError
        If the store is of another model, no task is known, or a library is missing.
    """
    store, task = asked
    first: dict[str, Scenario] = {}
    distinct: dict[str, dict[object, tuple[str, Plan]]] = {}
    for point, results in zip(points, rows, strict=True):
        first.setdefault(point.model.name, point)
        for result in results:
            plans = distinct.setdefault(point.model.name, {})
            plans.setdefault(answers_of(result.plan), (result.planner, result.plan))
    found: dict[tuple[str, object], Measured] = {}
    for model, plans in distinct.items():
        measured = measured_accuracy(first[model], list(plans.values()), store=store, task=task, progress=say)
        found |= {(model, key): one for key, one in zip(plans, measured, strict=True)}
    return [
        [
            replace(one, asked=one.asked | _keys(found[point.model.name, answers_of(one.plan)]))
            for one in results
        ]
        for point, results in zip(points, rows, strict=True)
    ]  # fmt: skip


def answers_of(plan: Plan) -> object:
    """Return what of a plan decides what it answers: how its shards get to memory does not."""
    return plan.layers, plan.shards, plan.bitwidths


def _keys(one: Measured) -> dict[str, Any]:
    return {"measured_accuracy": one.accuracy, "measured_task": one.task, "measured_examples": one.examples}
