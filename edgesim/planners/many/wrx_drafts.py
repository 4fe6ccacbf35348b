"""WRX plans in the making, many at once: `edgesim.planners.draft.Draft` as arrays."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgesim.batch.jobs import UNLIMITED
from edgesim.planners.many.wrx_bases import Bases
from edgesim.planners.many.wrx_ends import NEVER, ends_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgesim.batch.jobs import Flags, Integers

    Places = NDArray[np.intp]


class Asked(NamedTuple):
    """R cases of some bases: place of the base, and budgets as in `edgesim.batch.cases.Cases`, (R,) each."""

    base: "Places"
    target_ns: "Integers"
    preload_bytes: "Integers"
    room_bytes: "Integers"

    def take(self, rows: "Places") -> "Asked":
        """Return some of the cases."""
        return Asked(*(each[rows] for each in self))


class Grown(NamedTuple):
    """One layer of each of some drafts as it would be: its read [ns], bytes to load, and executor times [ns]."""

    layer: "Places"
    fetch: "Integers"
    through: "Integers"
    usual: "Integers"
    late: "Integers"


class Drafts:
    """R drafts of uniform bitwidths; what is behind a draft's own layers is 0, of budgets `NEVER`.

    Parameters
    ----------
    bases, asked
        For what.
    frame
        The submodel of each, (R,).
    bits, kept_bits
        Bitwidth of its shards, and of those that are preloaded, (R,).
    use_slack
        Lend the part of the target that computing leaves over to the first layer.
    """

    def __init__(  # noqa: PLR0913  (they are what drafts are made of)
        self, bases: Bases, asked: Asked, frame: "Places", *, bits: "Places", kept_bits: "Places", use_slack: bool
    ) -> None:
        self.bases, self.asked, self.frame = bases, asked, frame
        self.n, self.m, self.layer_ns = bases.n[frame], bases.m[frame], bases.layer_ns[frame]
        self.layer = np.arange(self.n.max(initial=1))[:, None]
        held = np.minimum(self.n * self.m, asked.preload_bytes // bases.size[kept_bits])
        self.whole, self.part = np.divmod(held, self.m)
        self._weigh(bases.size[bits], bases.size[kept_bits])
        self._time(bits, kept_bits)
        slack = (asked.target_ns - self.n * self.layer_ns) * use_slack + (self.charge - self.fetch).sum(axis=0)
        budgets = slack + self.layer * self.layer_ns - np.cumsum(self.charge, axis=0)
        self.budgets = np.where(self.layer < self.n, budgets, NEVER)
        self.least = np.minimum.accumulate(self.budgets[::-1], axis=0)[::-1].copy()
        self.loaded = self.through.sum(axis=0)
        self.room = np.where(asked.room_bytes == UNLIMITED, NEVER, asked.room_bytes)
        self.unsure = bases.exact[asked.base] | (bases.wakes_ns[asked.base] > 0)

    def _weigh(self, size: "Integers", kept_size: "Integers") -> None:
        """Set the bytes of each layer, kept and to be loaded, its charge, and what its read really takes [ns]."""
        reads, base, m, none = self.bases.reads, self.asked.base, self.m, np.zeros_like(self.m)
        kept, missing = self.part * kept_size, (m - self.part) * size
        absent = reads(m * size, base)
        self.kept = self._by_layer(m * kept_size, kept, none)
        self.through = self._by_layer(none, missing, m * size)
        self.charge = self._by_layer(reads(m * kept_size, base), reads(kept + missing, base), absent)
        self.fetch = self._by_layer(none, reads(missing, base), absent)

    def _time(self, bits: "Places", kept_bits: "Places") -> None:
        """Set the executor time of each layer, and that after a wait, as `edgesim.planners.durations` has them."""
        base, m, bases = self.asked.base, self.m, self.bases
        self.waits = bool(bases.exact[base].any())
        self.usual = self.late = self._by_layer(self.layer_ns, self.layer_ns, self.layer_ns)
        if not self.waits:
            return
        hand_off = bases.hand_off_ns[base]
        times = [(bases.compute_ns, bases.unpack_ns, 0 * hand_off), (bases.late_ns, bases.late_unpack_ns, hand_off)]
        found = []
        for compute, unpack, more in times:
            kept, other, fixed = unpack[base, kept_bits], unpack[base, bits], compute[base, m] + more
            partly = self.part * kept + (m - self.part) * other
            very = self._by_layer(fixed + m * kept, fixed + partly, fixed + m * other)
            found.append(np.where(bases.exact[base], very, self.usual))
        self.usual, self.late = found

    def _by_layer(self, resident: "Integers", partly: "Integers", absent: "Integers") -> "Integers":
        """Spread what layers have that are preloaded, in part, or not at all, (R,) each, over the layers, (n, R)."""
        later = np.where(self.layer == self.whole, partly, absent)
        spread: Integers = np.where(self.layer < self.whole, resident, later) * (self.layer < self.n)
        return spread

    def hold(self) -> "Flags":
        """Tell which drafts are valid: no budget negative, and where that is not enough, in time, (R,)."""
        valid: Flags = self.least[0] >= 0
        asked = np.flatnonzero(valid & (self.unsure | (self.loaded > self.room)))
        valid[asked] = self.in_time(asked)
        return valid

    def in_time(self, rows: "Places", grown: Grown | None = None) -> "Flags":
        """Tell which of some drafts meet the target under the recurrence, if each had one of its layers grown."""
        if not len(rows):
            return np.zeros(0, np.bool_)
        met: Flags = self.end_ns(rows, grown) <= self.asked.target_ns[rows]
        return met

    def end_ns(self, rows: "Places", grown: Grown | None = None) -> "Integers":
        """Return when some drafts end [ns]; `NEVER` where a request exceeds the load buffer."""
        load, n_bytes, usual = (each[:, rows] for each in (self.fetch, self.through, self.usual))
        late, at = self.late[:, rows] if self.waits else None, np.arange(len(rows))
        if grown is not None:
            load[grown.layer, at], n_bytes[grown.layer, at] = grown.fetch, grown.through
            if late is not None:
                usual[grown.layer, at], late[grown.layer, at] = grown.usual, grown.late
        base, whole, last = self.asked.base[rows], self.whole[rows], len(self.layer) - 1
        load[np.minimum(whole, last), at] += self.bases.wakes_ns[base] * (whole < self.n[rows])
        if late is not None:
            start_up, hand_off = self.bases.start_up_ns[base], self.bases.hand_off_ns[base]
            usual[0] += start_up
            late[0] = np.where(start_up > 0, np.maximum(late[0], usual[0] + hand_off), late[0])
        return ends_ns(load, usual, n_bytes, self.room[rows], late)
