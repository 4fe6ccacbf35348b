"""Sizes that a model file may leave out, and what is told too small by that."""

from collections.abc import Iterator

from edgesim.decoder import WIDTH_BYTES
from edgesim.files.contradictions import Doubt
from edgesim.model import FULL, HALF, Model
from edgesim.units import show_bytes

_MATTERS = 0.05
"""From which share of the memory that is told on, activations that were left out are worth a word."""


def omitted(model: Model) -> Iterator[Doubt]:
    """Yield which sizes of a model were left out, though they are hardly nothing; what is given as 0 is believed."""
    if "resident_bytes" not in model.model_fields_set:
        less = "memory is told too small by all that is not cut in shards, such as embeddings and the head"
        yield ("resident_bytes",), f"resident_bytes: left out, so {less}"
    if "activation_bytes" not in model.model_fields_set and model.decoder is None:
        yield from _activations(model)
    if "outlier_fraction" not in model.model_fields_set and _may_have_outliers(model):
        less = f"shards below {HALF} bits are told too small by 8 B for each weight that is stored whole"
        yield ("outlier_fraction",), f"outlier_fraction: left out, so {less}; write 0 where none is"


def _activations(model: Model) -> Iterator[Doubt]:
    """Doubt that activations are nothing where they, roughly, would add much to what memory is told to hold."""
    shape, weights = model.geometry, model.shards_per_layer * model.parameters_per_shard
    rough = shape.seq_len * (2 * shape.hidden + shape.ffn) * WIDTH_BYTES[shape.dtype]
    told = sum(model.resident_bytes.values.values()) + weights * FULL // 8
    if rough > _MATTERS * told:
        less = f"the peak of memory is told too small, by about {show_bytes(rough)}"
        why = f"seq_len x (2 x hidden + ffn) x {WIDTH_BYTES[shape.dtype]} B"
        yield ("activation_bytes",), f"activation_bytes: left out, so {less} ({why})"


def _may_have_outliers(model: Model) -> bool:
    """Tell whether stored sizes rest on the fraction: neither a store's index says them, nor a format of blocks."""
    return min(model.bitwidths) < HALF and model.scale_block is None and model.records is None
