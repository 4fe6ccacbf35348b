"""The agreements of all cases of one class, summed up."""

from collections.abc import Sequence
from dataclasses import dataclass

from edgesim.validation.agreement import Agreement
from edgesim.validation.statistics import Summary, summary


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """All cases of one class."""

    group: str
    """Name of the class."""
    cases: int
    """How many plans it has."""
    not_validated: int
    """How many of them could not be told."""
    prediction: Summary | None
    """Errors of the simulated latencies."""
    structural: Summary | None
    """Errors of the recurrence fed with each run's own times."""
    edges: Summary | None
    """Errors of the starts and ends of layers, as parts of the latency."""
    spans: dict[str, Summary]
    """Errors of single spans, by kind."""


def group_summaries(agreements: Sequence[Agreement]) -> list[GroupSummary]:
    """Sum up by class; errors of single spans by kind, so that none is hidden by the total."""
    found = []
    for group in sorted({one.group for one in agreements}):
        members = [one for one in agreements if one.group == group]
        fair = [one for one in members if one.prediction is not None]
        kinds = sorted({kind for one in fair for kind in one.spans or {}})
        by_kind = {kind: [error for one in fair for error in (one.spans or {}).get(kind, ())] for kind in kinds}
        found.append(
            GroupSummary(
                group,
                len(members),
                len(members) - len(fair),
                summary([one.prediction for one in fair if one.prediction is not None]),
                summary([error for one in fair for error in one.structural]),
                summary([error for one in fair for error in (*one.starts, *one.ends)]),
                {kind: made for kind, errors in by_kind.items() if (made := summary(errors))},
            )
        )
    return found
