"""What helps when weights are quantized: cosine of embeddings to full precision on test passages, by recipe.

``python -m tests.campaigns.quantization --out FILE`` makes a store of MiniLM for each recipe in a temporary folder, and
writes cosine, relative squared error and share of outliers at each bitwidth, and the bytes of all shards at 2 bits.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edgesim.model import FULL
from edgesim.nets.elastic import ElasticEncoder, Embeddings, first
from edgesim.nets.tasks import build_task
from edgesim.sharding import shard
from edgesim.shards.architecture import Recipe

RECIPES = (
    Recipe(threshold=-4, refine=0, dictionary="slice"),
    Recipe(threshold=-4, refine=0, dictionary="layer"),
    Recipe(threshold=-4, refine=0, dictionary="piece"),
    Recipe(threshold=-4, refine=100, dictionary="slice"),
    Recipe(threshold=-4, refine=100, dictionary="piece"),
    Recipe(threshold=-6, refine=100, dictionary="piece"),
    Recipe(threshold=-3, refine=100, dictionary="piece"),
    Recipe(threshold=-2, refine=0, dictionary="piece"),
    Recipe(threshold=-2, refine=100, dictionary="slice"),
    Recipe(threshold=-2, refine=100, dictionary="layer"),
    Recipe(threshold=-2, refine=100, dictionary="piece"),
)
HEADER = ["dictionary", "threshold", "refine", "bits", "cosine", "distortion", "outliers", "bytes"]


def rows(recipe: Recipe, folder: Path) -> Iterator[list[object]]:
    """Yield a row for each bitwidth."""
    store = shard("minilm", folder, recipe=recipe)
    encoder = ElasticEncoder(store)
    pool = encoder.pool(build_task("embedding").test.texts)
    full = encoder.embed(pool, first(6, 12, FULL))
    for bits, error in sorted(store.manifest.distortion.items()):
        size = sum(n_bytes for (_, _, width), (_, n_bytes) in store.records.placed.items() if width == bits)
        cosine = _cosine(encoder.embed(pool, first(6, 12, bits)), full)
        yield [recipe.dictionary, recipe.threshold, recipe.refine, bits, f"{cosine:.4f}", f"{error:.5f}",
               f"{store.outlier_fraction:.4f}", size]  # fmt: skip


def _cosine(ours: Embeddings, theirs: Embeddings) -> float:
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float(((ours * theirs).sum(1) / lengths).mean())


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    found = []
    for recipe in RECIPES:
        with TemporaryDirectory() as folder:
            for row in rows(recipe, Path(folder) / "store"):
                found.append(row)
                print(*row, file=sys.stderr, flush=True)
    with options.out.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *found])


if __name__ == "__main__":
    main()
