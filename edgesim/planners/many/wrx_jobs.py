"""Drafts -> jobs: many plans of WRX, priced as `edgesim.batch.pricing.job_of` prices one."""

from typing import TYPE_CHECKING, Any

import numpy as np

from edgesim.batch.jobs import UNKNOWN, Jobs
from edgesim.busy import FULL_SPEED, READ
from edgesim.cost import decompress_ns, overlaps
from edgesim.energy import powers
from edgesim.model import FULL
from edgesim.planners.many.wrx_bases import Bases
from edgesim.planners.many.wrx_drafts import Drafts
from edgesim.planners.many.wrx_quality import accuracies, fidelities
from edgesim.planners.many.wrx_raised import Raising
from edgesim.scenario import Scenario
from edgesim.work import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.planners.many.wrx_drafts import Places

    Fields = dict[str, NDArray[Any]]


def jobs_of(raising: Raising) -> tuple[Jobs, "Places"]:
    """Price the different plans among R drafts, and tell which of them each draft is, (R,)."""
    drafts = raising.drafts
    some, which = _different(raising)
    base, bases = drafts.asked.base[some], drafts.bases
    widths = np.array([*bases.bitwidths, 0], np.int8)[raising.bits[:, :, some].transpose(2, 0, 1)]
    n, m = drafts.n[some], drafts.m[some]
    priced = _loads(drafts, some) | _layers(drafts, some, raising.bits[:, :, some]) | _of_base(bases, base)
    jobs = Jobs(
        layers=n,
        lanes=np.ones_like(n),
        room_bytes=drafts.asked.room_bytes[some],
        fidelity=fidelities(bases.model, n, m, widths),
        accuracy=accuracies(bases.model, n, m, widths),
        **priced,
    )
    return jobs, which


def _different(raising: Raising) -> tuple["Places", "Places"]:
    """Return a draft of each different plan, on one base with one room, and which plan each draft is."""
    drafts = raising.drafts
    asked, count = drafts.asked, len(drafts.n)
    numbers = np.stack([asked.base, asked.room_bytes, drafts.whole, drafts.part], axis=1)
    bits = np.ascontiguousarray(raising.bits.reshape(-1, count).T)
    rows = np.concatenate([numbers.view(np.int8).reshape(count, -1), bits], axis=1)
    keys = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).reshape(-1)
    _, some, which = np.unique(keys, return_index=True, return_inverse=True)
    return some, which


def _loads(drafts: Drafts, some: "Places") -> "Fields":
    """Price what is read: one load for each layer that is not wholly preloaded, and what is preloaded before."""
    base, whole, part, n = drafts.asked.base[some], drafts.whole[some], drafts.part[some], drafts.n[some]
    loads, last = n - whole, len(drafts.layer) - 1
    place = np.arange(int(loads.max(initial=0)))
    layer, real = np.minimum(whole[:, None] + place, last), place < loads[:, None]
    n_bytes, load_ns = (each[layer, some[:, None]] * real for each in (drafts.through, drafts.fetch))
    load_ns[:, :1] += (drafts.bases.wakes_ns[base] * (loads > 0))[:, None]
    kept, charge = drafts.kept[:, some], drafts.charge[:, some]
    fill_ns = (charge * (drafts.layer < whole)).sum(axis=0)
    shared = np.flatnonzero(part)
    fill_ns[shared] += drafts.bases.reads(kept[whole[shared], shared], base[shared])
    return {
        "loads": loads,
        "load_ns": load_ns[:, None],
        "load_bytes": n_bytes,
        "buffer_bytes": n_bytes.copy(),
        "serves": real[:, :, None] & (layer[:, :, None] == np.arange(last + 1)),
        "after": np.full_like(n_bytes, NEVER),
        "freed_bytes": drafts.through[:, some].T.copy(),
        "held_bytes": kept.sum(axis=0),
        "kept_bytes": kept.sum(axis=0),
        "fill_ns": fill_ns,
    }


def _layers(drafts: Drafts, some: "Places", bits: "NDArray[np.int8]") -> "Fields":
    """Price what is executed, as `edgesim.work.price` and `edgesim.memory.working_bytes` do."""
    base, m, bases, model = drafts.asked.base[some], drafts.m[some], drafts.bases, drafts.bases.model
    within = drafts.layer < drafts.n[some]
    unpack, late_unpack, expanded = np.zeros((3, *within.shape), np.int64)
    copied = np.array([_copies(scenario) for scenario in bases.scenarios])[base]
    for place, width in enumerate(bases.bitwidths):
        shards = (bits == place).sum(axis=1)
        unpack += shards * bases.unpack_ns[base, place]
        late_unpack += shards * bases.late_unpack_ns[base, place]
        expanded += shards * (copied | (width != FULL))
    compute, late = bases.compute_ns[base, m] * within, bases.late_ns[base, m] * within
    compute[0] += bases.start_up_ns[base]
    late[0] = np.maximum(late[0], unpack[0] + compute[0] - late_unpack[0])
    working = (4 * model.parameters_per_shard * expanded + model.activation_bytes) * within
    found = {"decompress_ns": unpack, "compute_ns": compute, "working_bytes": working}
    found |= {"decompress_after_wait_ns": late_unpack, "compute_after_wait_ns": late}
    return {name: np.ascontiguousarray(each.T) for name, each in found.items()}


def _copies(scenario: Scenario) -> bool:
    return decompress_ns(scenario.device, scenario.processor, scenario.model, FULL) > 0


def _of_base(bases: Bases, base: "Places") -> "Fields":
    """Look up what no plan changes."""
    scenarios, model = bases.scenarios, bases.model
    power = [powers(scenario.device, scenario.processor) for scenario in scenarios]
    overlap = [overlaps(scenario.device, scenario.processor, model) for scenario in scenarios]
    return {
        "hand_off_ns": bases.hand_off_ns[base],
        "overlap": np.array(overlap, np.bool_)[base],
        "resident_bytes": np.full(len(base), sum(model.resident_bytes.values.values()), np.int64),
        "read_mw": np.array([each.get(READ, UNKNOWN) for each in power], np.int64)[base],
        "compute_mw": np.array([each.get(FULL_SPEED, UNKNOWN) for each in power], np.int64)[base],
    }
