"""What a shard store says of itself, in ``store.json``."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from edgesim.document import Document
from edgesim.errors import InputError
from edgesim.model import Bitwidth
from edgesim.shards.architecture import Architecture, Recipe

MANIFEST = "store.json"
RECORDS = "records.csv"
RESIDENT = "resident.safetensors"
TOKENIZER = "tokenizer.json"
MODEL = "model.yaml"


class Manifest(Document):
    """What is stored, how it was made, and the SHA-256 of every file but the layers', whose records have checksums."""

    schema_: Annotated[Literal["edgesim.store/1"], Field(alias="schema")] = "edgesim.store/1"
    name: str
    source: dict[str, str]
    """SHA-256 of the checkpoint's files by name."""
    architecture: Architecture
    recipe: Recipe
    bitwidths: tuple[Bitwidth, ...]
    order: tuple[tuple[int, ...], ...]
    """Which slice is stored first, second, ... in each layer, (L, S)."""
    distortion: dict[int, float] = {}
    files: dict[str, str] = {}

    @property
    def layer_files(self) -> list[str]:
        """Names of the files that hold the layers' shards."""
        return [layer_file(layer) for layer in range(self.architecture.layers)]


def layer_file(layer: int) -> str:
    """Return the name of the file of one layer's shards."""
    return f"layer-{layer:02}.bin"


def manifest_text(manifest: Manifest) -> str:
    """Write a manifest, with a SHA-256 of itself."""
    content = manifest.model_dump(mode="json", by_alias=True)
    return json.dumps(content | {"sha256": _digest(content)}, indent=1) + "\n"


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest:
    """Read what a store says of itself.

    Raises
    ------
    InputError
        If the folder is no store, or its manifest was changed or damaged.
    """
    path = folder / name
    try:
        content = json.loads(path.read_bytes())
        claimed = content.pop("sha256", None)
        if content.get("schema") != "edgesim.store/1":
            raise InputError(
                f"{path}: schema: must be edgesim.store/1, got {content.get('schema')}; make the store anew"
            )
        manifest = Manifest.model_validate(content)
    except FileNotFoundError:
        raise InputError(f"{folder}: is no shard store, it has no {name}; make one with: edgesim shard MODEL --out DIR"
                         ) from None  # fmt: skip
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: {place}: is damaged, {first['msg']}") from error
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: is damaged, {error}") from error
    if claimed != _digest(content):
        raise InputError(f"{path}: is damaged or was edited, its checksum is wrong; make the store anew")
    return manifest


def _digest(content: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
