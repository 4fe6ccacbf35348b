"""The form that most planners of the field share: some shards stay resident, the others come layer by layer."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from edgesim.cost import request
from edgesim.model import Model
from edgesim.planners.submodels import Submodel
from edgesim.plans import Load, Plan, Shard

_Row = Sequence[tuple[Shard, int]]


def streamed(
    model: Model, submodel: Submodel, kept: Collection[Shard] = (), ahead: int | None = None, lanes: int = 1
) -> Plan:
    """Keep some shards between inferences and read the others with one load a layer, in order.

    Parameters
    ----------
    model, submodel
        What is executed.
    kept
        Shards that are resident before time 0 and stay.
    ahead
        How many layers behind the one in execution may be in memory at once; None is no limit.
    lanes
        Loads that may be in service at once.
    """
    resident, stays = set(kept), tuple(sorted(kept))
    missing = [[pair for pair in row if pair[0] not in resident] for row in submodel.rows]
    loads = tuple(_requests(model, missing, range(1, len(missing) + 1), ahead))
    return Plan(submodel.layers, submodel.slices, submodel.bitwidths, stays, loads, stays, lanes)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A plan in short: the first shards of each layer stay between inferences, and requests bring the others in order.

    Parameters
    ----------
    submodel
        What is executed, n layers of m shards.
    held
        How many shards of each layer are resident before time 0 and stay, (n,); None is none.
    ends
        For each request, the position behind the last layer that it reads, rising to n; None is one for each layer.
    ahead
        How many layers behind the one in execution may be in memory at once; None is no limit.
    lanes
        Loads that may be in service at once.
    ignores_buffers
        It takes the memory that it needs.
    """

    submodel: Submodel
    held: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    ahead: int | None = None
    lanes: int = 1
    ignores_buffers: bool = False

    def plan(self, model: Model) -> Plan:
        """Write the plan out."""
        submodel, rows = self.submodel, self.submodel.rows
        held = self.held or (0,) * len(rows)
        stays = tuple(shard for row, count in zip(rows, held, strict=True) for shard, _ in row[:count])
        missing = [row[count:] for row, count in zip(rows, held, strict=True)]
        return Plan(
            submodel.layers,
            submodel.slices,
            submodel.bitwidths,
            stays,
            tuple(_requests(model, missing, self.ends or range(1, len(rows) + 1), self.ahead)),
            stays,
            self.lanes,
            self.ignores_buffers,
        )


def _requests(model: Model, missing: Sequence[_Row], ends: Iterable[int], ahead: int | None) -> Iterator[Load]:
    """Yield a request for the layers up to each end, held back until no more than so many are in memory behind one."""
    start = 0
    for stop in ends:
        if any(missing[start:stop]):
            after = None if ahead is None or start <= ahead else start - ahead - 1
            yield request(model, chain.from_iterable(missing[start:stop]), after)
        start = stop
