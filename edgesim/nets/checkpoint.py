"""Read the weights of BERT, DistilBERT, RoBERTa, MiniLM and DynaBERT encoders from a local folder."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import InputError
from edgesim.nets.architecture import read_architecture
from edgesim.nets.extra import needs_extra
from edgesim.nets.names import MATRICES, resident_names, shape_of, their_names
from edgesim.shards.architecture import Architecture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Read = Callable[[str], NDArray[np.float32]]

_FLOATS = ("F16", "F32", "F64")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An encoder's weights: the matrices of each layer, and what stays resident.

    `read` returns a tensor by the names of this package: ``layers.3.query.weight``, ``layers.3.ffn_norm.bias``,
    ``embeddings.words``.
    """

    folder: Path
    architecture: Architecture
    read: "Read"

    def matrices(self, layer: int) -> "dict[str, NDArray[np.float32]]":
        """Return the six matrices of a layer, (outputs, inputs) each."""
        return {piece: self.read(f"layers.{layer}.{piece}.weight") for piece in MATRICES}

    def resident(self) -> "dict[str, NDArray[np.float32]]":
        """Return everything that is not cut in slices: embeddings, biases and norms.

        Raises
        ------
        InputError
            If one of them is not finite.
        """
        import numpy as np

        found = {name: self.read(name) for name in resident_names(self.architecture)}
        for name, tensor in found.items():
            if not np.isfinite(tensor).all():
                raise InputError(f"{self.folder}: {name}: has values that are not finite; the checkpoint is damaged")
        return found


@contextmanager
def open_checkpoint(folder: Path) -> "Iterator[Checkpoint]":
    """Open the checkpoint in a folder: ``config.json`` and ``model.safetensors`` or ``pytorch_model.bin``.

    Raises
    ------
    InputError
        If a file is missing or damaged, or a tensor is missing or has another shape than the configuration says.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; a checkpoint is a folder with config.json, model.safetensors and"
                         " tokenizer.json")  # fmt: skip
    architecture = read_architecture(folder / "config.json")
    with _open_tensors(folder) as (path, shapes, read):
        theirs = their_names(architecture, shapes.keys(), path)
        for ours, name in theirs.items():
            _check_shape(f"{path}: {name}", shapes[name], shape_of(ours, architecture))
        _check_positions(f"{path}: {theirs['embeddings.positions']}", shapes, theirs, architecture)
        yield Checkpoint(folder, architecture, lambda ours: read(theirs[ours]))
