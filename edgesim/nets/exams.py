"""Several tasks taken together: their texts are encoded once, and every head answers from the same embeddings."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from edgesim.atomic import write_atomically
from edgesim.model import FULL
from edgesim.nets.elastic import ElasticEncoder, Embeddings, Pool, first
from edgesim.nets.heads import Head, Judged, fit_classes, fit_map, judge_classes, judge_map, split_features
from edgesim.nets.tasks import Split, Task

Part = Literal["train", "dev", "test"]
Progress = Callable[[int, int], None]
_FOLDER = "heads"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One split of several tasks: the texts of all, each once, and where each task's are among them."""

    pool: Pool
    places: Mapping[str, list[int]]

    def of(self, task: str, embeddings: Embeddings) -> Embeddings:
        """Return the embeddings of one task's texts."""
        return embeddings[self.places[task]]


class Exams:
    """Tasks, and their heads for each submodel of the first n layers and m slices.

    Parameters
    ----------
    encoder
        The encoder that is examined; its heads are kept in its store.
    tasks
        What is asked.
    """

    def __init__(self, encoder: ElasticEncoder, tasks: Sequence[Task]) -> None:
        self.encoder, self.tasks = encoder, {task.name: task for task in tasks}
        self._sheets: dict[str, Sheet] = {}
        self._full: dict[str, Embeddings] = {}
        self._heads: dict[tuple[str, int, int], Head] = {}

    def sheet(self, part: Part) -> Sheet:
        """Return the texts of a split, tokenised once."""
        if part not in self._sheets:
            texts = list(dict.fromkeys(text for task in self.tasks.values() for text in self._split(task, part).texts))
            place = {text: number for number, text in enumerate(texts)}
            places = {name: [place[text] for text in self._split(task, part).texts] for name, task in self.tasks.items()}
            self._sheets[part] = Sheet(self.encoder.pool(texts), places)
        return self._sheets[part]

    def _split(self, task: Task, part: Part) -> Split:
        split: Split = getattr(task, part)
        return split

    def full(self, part: Part) -> Embeddings:
        """Return the full model's embeddings of a split."""
        if part not in self._full:
            shape = self.encoder.store.manifest.architecture
            self._full[part] = self.encoder.embed(self.sheet(part).pool, first(shape.layers, shape.heads, FULL))
        return self._full[part]

    def judge(self, part: Part, embeddings: Embeddings, n: int, m: int) -> dict[str, Judged]:
        """Judge the embeddings that an n x m submodel has of a split's texts, by each task."""
        found = {}
        for name, task in self.tasks.items():
            split, seen = self._split(task, part), split_features(self.sheet(part).of(name, embeddings), self._split(task, part))
            if task.classes:
                found[name] = judge_classes(self._heads[name, n, m], seen, split.labels)
            else:
                full = split_features(self.sheet(part).of(name, self.full(part)), split)
                found[name] = judge_map(self._heads[name, n, m], seen, full)
        return found

    def prepare(self, shapes: Sequence[tuple[int, int]], progress: Progress | None = None) -> None:
        """Fit the heads of some submodels, or read them where they were fitted before."""
        widths: dict[int, list[int]] = {}
        for n, m in shapes:
            if not self._read_heads(n, m):
                widths.setdefault(m, []).append(n)
        for done, (m, depths) in enumerate(sorted(widths.items()), 1):
            self._fit_width(m, depths)
            if progress:
                progress(done, len(widths))

    def _fit_width(self, m: int, depths: Sequence[int]) -> None:
        plan = first(max(depths), m, FULL)
        trained = self.encoder.depths(self.sheet("train").pool, plan)
        chosen = self.encoder.depths(self.sheet("dev").pool, plan)
        for n, (train, dev) in enumerate(zip(trained, chosen, strict=True), 1):
            if n in depths:
                for name, task in self.tasks.items():
                    self._heads[name, n, m] = self._fit(task, train, dev)
                    self._keep_head(name, n, m)

    def _fit(self, task: Task, train: Embeddings, dev: Embeddings) -> Head:
        known: dict[str, tuple[Tensor, Tensor]] = {}
        for part, embeddings in (("train", train), ("dev", dev)):
            split, sheet = getattr(task, part), self.sheet(part)  # type: ignore[arg-type]
            seen = split_features(sheet.of(task.name, embeddings), split)
            if task.classes:
                known[part] = seen, torch.tensor(split.labels)
            else:
                known[part] = seen, split_features(sheet.of(task.name, self.full(part)), split)  # type: ignore[arg-type]
        if task.classes:
            return fit_classes(known["train"], known["dev"], len(task.classes))
        return fit_map(known["train"], known["dev"])

    def _head_file(self, task: str, n: int, m: int) -> Path:
        return self.encoder.store.folder / _FOLDER / f"{task.replace(':', '-')}-{self.identity(task)}-{n}x{m}.safetensors"

    def subject(self) -> dict[str, Any]:
        """Return what every measurement depends on: the stored weights, the recipe, and the tasks' texts."""
        manifest = self.encoder.store.manifest
        return {
            "weights": manifest.source,
            "recipe": manifest.recipe.model_dump(),
            "tasks": {name: self.identity(name) for name in sorted(self.tasks)},
        }

    def identity(self, task: str) -> str:
        """Return what a task's heads depend on beside the submodel, as a short hash: texts, seed and weights."""
        asked, weights = self.tasks[task], self.encoder.store.manifest.source
        text = f"{asked.name} {asked.corpus_sha256} {asked.seed} {sorted(weights.items())}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def _keep_head(self, task: str, n: int, m: int) -> None:
        from safetensors.torch import save

        path = self._head_file(task, n, m)
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, save(dict(self._heads[task, n, m].tensors())))

    def _read_heads(self, n: int, m: int) -> bool:
        from safetensors.torch import load_file

        for task in self.tasks:
            path = self._head_file(task, n, m)
            if (task, n, m) not in self._heads and path.is_file():
                self._heads[task, n, m] = Head(**load_file(path))
        return all((task, n, m) in self._heads for task in self.tasks)


def every_shape(layers: int, slices: int) -> Iterator[tuple[int, int]]:
    """Yield every submodel n x m."""
    return ((n, m) for n in range(1, layers + 1) for m in range(1, slices + 1))
