"""What is kept of one replication: its figures, and how often each latency occurred."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from edgesim.distribution import Distribution
from edgesim.replications.percentiles import Counts, counts
from edgesim.result import Result

MEAN_LATENCY, MET, ALL_MET = "latency_mean_ns", "target_met_fraction", "all_met_fraction"
_OF_METRICS = ("latency_p50_ns", "latency_p90_ns", "latency_p99_ns", MET, "peak_memory_bytes")
_OF_SERVICE = (
    MEAN_LATENCY, "waiting_mean_ns", "ready_fraction", "ready_and_met_fraction", "restarts", "per_inference_pj",
    "per_engagement_pj", "first_token_p50_ns", "per_token_p50_ns",
)  # fmt: skip
_OF_DEVICE = ("evicted_apps", "evicted_others", "battery_share")


class Latencies(Distribution):
    """How often each latency [ns] occurred in one replication."""

    __slots__ = ()

    @property
    def counts(self) -> Counts:
        """Return them; see `Distribution` for when they are exact."""
        return counts(self._counts)


class Sample(NamedTuple):
    """One replication: each figure by name, None where it is unknown; for each app how often each latency [ns] was."""

    figures: Mapping[str, float | None]
    latencies: Mapping[str, Counts]


def figures(result: Result) -> dict[str, float | None]:
    """Return the figures of one session by name.

    `ALL_MET` is whether all inferences met the target: over replications, the probability of such a session. Those of
    another app on the device begin with the app's name and a dot; what is about the device follows the
    scenario's own.
    """
    found = _figures(result) | _read(result.device_use, _OF_DEVICE)
    for one in result.beside:
        found |= {f"{one.requests[0].app}.{name}": value for name, value in _figures(one).items()}
    return found


def _figures(result: Result) -> dict[str, float | None]:
    service, found = result.service, _read(result.service, _OF_SERVICE) | _read(result.metrics, _OF_METRICS)
    stall = {"stall_mean_ns": service.stall_ns / service.inferences} if service else {}
    return dict(_in_order(found | {ALL_MET: float(found[MET] == 1)} | stall))


def _read(part: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {} if part is None else {name: getattr(part, name) for name in names}


def _in_order(found: Mapping[str, float | None]) -> Iterator[tuple[str, float | None]]:
    """Put latencies and the target first: what a reader looks for."""
    first = [name for name in found if name.startswith("latency") or name in (MET, ALL_MET)]
    yield from ((name, found[name]) for name in dict.fromkeys([*first, *found]))
