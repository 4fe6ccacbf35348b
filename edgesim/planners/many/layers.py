"""Submodels as arrays, and how long a processor takes for their layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgesim.device import Device
from edgesim.memory import working_bytes
from edgesim.model import Model
from edgesim.planners.submodels import Submodel
from edgesim.plans import Plan
from edgesim.quality import fidelity, predicted_accuracy
from edgesim.work import price

if TYPE_CHECKING:
    from edgesim.batch.jobs import Flags, Floats, Integers

_LARGEST = 2**52


@dataclass(frozen=True, slots=True)
class Submodels:
    """U submodels of up to n layers.

    Parameters
    ----------
    model, every
        Which they are.
    place
        Where each is among them, by its identity.
    n, m, bits
        Layers, shards a layer and bitwidth, (U,).
    executed
        Whether a layer is there, (U, n).
    layers
        The model's layers, 0 behind the last, (U, n).
    fidelity, accuracy
        NaN where unknown, (U,).
    """

    model: Model
    every: Sequence[Submodel]
    place: dict[int, int]
    n: "Integers"
    m: "Integers"
    bits: "Integers"
    executed: "Flags"
    layers: "Integers"
    fidelity: "Floats"
    accuracy: "Floats"


def submodels_of(every: Sequence[Submodel], model: Model) -> Submodels:
    """Return submodels as arrays."""
    n, m, bits = (
        np.array(numbers, np.int64)
        for numbers in zip(*((len(each.layers), len(each.slices[0]), each.bits) for each in every), strict=True)
    )
    executed = np.arange(n.max()) < n[:, None]
    layers = np.zeros(executed.shape, np.int64)
    layers[executed] = [layer for each in every for layer in each.layers]
    empty = [Plan(each.layers, each.slices, each.bitwidths) for each in every]
    qualities = [(fidelity(plan, model), predicted_accuracy(plan, model)[0]) for plan in empty]
    return Submodels(
        model,
        every,
        {id(each): place for place, each in enumerate(every)},
        n,
        m,
        bits,
        executed,
        layers,
        *np.array(qualities, np.float64).T,  # None becomes NaN
    )


@dataclass(frozen=True, slots=True)
class Executed:
    """What a processor does for the layers of each submodel: fields of `edgesim.batch.jobs.Jobs`, (U, n) or single."""

    working_bytes: "Integers"
    decompress_ns: "Integers"
    compute_ns: "Integers"
    decompress_after_wait_ns: "Integers"
    compute_after_wait_ns: "Integers"
    hand_off_ns: int
    overlap: bool


_OF_WORK = ("decompress_ns", "compute_ns", "decompress_after_wait_ns", "compute_after_wait_ns")
BY_LAYER = ("working_bytes", *_OF_WORK)


def executed_by(submodels: Submodels, device: Device, processor: str) -> Executed:
    """Price the layers of submodels: layers of as many shards are alike, but for the first one of an inference.

    Raises
    ------
    OverflowError
        If a number is too large for sums of 64 bits.
    """
    model = submodels.model
    deepest: dict[tuple[int, int], Submodel] = {}
    for m, bits, each in zip(submodels.m.tolist(), submodels.bits.tolist(), submodels.every, strict=True):
        if len(deepest.get((m, bits), each).layers) <= len(each.layers):
            deepest[m, bits] = each
    first_two = [Plan(each.layers[:2], each.slices[:2], each.bitwidths[:2]) for each in deepest.values()]
    works = [price(plan, model, device, processor, ()) for plan in first_two]
    columns = {name: [getattr(work, name) for work in works] for name in _OF_WORK}
    columns["working_bytes"] = [tuple(working_bytes(plan, model, device, processor)) for plan in first_two]
    row = {key: number for number, key in enumerate(deepest)}
    rows = np.array([row[key] for key in zip(submodels.m.tolist(), submodels.bits.tolist(), strict=True)], np.intp)
    found = {name: _spread(parts, rows, submodels.executed) for name, parts in columns.items()}
    return Executed(**found, hand_off_ns=works[0].hand_off_ns, overlap=works[0].overlap)


def _spread(parts: Sequence[tuple[int, ...]], rows: "Integers", executed: "Flags") -> "Integers":
    """Give each submodel its first layer's number, and the second's to all later layers, (U, n)."""
    if max(max(part) for part in parts) >= _LARGEST:
        raise OverflowError("a layer's number is too large for sums of 64 bits")
    first, later = (np.array([part[place] for part in parts], np.int64)[rows, None] for place in (0, -1))
    return np.where(executed, np.where(np.arange(executed.shape[1]) == 0, first, later), 0)
