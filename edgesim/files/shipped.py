"""The device profiles, models and scenarios that come with the package, from a wheel or from a checkout."""

from pathlib import Path
from typing import Literal

Kind = Literal["devices", "models", "scenarios"]
_FOLDERS = {"devices": "device_profiles", "models": "scenarios/models", "scenarios": "scenarios"}


def shipped_folder(kind: Kind) -> Path:
    """Return the folder of one kind of file: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    packaged = package / "_data" / _FOLDERS[kind]
    return packaged if packaged.is_dir() else package.parent / _FOLDERS[kind]


def shipped_names(kind: Kind) -> list[str]:
    """Return the names that need no path, sorted."""
    return sorted(path.stem for path in shipped_folder(kind).glob("*.yaml"))


def shipped_key(path: Path) -> str | None:
    """Return ``scenarios/models/x.yaml`` for a shipped file and None for any other, wherever the package lies."""
    folders = {shipped_folder(kind).resolve(): _FOLDERS[kind] for kind in ("devices", "models", "scenarios")}
    folder = folders.get(path.resolve().parent)
    return f"{folder}/{path.name}" if folder else None
