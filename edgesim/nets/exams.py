"""Several tasks taken together: their texts are encoded once, and every head answers from the same embeddings."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from edgesim.atomic import write_atomically
from edgesim.model import FULL
from edgesim.nets.elastic import ElasticEncoder, Embeddings, Pool, first, uniform
from edgesim.nets.heads import Head, Judged, features, fit_classes, fit_map, judge_classes, judge_map
from edgesim.nets.tasks import Split, Task

Part = Literal["train", "dev", "test"]
Submodel = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]
"""The layers that are executed, (n,), and the slices of each, (n, m)."""
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
        self._heads: dict[tuple[str, Submodel], Head] = {}

    def sheet(self, part: Part) -> Sheet:
        """Return the texts of a split, tokenised once."""
        if part not in self._sheets:
            texts = list(dict.fromkeys(text for task in self.tasks.values() for text in _split(task, part).texts))
            place = {text: number for number, text in enumerate(texts)}
            places = {name: [place[text] for text in _split(task, part).texts] for name, task in self.tasks.items()}
            self._sheets[part] = Sheet(self.encoder.pool(texts), places)
        return self._sheets[part]

    def full(self, part: Part) -> Embeddings:
        """Return the full model's embeddings of a split."""
        if part not in self._full:
            shape = self.encoder.store.manifest.architecture
            self._full[part] = self.encoder.embed(self.sheet(part).pool, first(shape.layers, shape.heads, FULL))
        return self._full[part]

    def judge(self, part: Part, embeddings: Embeddings, submodel: Submodel) -> dict[str, Judged]:
        """Judge the embeddings that a submodel has of a split's texts, by each task."""
        found = {}
        for name, task in self.tasks.items():
            split, head = _split(task, part), self._heads[name, submodel]
            seen = features(self.sheet(part).of(name, embeddings), split.items)
            found[name] = (
                judge_classes(head, seen, split.labels)
                if task.classes
                else judge_map(head, seen, self._full_features(name, part))
            )
        return found

    def _full_features(self, name: str, part: Part) -> Tensor:
        """Return what the full model makes of a task's examples: what a task without classes is judged by."""
        return features(self.sheet(part).of(name, self.full(part)), _split(self.tasks[name], part).items)

    def prepare(self, submodels: Iterable[Submodel], progress: Progress | None = None) -> None:
        """Fit the heads of some submodels, or read them where they were fitted before."""
        missing = {submodel for submodel in submodels if not self._read_heads(submodel)}
        chains = [long for long in missing if not any(_begins(other, long) and other != long for other in missing)]
        for done, chain in enumerate(sorted(chains), 1):
            self._fit_along(chain, missing)
            if progress:
                progress(done, len(chains))

    def _fit_along(self, chain: Submodel, wanted: Collection[Submodel]) -> None:
        """Fit the heads of a submodel, and of the shallower ones that it begins with: they share the passes."""
        plan = uniform(*chain, FULL)
        trained = self.encoder.depths(self.sheet("train").pool, plan)
        chosen = self.encoder.depths(self.sheet("dev").pool, plan)
        for n, (train, dev) in enumerate(zip(trained, chosen, strict=True), 1):
            submodel = (chain[0][:n], chain[1][:n])
            for name in self.tasks if submodel in wanted else ():
                self._heads[name, submodel] = self._fit(name, train, dev)
                self._keep_head(name, submodel)

    def _fit(self, name: str, train: Embeddings, dev: Embeddings) -> Head:
        task, known = self.tasks[name], []
        parts: tuple[tuple[Part, Embeddings], ...] = (("train", train), ("dev", dev))
        for part, embeddings in parts:
            split = _split(task, part)
            seen = features(self.sheet(part).of(name, embeddings), split.items)
            known.append((seen, torch.tensor(split.labels) if task.classes else self._full_features(name, part)))
        if task.classes:
            return fit_classes(known[0], known[1], len(task.classes))
        return fit_map(known[0], known[1])

    def _head_file(self, task: str, submodel: Submodel) -> Path:
        n, m = len(submodel[0]), len(submodel[1][0])
        shape = f"{n}x{m}"
        if submodel != first_submodel(n, m):
            shape += "-" + hashlib.sha256(repr(submodel).encode()).hexdigest()[:12]
        name = f"{task.replace(':', '-')}-{self.identity(task)}-{shape}.safetensors"
        return self.encoder.store.folder / _FOLDER / name

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

    def _keep_head(self, task: str, submodel: Submodel) -> None:
        from safetensors.torch import save

        path = self._head_file(task, submodel)
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, save(dict(self._heads[task, submodel].tensors())))

    def _read_heads(self, submodel: Submodel) -> bool:
        """Read what is there of a submodel's heads; a damaged file is as good as none."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        for task in self.tasks:
            path = self._head_file(task, submodel)
            if (task, submodel) not in self._heads and path.is_file():
                with suppress(SafetensorError, TypeError):
                    self._heads[task, submodel] = Head(**load_file(path))
        return all((task, submodel) in self._heads for task in self.tasks)


def _split(task: Task, part: Part) -> Split:
    split: Split = getattr(task, part)
    return split


def _begins(longer: Submodel, shorter: Submodel) -> bool:
    n = len(shorter[0])
    return longer[0][:n] == shorter[0] and longer[1][:n] == shorter[1]


def first_submodel(n: int, m: int) -> Submodel:
    """Return the submodel of the first n layers and m slices."""
    return tuple(range(n)), (tuple(range(m)),) * n


def every_shape(layers: int, slices: int) -> Iterator[tuple[int, int]]:
    """Yield every n x m that a model of L layers and S slices has."""
    return ((n, m) for n in range(1, layers + 1) for m in range(1, slices + 1))
