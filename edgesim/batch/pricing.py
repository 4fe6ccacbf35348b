"""Plan -> one job: the first inference of a scenario, priced as a backend does it."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.jobs import UNKNOWN, UNLIMITED, Jobs
from edgesim.busy import FULL_SPEED, READ
from edgesim.energy import powers
from edgesim.memory import kept_bytes, working_bytes
from edgesim.metrics import fill_ns
from edgesim.plans import Plan
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.scenario import Scenario
from edgesim.work import Work, first_and_later

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Integers

_ROWS = (
    "buffer_bytes", "after", "freed_bytes", "decompress_ns", "compute_ns", "decompress_after_wait_ns",
    "compute_after_wait_ns",
)  # fmt: skip
_USUAL = dict.fromkeys(("held_bytes", "kept_bytes", "resident_bytes", "fill_ns"), 0) | {
    "read_mw": UNKNOWN,
    "compute_mw": UNKNOWN,
}
_TOO_LARGE = 2**62
"""Stands for whatever is not less: `edgesim.batch.figures.fits` tells of it."""


def job_of(plan: Plan, scenario: Scenario) -> Jobs:
    """Price the first inference of a plan, with all that is measured of it.

    Parameters
    ----------
    plan
        What is executed; it must be legal (`edgesim.rules`).
    scenario
        What it is executed for: one undisturbed inference, warm or cold, of an app that has the device to itself.

    Returns
    -------
    Jobs
        One inference. A number of 2**62 or more is told as 2**62.

    Raises
    ------
    ValueError
        If the device has no time for something the plan does.
    """
    model, device, session = scenario.model, scenario.device, scenario.session
    power = powers(device, session.processor)
    return priced(
        first_and_later(plan, model, device, session)[0],
        None if plan.ignores_buffers else session.load_buffer_bytes,
        working_bytes(plan, model, device, session.processor),
        {"fidelity": fidelity(plan, model), "accuracy": predicted_accuracy(plan, model)[0]},
        held_bytes=kept_bytes(plan, model, plan.preload) if session.start == "warm" else 0,
        kept_bytes=max(kept_bytes(plan, model, shards) for shards in (plan.preload, plan.retain)),
        resident_bytes=sum(model.resident_bytes.values.values()),
        fill_ns=fill_ns(plan, scenario),
        read_mw=power.get(READ, UNKNOWN),
        compute_mw=power.get(FULL_SPEED, UNKNOWN),
    )


def priced(
    work: Work,
    load_buffer_bytes: int | None = None,
    working: Sequence[int] = (),
    qualities: Mapping[str, float | None] = MappingProxyType({}),
    **more: int,
) -> Jobs:
    """Return one inference as a job.

    Parameters
    ----------
    work
        What is read and computed, K loads and n layers.
    load_buffer_bytes
        Room of the load buffer [B]; None is unlimited.
    working
        Bytes that each layer takes while it is executed, (n,); 0 where they are left out.
    qualities
        ``fidelity`` and ``accuracy``; None is unknown, as is what is left out.
    more
        Other fields of `Jobs` that `work` says nothing of, such as `held_bytes`: powers that are left out are unknown,
        the rest 0.
    """
    loads, layers = len(work.loads), len(work.compute_ns)
    serves = np.zeros((1, loads, layers), np.bool_)
    for index, served in enumerate(work.load_layers):
        serves[0, index, list(served)] = True
    found: dict[str, NDArray[Any]] = {name: _whole(getattr(work, name))[None] for name in _ROWS}
    found["load_ns"] = np.stack([_whole(row) for row in work.load_ns])[None]
    found["load_bytes"] = _whole([load.bytes for load in work.loads])[None]
    found["working_bytes"] = _whole(working or [0] * layers)[None]
    room = UNLIMITED if load_buffer_bytes is None else load_buffer_bytes
    numbers = {"loads": loads, "layers": layers, "lanes": len(work.load_ns), "hand_off_ns": work.hand_off_ns}
    found |= {name: _whole([number]) for name, number in (_USUAL | numbers | {"room_bytes": room} | more).items()}
    known = {name: np.nan if quality is None else quality for name, quality in qualities.items()}
    found |= {name: np.array([known.get(name, np.nan)]) for name in ("fidelity", "accuracy")}
    return Jobs(serves=serves, overlap=np.array([work.overlap]), **found)


def _whole(values: Iterable[int]) -> "Integers":
    return np.array([min(value, _TOO_LARGE) for value in values], np.int64)
