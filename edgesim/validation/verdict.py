"""The answer of a validation: the simulator is within the tolerance, beyond it, or nothing was learnt."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from edgesim.result import Measured, plain
from edgesim.validation.agreement import Agreement, agree
from edgesim.validation.groups import GroupSummary, group_summaries
from edgesim.validation.ranking import Ranking, rankings
from edgesim.validation.records import Campaign, Case
from edgesim.validation.statistics import Summary, summary

SCHEMA = "edgesim.validation/1"
Verdict = Literal["within tolerance", "out of tolerance", "not validated"]


@dataclass(frozen=True, slots=True)
class Validation:
    """What a campaign says.

    Parameters
    ----------
    campaign
        What was executed.
    agreements
        One for each case.
    groups, rankings
        By class, and by storage.
    verdict
        Within tolerance if the median error of every class is; not validated if the host disturbed too much to tell.
    drift
        By class, how far the real latencies are from those of another session: what no simulator can foretell.
    left_out
        Planners without a plan, or another session without the same plans, and why.
    accuracy
        Of each case's plan on the real model, where it was asked for.
    """

    campaign: Campaign
    agreements: tuple[Agreement, ...]
    groups: tuple[GroupSummary, ...]
    rankings: tuple[Ranking, ...]
    verdict: Verdict
    drift: dict[str, Summary] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    accuracy: tuple[Measured, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the spans, ready for JSON."""
        names = ("verdict", "groups", "rankings", "drift", "agreements", "accuracy", "left_out")
        head = {"schema": SCHEMA, "scenario": self.campaign.scenario, "tolerance": self.campaign.tolerance}
        rest = {name: plain(getattr(self, name)) for name in names}
        return head | rest | {"circumstances": self.campaign.circumstances}


def judge(
    campaign: Campaign,
    *,
    earlier: Campaign | None = None,
    left_out: Sequence[str] = (),
    accuracy: Sequence[Measured] = (),
) -> Validation:
    """Compute every figure of a campaign.

    Parameters
    ----------
    campaign
        What was executed.
    earlier
        The same cases in another session.
    left_out, accuracy
        As `Validation` has them.
    """
    agreements = tuple(agree(case, runs) for case, runs in zip(campaign.cases, campaign.runs, strict=True))
    groups = tuple(group_summaries(agreements))
    drift = _drift(campaign.cases, agreements, earlier) if earlier else {}
    stranger = ["the earlier session: has none of these plans"] if earlier and not drift else []
    return Validation(
        campaign,
        agreements,
        groups,
        tuple(rankings(campaign.cases, agreements)),
        _verdict(groups, campaign.tolerance),
        drift,
        (*left_out, *stranger),
        tuple(accuracy),
    )


def _verdict(groups: Sequence[GroupSummary], tolerance: float) -> Verdict:
    if any(group.prediction is None or group.not_validated > group.cases / 4 for group in groups):
        return "not validated"
    errors = [group.prediction.median_size for group in groups if group.prediction]
    return "within tolerance" if max(errors) <= tolerance else "out of tolerance"


def _drift(cases: Sequence[Case], agreements: Sequence[Agreement], earlier: Campaign) -> dict[str, Summary]:
    """Compare real latencies with those of the same plans in another session."""
    before = {_same(case): agree(case, runs).real_ns for case, runs in zip(earlier.cases, earlier.runs, strict=True)}
    moved: dict[str, list[float]] = {}
    for case, one in zip(cases, agreements, strict=True):
        known = before.get(_same(case))
        if one.real_ns and known:
            moved.setdefault(one.group, []).append(one.real_ns / known - 1)
    return {group: found for group, errors in sorted(moved.items()) if (found := summary(errors))}


def _same(case: Case) -> object:
    """Tell a plan by what it moves and holds: with another profile, a planner may have made another one."""
    moved = [(work.buffer_bytes, work.load_layers, work.freed_bytes) for work in case.works]
    return case.label, tuple(moved), case.metrics.preload_bytes, case.metrics.working_bytes, case.metrics.loaded_bytes
