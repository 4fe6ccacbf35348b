"""Whether the simulator would choose the plan that is really the best: rank correlation, the choice, and its cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from edgesim.validation.agreement import Agreement
from edgesim.validation.records import Case
from edgesim.validation.statistics import kendall_tau


@dataclass(frozen=True, slots=True)
class Ranking:
    """Plans on one storage, ordered by latency.

    Parameters
    ----------
    storage
        The device that was emulated, or ``native``. Plans that read nothing were executed once; they count for each.
    plans
        How many were compared.
    tau
        Kendall's tau-b of simulated and real latencies; None for fewer than two.
    certain_pairs, certain_tau
        Pairs of plans of which it is certain which one is really faster, because the 95 % intervals of their latencies
        do not meet, and the share of them in the simulated order less the share of the others; None without such pairs.
    simulated_best, real_best
        Labels of the fastest plans.
    regret
        How much longer the simulator's choice really takes than the really fastest one, as a part of the latter.
    same_promise
        Of the plans, how many meet their target in both, or miss it in both.
    """

    storage: str
    plans: int
    tau: float | None
    certain_pairs: int
    certain_tau: float | None
    simulated_best: str
    real_best: str
    regret: float
    same_promise: int


def rankings(cases: Sequence[Case], agreements: Sequence[Agreement]) -> list[Ranking]:
    """Rank the plans of each storage; those that were not validated are left out."""
    pairs = [(case, one) for case, one in zip(cases, agreements, strict=True) if one.real_ns is not None]
    storages = sorted({_storage(case) for case, _ in pairs if case.reads} or {_storage(case) for case, _ in pairs})
    return [
        _ranking(storage, [pair for pair in pairs if _storage(pair[0]) == storage or not pair[0].reads])
        for storage in storages
    ]


def _storage(case: Case) -> str:
    return case.throttle or "native"


def _ranking(storage: str, pairs: Sequence[tuple[Case, Agreement]]) -> Ranking:
    simulated = [one.simulated_ns for _, one in pairs]
    real = [one.real_ns or 0 for _, one in pairs]
    certain = [sign for sign in map(_certain_sign, combinations([one for _, one in pairs], 2)) if sign is not None]
    chosen, best = simulated.index(min(simulated)), real.index(min(real))
    return Ranking(
        storage,
        len(pairs),
        kendall_tau(simulated, real),
        len(certain),
        sum(certain) / len(certain) if certain else None,
        pairs[chosen][1].label,
        pairs[best][1].label,
        real[chosen] / real[best] - 1,
        sum(_promise(case, one) for case, one in pairs),
    )


def _certain_sign(pair: tuple[Agreement, Agreement]) -> int | None:
    """Return 1 where a pair's simulated order is the real one, -1 where it is not; None where that is uncertain."""
    first, second = sorted(pair, key=lambda one: one.real_ns or 0)
    if not first.real_interval_ns or not second.real_interval_ns:
        return None
    if first.real_interval_ns[1] >= second.real_interval_ns[0]:
        return None
    return (second.simulated_ns > first.simulated_ns) - (second.simulated_ns < first.simulated_ns)


def _promise(case: Case, one: Agreement) -> bool:
    """Tell whether simulation and reality agree on the target."""
    return (one.simulated_ns <= case.target_latency_ns) == ((one.real_ns or 0) <= case.target_latency_ns)
