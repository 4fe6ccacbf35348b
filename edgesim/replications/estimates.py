"""From what each replication gave to what is known about all that there might be."""

from collections.abc import Sequence
from statistics import fmean, stdev, variance

from edgesim.preparation import Prepared
from edgesim.replications.figures import Sample
from edgesim.replications.findings import Difference, Estimate, Percentile, Replications, Stopped
from edgesim.replications.intervals import mean_interval, share_interval, wilson
from edgesim.replications.percentiles import Counts, percentile_of

PERCENTS = (50, 90, 99)
Values = Sequence[float | None]


def summed_up(prepared: Prepared, samples: Sequence[Sample], stopped: Stopped) -> Replications:
    """Sum up the replications of one planner."""
    scenario = prepared.scenario
    values = {name: tuple(one.figures.get(name) for one in samples) for name in samples[0].figures}
    return Replications(
        scenario=scenario.name,
        device=scenario.device.name,
        processor=scenario.processor,
        model=scenario.model.name,
        planner=prepared.planner,
        seed=scenario.seed,
        number=len(samples),
        stopped=stopped,
        estimates={name: estimate(found, name) for name, found in values.items()},
        percentiles={app: _percentiles([one.latencies[app] for one in samples]) for app in samples[0].latencies},
        values=values,
    )


def estimate(values: Values, name: str) -> Estimate | None:
    """Return the mean of a figure and its interval; None where the figure is unknown in any replication.

    Parameters
    ----------
    values
        One for each replication.
    name
        The figure's. A ``fraction`` keeps between 0 and 1, and has Wilson's interval where each is a yes or no.
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    mean = fmean(known)
    if len(known) < 2:
        return Estimate(mean, None, None, "none")
    deviation = stdev(known)
    if not name.endswith("_fraction"):
        return Estimate(mean, deviation, mean_interval(known), "student")
    if deviation == 0 or set(known) <= {0, 1}:
        return Estimate(mean, deviation, wilson(sum(known), len(known)), "wilson")
    return Estimate(mean, deviation, share_interval(known), "student")


def _percentiles(counted: Sequence[Counts]) -> tuple[Percentile, ...]:
    single = all(sum(one.often) == 1 for one in counted)
    method = "none" if len(counted) < 2 else "order statistics" if single else "woodruff"
    return tuple(Percentile(percent, *percentile_of(counted, percent), method) for percent in PERCENTS)


def difference(one: Replications, baseline: Replications, figure: str) -> Difference:
    """Subtract the figure of one planner from that of another, replication by replication.

    Notes
    -----
    Source: common random numbers and the paired-t interval, as in M. D. Rossetti, Simulation Modeling and Arena,
    section 4.4.
    """
    pairs = [(mine, other) for mine, other in zip(one.values[figure], baseline.values[figure], strict=True)]
    known = [(mine, other) for mine, other in pairs if mine is not None and other is not None]
    if len(known) < len(pairs):
        return Difference(one.planner, baseline.planner, None, 0, 0, None)
    off = [mine - other for mine, other in known]
    less, equal = sum(value < 0 for value in off), off.count(0)
    return Difference(one.planner, baseline.planner, estimate(off, "difference"), less, equal, _gain(known, off))


def _gain(pairs: Sequence[tuple[float, float]], off: Sequence[float]) -> float | None:
    """Return how many times as many independent replications would be needed for the same precision."""
    paired = variance(off) if len(off) > 1 else 0.0
    apart = sum(variance(values) for values in zip(*pairs, strict=True)) if paired else 0.0
    return apart / paired if paired else None
