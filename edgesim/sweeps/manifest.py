"""What a dataset says of itself, in ``_manifest.json``: which sweep it is, and how much of it is done."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from edgesim import __version__
from edgesim.document import Document
from edgesim.errors import InputError
from edgesim.sweeps.source import source_digest

MANIFEST = "_manifest.json"
"""The names of what is no part begin with ``_`` or ``.``: readers of Parquet datasets skip them."""
_SHOWN = 60


class Identity(Document):
    """What makes a sweep that sweep: rows of two that differ in it are never mixed."""

    scenario: str
    file: str
    inputs: dict[str, str]
    """SHA-256 of every file that was read, by name."""
    changes: dict[str, Any] = {}
    """Keys that were set after the file was read."""
    keys: tuple[str, ...]
    """What is swept."""
    planners: tuple[str, ...]
    points: Annotated[int, Field(ge=0)]
    """How many there are before any is filtered out."""
    version: str = __version__
    source: str = Field(default_factory=source_digest)
    """SHA-256 of edgesim's code; unlike a revision it stays when only documents change, and not when code does."""

    def differences(self, other: "Identity") -> list[str]:
        """Say what differs in another one, and how."""
        mine, its = (one.model_dump(mode="json") for one in (self, other))
        return [_difference(name, mine[name], its[name]) for name in mine if mine[name] != its[name]]


def _difference(name: str, before: object, now: object) -> str:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        keys = sorted(key for key in {**before, **now} if before.get(key) != now.get(key))
        return f"{name} ({', '.join(keys)})"
    values = [json.dumps(value, ensure_ascii=False) for value in (before, now)]
    told = name != "source" and max(map(len, values)) <= _SHOWN
    return f"{name} ({' before, now '.join(values)})" if told else name


class Call(Document):
    """One call that worked at a sweep: the first, or one that resumed it."""

    started: str
    ended: str | None = None
    """None while it runs, and when it was killed."""
    versions: dict[str, str | None] = {}
    """Git revision of edgesim, and versions of Python and of libraries."""


class Manifest(Document):
    """Which sweep it is, and what is known to be done of it; the parts themselves may have more."""

    schema_: Annotated[Literal["edgesim.sweep/1"], Field(alias="schema")] = "edgesim.sweep/1"
    identity: Identity
    columns: dict[str, str]
    """pandas' type of each column, in order."""
    units: dict[str, str] = {}
    """What numbers are in, of columns that are named by a swept key and have a unit; ``share`` is a part of a whole."""
    calls: tuple[Call, ...] = ()
    complete: bool = False
    counts: dict[str, dict[str, int]] = {}
    """How many rows each planner has of each status."""
    parts: dict[str, int] = {}
    """How many rows each part has, by its path."""

    @property
    def rows(self) -> int:
        """How many points have a row."""
        return sum(self.parts.values())


def manifest_text(manifest: Manifest) -> str:
    """Write a manifest."""
    return json.dumps(manifest.model_dump(mode="json", by_alias=True), indent=1, ensure_ascii=False) + "\n"


def read_manifest(folder: str | Path) -> Manifest:
    """Read what a dataset says of itself.

    Raises
    ------
    InputError
        If the folder is no dataset of a sweep, or its manifest is damaged.
    """
    path = Path(folder) / MANIFEST
    try:
        return Manifest.model_validate(json.loads(path.read_bytes()))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: is no sweep, it has no {MANIFEST}; make one with: edgesim sweep SCENARIO --out DIR"
                         ) from None  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(_damaged(path, f"{key and f'{key}, '}{first['msg']}")) from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(_damaged(path, str(error))) from error


def _damaged(path: Path, how: str) -> str:
    return f"{path}: is damaged, {how}; restore it from a copy, or remove {path.parent} and run the sweep again"
