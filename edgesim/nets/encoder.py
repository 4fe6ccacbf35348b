"""The elastic encoder: any submodel of n layers of m slices each, layer by layer, with whatever weights it is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812  (its usual name)
from torch import Tensor

from edgesim.shards.architecture import Architecture


@dataclass(frozen=True, slots=True)
class Texts:
    """A batch of N tokenised texts, padded to T tokens: token ids (N, T), and which of them are real (N, T)."""

    ids: Tensor
    real: Tensor


class Encoder:
    """What stays resident of an encoder, and the forward pass of its layers.

    Parameters
    ----------
    architecture
        The encoder's shape.
    resident
        Embeddings, biases and norms by the names of `edgesim.nets.checkpoint`.
    device
        Where to compute: ``cpu`` or ``cuda``.
    """

    def __init__(self, architecture: Architecture, resident: Mapping[str, Tensor], device: str = "cpu") -> None:
        self.architecture, self.device = architecture, torch.device(device)
        self.resident = {name: tensor.to(self.device) for name, tensor in resident.items()}
        self._biases: dict[tuple[int, tuple[int, ...]], dict[str, Tensor]] = {}

    def embed(self, texts: Texts) -> Tensor:
        """Return the input of the first layer, (N, T, H)."""
        tables, ids = self.resident, texts.ids.to(self.device)
        first, real = self.architecture.first_position, texts.real.to(self.device)
        # RoBERTa counts real tokens only, and its padding has the row before the first
        positions = (real.cumsum(1) * real + first - 1) if first else torch.arange(ids.shape[1], device=self.device)
        x = F.embedding(ids, tables["embeddings.words"]) + F.embedding(positions, tables["embeddings.positions"])
        if "embeddings.types" in tables:
            x = x + tables["embeddings.types"][0]
        return self._norm(x, "embeddings.norm")

    def mask(self, texts: Texts) -> Tensor:
        """Return what attention may look at, (N, 1, 1, T)."""
        return texts.real.to(self.device).bool()[:, None, None, :]

    def layer(
        self, index: int, slices: tuple[int, ...], x: Tensor, mask: Tensor, weights: Mapping[str, Tensor]
    ) -> Tensor:
        """Execute one layer.

        Parameters
        ----------
        index, slices
            Which layer, and which m of its slices.
        x
            Output of the layer before, (N, T, H).
        mask
            From `mask`.
        weights
            The pieces of the m slices, (m * rows, H) each, as `edgesim.shards.slicing.LayerBuffer` stacks them.

        Returns
        -------
        Tensor (N, T, H)
        """
        bias, m = self._bias(index, slices), len(slices)
        query, key, value = (
            F.linear(x, weights[piece], bias[piece]).unflatten(-1, (m, -1)).transpose(1, 2)
            for piece in ("query", "key", "value")
        )
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = seen.transpose(1, 2).flatten(2) @ weights["output"] + bias["output"]
        x = self._norm(x + mixed, f"layers.{index}.attention_norm")
        neurons = self._activation(F.linear(x, weights["up"], bias["up"]))
        return self._norm(x + neurons @ weights["down"] + bias["down"], f"layers.{index}.ffn_norm")

    def _activation(self, x: Tensor) -> Tensor:
        if self.architecture.activation == "relu":
            return F.relu(x)
        return F.gelu(x, approximate="tanh" if self.architecture.activation == "gelu_tanh" else "none")

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self.resident[f"{name}.weight"], self.resident[f"{name}.bias"]
        return F.layer_norm(x, weight.shape, weight, bias, self.architecture.norm_eps)

    def _bias(self, index: int, slices: tuple[int, ...]) -> dict[str, Tensor]:
        """Return the biases of the slices that are executed; of the outputs always all."""
        known = self._biases.get((index, slices))
        if known is None:
            whole = self.architecture.heads
            every = {
                piece: self.resident[f"layers.{index}.{piece}.bias"]
                for piece in ("query", "key", "value", "output", "up", "down")
            }
            if slices != tuple(range(whole)):
                chosen = torch.tensor(slices, device=self.device)
                every |= {
                    piece: every[piece].unflatten(0, (whole, -1))[chosen].flatten()
                    for piece in ("query", "key", "value", "up")
                }
            known = self._biases[index, slices] = every
        return known


def mean_pool(x: Tensor, texts: Texts) -> Tensor:
    """Return the mean over the real tokens, (N, H): the embedding of each text."""
    real = texts.real.to(x.device, x.dtype)[:, :, None]
    return (x * real).sum(1) / real.sum(1)


def stacked(slices: Tensor, rows: Mapping[str, int], chosen: Sequence[int]) -> dict[str, Tensor]:
    """Stack the pieces of some slices, (S, R, H), as `Encoder.layer` takes them."""
    parts = slices[list(chosen)].split(list(rows.values()), dim=1)
    return {piece: part.flatten(0, 1) for piece, part in zip(rows, parts, strict=True)}
