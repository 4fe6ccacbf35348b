"""The options of WRX, for many cases at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edgesim.model import FULL, Model
from edgesim.planners.frame import Granularity
from edgesim.planners.many.wrx_filled import NONE, Filling
from edgesim.planners.wrx import Ranking, usable_bitwidths


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """Those of `edgesim.planners.wrx.wrx`, which says what they mean."""

    variant: Literal["as_described", "as_published"] = "as_described"
    granularity: Granularity = "layer"
    use_slack: bool = True
    upgrade_to: int = FULL
    importance: Ranking = "measured"
    preload: bool = True
    preload_bitwidth: int | None = None
    upgrade: bool = True
    seed: int = 0

    @property
    def a_layer_at_a_time(self) -> bool:
        """Whether budgets are kept, and each request brings one layer."""
        return self.variant == "as_described" and self.granularity in ("layer", {"group": 1})

    def bitwidths(self, model: Model) -> list[int]:
        """Return the bitwidths of a model that may be used; see `edgesim.planners.wrx.usable_bitwidths`."""
        return usable_bitwidths(model, self.upgrade_to, self.preload_bitwidth)

    def filling(self, bitwidths: Sequence[int]) -> Filling:
        """Return how drafts are begun."""
        kept = NONE if self.preload_bitwidth is None else bitwidths.index(self.preload_bitwidth)
        return Filling(kept, self.use_slack)
