"""Measured importance and accuracy as small text files that model files name."""

import csv
import hashlib
import json
import platform
from io import StringIO
from pathlib import Path
from typing import Any

import torch

from edgesim import __version__
from edgesim.atomic import write_atomically
from edgesim.model import FULL
from edgesim.nets.exams import Exams
from edgesim.nets.fitting import Sample, fitted
from edgesim.nets.importance import gains, importance_csv
from edgesim.nets.ledger import Ledger
from edgesim.surrogate import Surrogate


def write_importance(exams: Exams, ledger: Ledger, folder: Path) -> list[Path]:
    """Write each task's (L, S) table of gains in loss, and everything about it beside it."""
    shape, written = exams.encoder.store.manifest.architecture, []
    for name in exams.tasks:
        found = gains(ledger, name, shape.layers, shape.heads)
        about = {
            "schema": "edgesim.importance/1",
            **_measurement(exams, name),
            "base": found.base,
            **{what: getattr(found, what).round(6).tolist()
               for what in ("loss", "loss_error", "accuracy", "accuracy_error")},
        }  # fmt: skip
        written += [_named(folder, name, "importance.csv"), _named(folder, name, "importance.json")]
        write_atomically(written[-2], importance_csv(found.loss.tolist()).encode())
        write_atomically(written[-1], (json.dumps(about, indent=1) + "\n").encode())
    return written


def write_quality(exams: Exams, samples: Ledger, folder: Path) -> list[Path]:
    """Write each task's samples, and the prediction of accuracy that is fitted to them."""
    written = []
    for name in exams.tasks:
        path, text = _named(folder, name, "samples.csv"), samples_csv(samples, name)
        write_atomically(path, text.encode())
        surrogate = surrogate_of(text, exams, name).model_copy(
            update={"samples": f"{path.name} {hashlib.sha256(text.encode()).hexdigest()}"}
        )
        content = {**surrogate.model_dump(mode="json", by_alias=True, exclude_none=True),
                   "made": _measurement(exams, name)}  # fmt: skip
        written += [path, _named(folder, name, "quality.json")]
        write_atomically(written[-1], (json.dumps(content, indent=1) + "\n").encode())
    return written


def surrogate_of(samples: str, exams: Exams, name: str) -> Surrogate:
    """Fit the prediction of one task's accuracy to the text of its samples."""
    task, manifest, every = exams.tasks[name], exams.encoder.store.manifest, read_samples(samples)
    layers = manifest.architecture.layers
    whole = {sample.shape: sample.accuracy for sample in every if {b for row in sample.bits for b in row} == {FULL}}
    blank = Surrogate(
        task=name,
        classes=len(task.classes),
        measured_on=f"{len(task.dev.items)} examples of the dev split, seed {task.seed}",
        floor=(0.0,) * layers,
        power=1.0,
        by_layer=(0.0,) * layers,
        by_place=(0.0,) * layers,
        shards_per_layer=manifest.architecture.heads,
        distortion=manifest.distortion,
        whole=whole,
    )
    return fitted(blank, [sample for sample in every if {b for row in sample.bits for b in row} != {FULL}])


def samples_csv(ledger: Ledger, task: str) -> str:
    """Write the samples of one task: bitwidths of a plan, layers separated by ``/``, and what it reached."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["bits", "accuracy", "half_a", "half_b", "loss"])
    for found in ledger.known.values():
        bits = "/".join(".".join(map(str, row)) for row in found["bits"])
        own = found["tasks"][task]
        rows.writerow([bits, *(f"{value:.6g}" for value in (own["accuracy"], *own["halves"], own["loss"]))])
    return text.getvalue()


def read_samples(text: str) -> list[Sample]:
    """Read what `samples_csv` wrote."""
    return [
        Sample(
            tuple(tuple(map(int, row.split("."))) for row in cells["bits"].split("/")),
            float(cells["accuracy"]),
            (float(cells["half_a"]), float(cells["half_b"])),
        )
        for cells in csv.DictReader(StringIO(text))
    ]


def _measurement(exams: Exams, name: str) -> dict[str, Any]:
    task, manifest = exams.tasks[name], exams.encoder.store.manifest
    return {
        "task": name,
        "examples": len(task.dev.items),
        "seed": task.seed,
        "texts_sha256": task.corpus_sha256,
        "weights": manifest.source,
        "recipe": manifest.recipe.model_dump(),
        "made_with": {
            "edgesim": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__.partition("+")[0],
        },
    }


def _named(folder: Path, task: str, ending: str) -> Path:
    return folder / f"{task.replace(':', '-')}-{ending}"
