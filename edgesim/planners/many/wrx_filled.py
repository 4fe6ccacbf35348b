"""WRX's first stage for many cases: the largest submodels that can be computed, and read at a uniform bitwidth."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from edgesim.errors import InfeasibleError
from edgesim.planners.many.wrx_bases import Bases
from edgesim.planners.many.wrx_drafts import Asked, Drafts
from edgesim.planners.many.wrx_ends import NEVER
from edgesim.planners.refusals import too_large, too_late, too_slow, unpaid, unread
from edgesim.planners.submodels import layers_of

if TYPE_CHECKING:
    from edgesim.planners.many.wrx_drafts import Places

NONE = -1


@dataclass(frozen=True, slots=True)
class Filling:
    """How drafts are begun: the bitwidth of what is preloaded, by its place, or `NONE`; and whether slack is lent."""

    kept_bits: int
    use_slack: bool

    def drafts(self, bases: Bases, asked: Asked, frame: "Places", bits: "Places") -> Drafts:
        """Begin drafts of some frames at uniform bitwidths, (R,) each."""
        return Drafts(bases, asked, frame, bits=bits, kept_bits=self.kept(bits), use_slack=self.use_slack)

    def kept(self, bits: "Places") -> "Places":
        """Return the bitwidths of what is preloaded, (R,)."""
        return bits if self.kept_bits == NONE else np.full_like(bits, self.kept_bits)


def fill(bases: Bases, asked: Asked, filling: Filling) -> tuple["Places", "Places"]:
    """Return the first frame of each case that has a valid uniform bitwidth, and the highest one, (R,) each.

    Where there is none, the bitwidth is `NONE`, and the frame the last that can be computed in time, or `NONE`.
    """
    frame, bits = np.full((2, len(asked.base)), NONE, np.intp)
    frames = _InTime(bases, asked)
    open_ = np.arange(len(asked.base))
    while len(open_):
        found = frames.next(open_)
        open_, tried = open_[found != NONE], found[found != NONE]
        frame[open_] = tried
        for width in reversed(range(len(bases.bitwidths))):
            rows = open_[bits[open_] == NONE]
            if not len(rows):
                break
            drafts = filling.drafts(bases, asked.take(rows), frame[rows], np.full(len(rows), width))
            bits[rows[drafts.hold()]] = width
        open_ = open_[bits[open_] == NONE]
    return frame, bits


class _InTime:
    """The frames of each case that can be computed in time, one after the other."""

    def __init__(self, bases: Bases, asked: Asked) -> None:
        self.need_ns, self.target_ns = bases.n * bases.layer_ns, asked.target_ns
        self.place, self.end = bases.first[asked.base], bases.first[asked.base + 1]

    def next(self, rows: "Places") -> "Places":
        """Return the next frame of some cases, or `NONE`."""
        found, open_ = np.full(len(rows), NONE, np.intp), np.arange(len(rows))
        while len(open_):
            open_ = open_[self.place[rows[open_]] < self.end[rows[open_]]]
            places = self.place[rows[open_]]
            in_time = self.need_ns[places] <= self.target_ns[rows[open_]]
            found[open_[in_time]] = places[in_time]
            self.place[rows[open_]] += 1
            open_ = open_[~in_time]
        return found


def refusals(bases: Bases, asked: Asked, frame: "Places", filling: Filling) -> Iterator[InfeasibleError]:
    """Yield why cases have no plan, in order: the planner's own words about the last frame that it has tried.

    Parameters
    ----------
    bases, asked, filling
        What was asked.
    frame
        The last frame that can be computed in time, or `NONE`, (R,).
    """
    rows = np.flatnonzero(frame != NONE)
    tried = filling.drafts(bases, asked.take(rows), frame[rows], np.zeros(len(rows), np.intp))
    unread_rows = iter(zip(range(len(rows)), tried.end_ns(np.arange(len(rows))).tolist(), strict=True))
    for row, computed in enumerate((frame != NONE).tolist()):
        yield _unread(tried, *next(unread_rows)) if computed else _too_slow(bases, asked, row)


def _too_slow(bases: Bases, asked: Asked, row: int) -> InfeasibleError:
    base = asked.base[row]
    own = slice(bases.first[base], bases.first[base + 1])
    need_ns = bases.n[own] * bases.layer_ns[own]
    shortest, n, m = min(zip(need_ns.tolist(), bases.n[own].tolist(), bases.m[own].tolist(), strict=True))
    return too_slow(n, m, shortest, int(asked.target_ns[row]))


def _unread(tried: Drafts, row: int, end_ns: int) -> InfeasibleError:
    bases, n, m, least = tried.bases, int(tried.n[row]), int(tried.m[row]), int(tried.least[0, row])
    if least < 0:
        layer = layers_of(bases.model, n)[int(tried.budgets[:, row].argmin())]
        return unread(n, m, bases.bitwidths[0], unpaid(layer, -least))
    if end_ns == NEVER:
        why = too_large(int(tried.through[:, row].max()), int(tried.room[row]))
    else:
        why = too_late(end_ns - int(tried.asked.target_ns[row]))
    return unread(n, m, bases.bitwidths[0], why)
