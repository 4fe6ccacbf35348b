"""What was read of files once, for readers that read the same files again with other changes."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from edgesim.document import Document
from edgesim.files.content import LARGEST_FILE, read_bytes
from edgesim.files.shipped import Kind, locate
from edgesim.files.text import Text, read_text


class Known(NamedTuple):
    """A document that is right, the SHA-256 of all files that it was made of, and keys that the file did not decide."""

    document: Document
    inputs: dict[str, str]
    touched: frozenset[str | int] = frozenset()


@dataclass(slots=True)
class Library:
    """Files, each read once: whoever has one needs the files no more, not even on another machine."""

    paths: dict[tuple[str, Kind, Path], Path] = field(default_factory=dict)
    contents: dict[Path, bytes] = field(default_factory=dict)
    texts: dict[Path, Text] = field(default_factory=dict)
    documents: dict[Path, Known] = field(default_factory=dict)
    keys: dict[Path, str] = field(default_factory=dict)  # what provenance calls a file
    planners: dict[tuple[str, str], dict[Path, str]] = field(default_factory=dict)  # right ones, and their files
    inputs: dict[str, str] = field(default_factory=dict)  # of every file that was ever read

    def locate(self, name: str, kind: Kind, folder: Path) -> Path:
        """Return the file that a name in a folder's file stands for; see `edgesim.files.shipped.locate`."""
        asked = name, kind, folder
        if asked not in self.paths:
            self.paths[asked] = folder / locate(name, (kind,), folder)
        return self.paths[asked]

    def read(self, path: Path, largest: int = LARGEST_FILE) -> bytes:
        """Return the content of a file; see `edgesim.files.content.read_bytes`."""
        if path not in self.contents:
            self.contents[path] = read_bytes(path, str(path), largest)
        return self.contents[path]

    def text(self, path: Path) -> Text:
        """Return a YAML file as plain data, to note mistakes in and to change; see `edgesim.files.text.read_text`."""
        if path not in self.texts:
            self.texts[path] = read_text(path, str(path))
        text = self.texts[path]
        return replace(text, lines=dict(text.lines), mistakes=list(text.mistakes), tables={})
