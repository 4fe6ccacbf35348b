"""The preload buffer, filled before the clock starts."""

import os
from collections.abc import Collection

from edgesim.backends.real.jobs import Place, kept_slots
from edgesim.backends.real.reader import open_file, read_exactly, refusal
from edgesim.cost import bits_of
from edgesim.model import Model
from edgesim.plans import Plan, Shard
from edgesim.shards.store import Store


def fill(arena: memoryview, store: Store, direct: bool, what: tuple[Plan, Model, Collection[Shard]]) -> None:
    """Read some shards into the preload buffer.

    Parameters
    ----------
    arena
        Memory for shards.
    store
        Where they are.
    direct
        Read past the page cache where the file system can.
    what
        A plan, its model, and which of the plan's shards.

    Raises
    ------
    InputError, ExecutionError
        If they cannot be read.
    """
    plan, model, shards = what
    bits, (slots, _) = bits_of(plan), kept_slots(plan, model)
    files: dict[int, list[tuple[int, Place]]] = {}
    for shard in shards:
        offset, _ = store.records.placed[*shard, bits[shard]]
        files.setdefault(shard[0], []).append((offset, slots[shard]))
    for layer, reads in files.items():
        try:
            opened = open_file(store.folder / store.manifest.layer_files[layer], direct)
            try:
                for offset, (at, size) in reads:
                    read_exactly(opened, [arena[at : at + size]], offset)
            finally:
                os.close(opened.fd)
        except OSError as error:
            raise refusal(error) from error
