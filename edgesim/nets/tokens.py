"""Text -> token ids, with the checkpoint's own ``tokenizer.json``."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from edgesim.errors import InputError
from edgesim.nets.encoder import Texts
from edgesim.nets.extra import needs_extra


class Tokenizer:
    """A checkpoint's tokenizer that cuts texts after so many tokens.

    Raises
    ------
    InputError
        If ``tokenizer.json`` is missing or damaged.
    """

    def __init__(self, path: Path, longest: int) -> None:
        with needs_extra("tokenizers"):
            from tokenizers import Tokenizer as Library
        if not path.is_file():
            raise InputError(f"{path}: no such file; the checkpoint's tokenizer belongs beside its config.json")
        try:
            self._library = Library.from_file(str(path))
        except Exception as error:  # the library raises bare exceptions
            raise InputError(f"{path}: is damaged, {error}") from error
        self._library.no_padding()
        self._library.enable_truncation(longest)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of each text."""
        return [encoded.ids for encoded in self._library.encode_batch(list(texts))]


def batches(ids: Sequence[Sequence[int]], size: int) -> Iterator[tuple[list[int], Texts]]:
    """Group texts of similar length.

    Yields
    ------
    positions, texts
        Which of the texts are in the batch, and the batch.
    """
    order = sorted(range(len(ids)), key=lambda index: -len(ids[index]))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield chosen, padded([ids[index] for index in chosen])


def padded(ids: Sequence[Sequence[int]], padding: int = 0) -> Texts:
    """Pad token ids to the longest."""
    longest = max(map(len, ids))
    rows = [[*row, *[padding] * (longest - len(row))] for row in ids]
    real = [[1] * len(row) + [0] * (longest - len(row)) for row in ids]
    return Texts(torch.tensor(rows), torch.tensor(real))
