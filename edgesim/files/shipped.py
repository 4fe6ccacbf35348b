"""The devices, models, scenarios, grids and campaigns that come with the package, from a wheel or from a checkout."""

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from edgesim.errors import InputError, choose

Kind = Literal["devices", "models", "scenarios", "grids", "campaigns"]
_LONGEST_NAME = 200
_FOLDERS: dict[Kind, str] = {
    "devices": "device_profiles",
    "models": "scenarios/models",
    "scenarios": "scenarios",
    "grids": "scenarios/grids",
    "campaigns": "scenarios/validated",
}
_TAKEN: dict[Kind, str] = {
    "devices": "edgesim list devices {} shows it",
    "models": "edgesim list models {} shows it",
    "scenarios": "edgesim run {} runs it",
    "grids": "edgesim regress --grid {} takes it",
    "campaigns": "edgesim validate --from {} takes it",
}
"""Which command takes what is shipped."""


def shipped_folder(kind: Kind) -> Path:
    """Return the folder of one kind of file: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data" / _FOLDERS[kind]
    return packaged if packaged.is_dir() else package.parent / _FOLDERS[kind]


def shipped_names(kind: Kind) -> list[str]:
    """Return the names that need no path, sorted."""
    suffix, _ = _suffixes(kind)
    return sorted(path.name.removesuffix(suffix) for path in shipped_folder(kind).glob(f"*{suffix}"))


def _suffixes(kind: Kind) -> tuple[str, str]:
    """Return how files of a kind end, those that are shipped first; people write all but campaigns."""
    return (".json.gz", ".gz") if kind == "campaigns" else (".yaml", ".yml")


def shipped_key(path: Path) -> str | None:
    """Return ``scenarios/models/x.yaml`` for a shipped file and None for any other, wherever the package lies."""
    folders = {shipped_folder(kind).resolve(): _FOLDERS[kind] for kind in _FOLDERS}
    folder = folders.get(path.resolve().parent)
    return f"{folder}/{path.name}" if folder else None


def locate(path: str | Path, kinds: Collection[Kind], folder: Path = Path()) -> Path:
    """Return the file that a path (with a slash, or the suffix of its kind) or a shipped name stands for.

    Raises
    ------
    InputError
        If it is a name that nothing shipped has, or a folder; a file of nearly that name in `folder` is pointed out.
    """
    text = str(path)
    if is_path(path, kinds):
        return Path(path)
    for kind in kinds:
        if text in shipped_names(kind):
            return shipped_folder(kind) / (text + _suffixes(kind)[0])
    what = " or ".join(kind[:-1] for kind in kinds)
    if text and len(text) < _LONGEST_NAME and (folder / text).is_dir():
        raise InputError(f"{text}: is a directory, not a {what}; name a file in it")
    raise InputError(f"{text or repr(text)}: no such {what}; {_instead(text, kinds, folder)}")


def is_path(name: object, kinds: Collection[Kind]) -> bool:
    """Tell whether a file is named by its path: with a slash, or the suffix of its kind."""
    if not isinstance(name, str):
        return isinstance(name, Path)
    return "/" in name or any(name.endswith(_suffixes(kind)) for kind in kinds)


def _instead(text: str, kinds: Collection[Kind], folder: Path) -> str:
    """Say what a name might have been meant to be: a file, something shipped of another kind, or one of its kind."""
    for path in (f"{text}.yaml", f"./{text}") if len(text) < _LONGEST_NAME else ():
        if (folder / path).is_file():
            return f"for the file write {path}"
    for other in _FOLDERS:
        if text in shipped_names(other):
            return f"it is one of the {other}: {_TAKEN[other].format(text)}"
    names = {name for kind in kinds for name in shipped_names(kind)}
    suffix, _ = _suffixes(next(iter(kinds)))
    return f"{choose(text, names)}; or a path with a slash or {suffix}"
