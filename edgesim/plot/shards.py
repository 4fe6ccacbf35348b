"""A plan as a map of the model: each shard in the colour of its bitwidth."""

from typing import TYPE_CHECKING

from edgesim.cost import bits_of
from edgesim.model import Model
from edgesim.plans import Plan
from edgesim.plot.look import INK, LOAD, LOOKS, NORMAL, draw_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_plan(plan: Plan, axes: "Axes", model: Model | None = None) -> None:
    """Draw the shards of a plan, layers from top to bottom: the colour is the bitwidth, preloaded ones are marked.

    Parameters
    ----------
    plan
        What to draw.
    axes
        Where to draw.
    model
        The model it is for: shards that are not executed are then shown empty, and the importance beside.
    """
    bits, preloaded = bits_of(plan), set(plan.preload)
    layers = list(range(model.layers)) if model else list(plan.layers)
    columns = list(range(model.shards_per_layer)) if model else sorted({shard for _, shard in bits})
    for width in sorted(set(bits.values())):
        own = [shard for shard in bits if bits[shard] == width]
        for number, (layer, shard) in enumerate(own):
            place = columns.index(shard) - 0.45, layers.index(layer) - 0.45
            label = f"{width} bits" if number == 0 else None
            axes.bar(place[0], 0.9, 0.9, place[1], align="edge", facecolor=LOOKS[LOAD(width)]["facecolor"],
                     label=label)  # fmt: skip
    if preloaded:
        xs, ys = [columns.index(shard) for _, shard in preloaded], [layers.index(layer) for layer, _ in preloaded]
        axes.plot(xs, ys, "^", color="black", markeredgecolor="white", linestyle="none", label="preloaded")
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(layers) - 0.5, -0.5)
    axes.set_xlabel("shard of the layer", fontsize=NORMAL, color=INK)
    axes.set_ylabel("layer", fontsize=NORMAL, color=INK)
    draw_legend(axes)
