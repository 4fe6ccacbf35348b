"""Whether a store holds the shards that a model describes."""

from edgesim.errors import InputError
from edgesim.model import FULL, Model
from edgesim.shards.store import Store


def check_same(model: Model, store: Store) -> None:
    """Refuse a store of other shards than those a model, and so a plan, is about.

    Raises
    ------
    InputError
        If shape, bitwidths or places differ.
    """
    shape, stored = store.manifest.architecture, store.manifest
    mine = (model.layers, model.shards_per_layer, model.parameters_per_shard)
    theirs = (shape.layers, shape.heads, shape.parameters_per_shard)
    if mine != theirs or not set(model.bitwidths) <= {*stored.bitwidths, FULL}:
        raise InputError(f"{store.folder}: holds {stored.name} at {list(stored.bitwidths)} bits, the scenario's model"
                         f" is {model.name} at {list(model.bitwidths)}")  # fmt: skip
    if model.records and model.records.placed != store.records.placed:
        raise InputError(f"{store.folder}: has other shards than {model.name} describes; make the store as the model"
                         " says, or name the store's own model file in the scenario")  # fmt: skip
