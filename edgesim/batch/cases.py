"""What is to be planned at once, and what comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgesim.batch.jobs import Jobs
from edgesim.errors import EdgesimError
from edgesim.plans import Plan
from edgesim.scenario import Scenario

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Integers


@dataclass(frozen=True, slots=True)
class Cases:
    """N cases to plan for: scenarios whose target and buffers are replaced by each case's own.

    Parameters
    ----------
    bases
        Scenarios of one undisturbed inference each, without other apps; their own target and buffers do not count.
    base
        Place of each case's scenario among them, (N,).
    target_ns, preload_bytes, room_bytes
        Each case's budget, (N,); the room of the load buffer may be `edgesim.batch.jobs.UNLIMITED`.
    """

    bases: tuple[Scenario, ...]
    base: "NDArray[np.intp]"
    target_ns: "Integers"
    preload_bytes: "Integers"
    room_bytes: "Integers"

    def __len__(self) -> int:
        """Return N."""
        return len(self.base)


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of N cases, priced; several cases may share one.

    Parameters
    ----------
    jobs
        M distinct plans, each on one base with one load buffer, for a warm start.
    job
        Which of them each case has, (N,), -1 where there is no plan.
    refused
        Why there is none, by case: the very error that the planner would have raised.
    plans
        The plans themselves, by case, where they were made one by one: another call might make others. None where
        they were made at once.
    """

    jobs: Jobs
    job: "NDArray[np.intp]"
    refused: Mapping[int, EdgesimError]
    plans: Mapping[int, Plan] | None = None


Many = Callable[..., Planned]
"""Plans cases, with a planner's options as keywords: the same plans as the planner makes one by one."""
