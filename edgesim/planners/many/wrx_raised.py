"""WRX's passes 2 and 3 for many drafts: shards are raised one by one, in each draft as `Draft.raise_to` would."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from edgesim.model import FULL
from edgesim.planners.many.wrx_drafts import Drafts, Grown
from edgesim.planners.many.wrx_ends import NEVER

if TYPE_CHECKING:
    from edgesim.batch.jobs import Flags, Integers
    from edgesim.planners.many.wrx_drafts import Places

NONE = -1


class _Choices:
    """The bitwidths that one pass tries, falling, and by how much they make a shard of another one grow [B]."""

    def __init__(self, places: Sequence[int], size: "Integers") -> None:
        self.bits = np.array(places, np.intp)
        self.higher = self.bits[:, None] > np.arange(len(size))
        self.grow = np.where(self.higher, size[self.bits][:, None] - size, 0)
        self.least = np.where(self.higher, self.grow, NEVER).min(axis=0)


class _Tried(NamedTuple):
    """One shard of each of R drafts, raised to each of C bitwidths, whatever becomes of it."""

    rows: "Places"
    layer: "Places"
    before: "Places"
    allowed: "Flags"
    """Whether the bitwidth is higher, and its layer has not refused as much, (C, R)."""
    grow: "Integers"
    """Bytes, (C, R)."""
    cost: "Integers"
    bonus: "Integers"
    """What the layer's charge and the first budget gain [ns], (C, R)."""
    fetch: "Integers"
    """What the layer's read would really take [ns], (C, R)."""


class Raising:
    """Drafts whose shards rise.

    Parameters
    ----------
    drafts
        R drafts; they change.
    bits, kept_bits
        Uniform bitwidth of each, and that of its preloaded shards, (R,).
    """

    def __init__(self, drafts: Drafts, bits: "Places", kept_bits: "Places") -> None:
        self.drafts, self.slots = drafts, int(drafts.m.max(initial=0))
        self.too_much = np.full_like(drafts.charge, NEVER)
        """Least growth that a layer has refused [B], and will refuse again: what it can spend never grows, (n, R)."""
        self._must_ask = bool(drafts.unsure.any() or (drafts.room < NEVER).any())
        slot, layer = np.arange(self.slots)[None, :, None], drafts.layer[:, :, None]
        held = (layer < drafts.whole) | ((layer == drafts.whole) & (slot < drafts.part))
        uniform = np.where(held, kept_bits, bits)
        self.bits = np.where((layer < drafts.n) & (slot < drafts.m), uniform, NONE).astype(np.int8)
        """Bitwidth of each shard by its place, `NONE` where there is no shard, (n, m, R)."""

    def run(self, order: "Places") -> None:
        """Raise to compressed bitwidths first, then to 32, in an order of positions, (steps, R)."""
        drafts, widths = self.drafts, self.drafts.bases.bitwidths
        count = len(drafts.m)
        layer, slot = np.divmod(np.maximum(order, 0), drafts.m)
        cells, shards = layer * count + np.arange(count), (layer * self.slots + slot) * count + np.arange(count)
        falling = range(len(widths) - 1, -1, -1)
        for full in (False, True):
            places = [place for place in falling if (widths[place] == FULL) == full]
            if not places:
                continue
            choices = _Choices(places, drafts.bases.size)
            for step, raises in enumerate(order != NONE):
                self._step(choices, raises, cells[step], shards[step])

    def _step(self, choices: _Choices, raises: "Flags", cell: "Places", shard: "Places") -> None:
        """Try one shard of each draft; `cell` and `shard` are places in flat arrays."""
        every = self.bits.reshape(-1)
        before = every[shard].astype(np.intp)
        rows = np.flatnonzero(raises & (choices.least[before] < self.too_much.reshape(-1)[cell]))
        if not len(rows):
            return
        tried = self._try(choices, rows, cell[rows], before[rows])
        paid = self._paid(tried)
        taken = tried.allowed & paid
        if self._must_ask:
            self._ask(choices, tried, taken)
        first, won = taken.argmax(axis=0), taken.any(axis=0)
        self._refuse(tried, cell[rows], np.where(won, first, len(choices.bits)), paid)
        winners = np.flatnonzero(won)
        if len(winners):
            every[shard[rows[winners]]] = choices.bits[first[winners]]
            self._spend(choices, tried, winners, first[winners])

    def _refuse(self, tried: _Tried, cell: "Places", taken: "Places", paid: "Flags") -> None:
        """Note how much growth a layer has refused, in choices before the one that was taken."""
        drafts, flat = self.drafts, self.too_much.reshape(-1)
        refused = tried.allowed & (np.arange(len(paid))[:, None] < taken)
        refused &= ~(paid & drafts.bases.exact[drafts.asked.base[tried.rows]])  # what is too late may be in time later
        flat[cell] = np.minimum(flat[cell], np.where(refused, tried.grow, NEVER).min(axis=0))

    def _try(self, choices: _Choices, rows: "Places", cell: "Places", before: "Places") -> _Tried:
        drafts, count = self.drafts, len(self.drafts.m)
        base = drafts.asked.base[rows]
        grow, through, kept, charge, fetch = (
            choices.grow[:, before],
            *(each.reshape(-1)[cell] for each in (drafts.through, drafts.kept, drafts.charge, drafts.fetch)),
        )
        loaded = through + grow
        fetched = drafts.bases.reads(loaded, base)
        cost, bonus = fetched - charge, np.zeros_like(grow)
        shared = np.flatnonzero(kept)
        if len(shared):
            whole = drafts.bases.reads(loaded[:, shared] + kept[shared], base[shared])
            cost[:, shared] = whole - charge[shared]
            bonus[:, shared] = cost[:, shared] - (fetched[:, shared] - fetch[shared])
        allowed = choices.higher[:, before] & (grow < self.too_much.reshape(-1)[cell])
        return _Tried(rows, cell // count, before, allowed, grow, cost, bonus, fetched)

    def _paid(self, tried: _Tried) -> "Flags":
        """Tell which raises the budgets pay, those of the layer and of later ones.

        No earlier budget can become negative: a bonus falls only with the reads of the layer that is preloaded in part,
        and the layers before it are preloaded.
        """
        paid: Flags = self.drafts.least[tried.layer, tried.rows] + tried.bonus >= tried.cost
        return paid

    def _ask(self, choices: _Choices, tried: _Tried, taken: "Flags") -> None:
        """Take back what is paid, but would end too late; of what is taken, only the first matters."""
        drafts, open_ = self.drafts, np.ones(len(tried.rows), np.bool_)
        unsure, spare = drafts.unsure[tried.rows], (drafts.room - drafts.loaded)[tried.rows]
        for choice, own in enumerate(taken):
            asked = np.flatnonzero(own & open_ & (unsure | (tried.grow[choice] > spare)))
            own[asked] = drafts.in_time(
                tried.rows[asked], self._grown(choices, tried, asked, np.full(len(asked), choice))
            )
            open_ &= ~own

    def _grown(self, choices: _Choices, tried: _Tried, some: "Places", choice: "Places") -> Grown:
        """Return the raised layer of some of the drafts, each at its own choice."""
        drafts, rows, layer = self.drafts, tried.rows[some], tried.layer[some]
        through = drafts.through[layer, rows] + tried.grow[choice, some]
        usual, late = drafts.usual[layer, rows], drafts.late[layer, rows]
        if drafts.waits:
            base, bases, bits = drafts.asked.base[rows], drafts.bases, choices.bits[choice]
            more = [
                times[base, bits] - times[base, tried.before[some]] for times in (bases.unpack_ns, bases.late_unpack_ns)
            ]
            usual, late = (each + extra * bases.exact[base] for each, extra in zip((usual, late), more, strict=True))
        return Grown(layer, tried.fetch[choice, some], through, usual, late)

    def _spend(self, choices: _Choices, tried: _Tried, winners: "Places", choice: "Places") -> None:
        """Let the budgets pay, and the layers grow."""
        drafts, rows, layer = self.drafts, tried.rows[winners], tried.layer[winners]
        grown = self._grown(choices, tried, winners, choice)
        cost, bonus = tried.cost[choice, winners], tried.bonus[choice, winners]
        drafts.loaded[rows] += tried.grow[choice, winners]
        drafts.charge[layer, rows] += cost
        drafts.through[layer, rows], drafts.fetch[layer, rows] = grown.through, grown.fetch
        if drafts.waits:
            drafts.usual[layer, rows], drafts.late[layer, rows] = grown.usual, grown.late
        later, least = drafts.layer >= layer, drafts.least[:, rows]
        least -= cost * later
        np.minimum(least, least[layer, np.arange(len(rows))], out=least, where=~later)
        drafts.least[:, rows] = least + bonus
