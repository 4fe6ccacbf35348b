"""README and docs/, taken apart: fenced blocks, shown outputs, pictures; ``python -m tests.documents`` makes all anew.

- A block runs where it stands, in a folder of its page's own with the folders of a clone: `sh` line by line, `python`
  in one namespace; one that begins with a comment naming a file is that file.
- `<!-- output of: COMMAND -->` is followed by what the command prints, indented, or by a table;
  `<!-- messages of: COMMAND -->` by what it says to standard error.
- `<!-- picture of: COMMAND -->` is followed by the picture that it draws, into the file that is its last word; a file
  alone was drawn before.
- In a box `:::{admonition} Needs ...` nothing runs; its commands are parsed only.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from edgesim.errors import did_you_mean

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
MADE = {"_build", "_ext", "notebooks", "reference"}
"""Folders of what is generated, and what generates it."""
FENCE = re.compile(r"(?P<mark>`{3,})(?P<language>[^\s`]*)( .*)?$")
NAMED = re.compile(r"(?:#|//) (?P<name>[\w./-]+\.(?:yaml|yml|py|toml|csv|json))$")
MARKER = re.compile(r"<!-- (?P<kind>output|messages|picture) of: (?P<command>.+?) -->$")
BOX = re.compile(r":{3,}\{admonition\} (?P<title>Needs .+)$")


class Block(NamedTuple):
    """A fenced block, and where it begins."""

    language: str
    text: str
    line: int
    needs: str = ""

    @property
    def file(self) -> str:
        """The file that it is, by its first line; empty if it is none."""
        first, _, _ = self.text.partition("\n")
        return found["name"] if (found := NAMED.match(first)) else ""


class Marker(NamedTuple):
    """What is made by a command, and what stands there now."""

    kind: str
    command: str
    text: str
    line: int


def pages() -> list[Path]:
    """Return every document that is written by hand."""
    docs = ROOT / "docs"
    written = (path for path in docs.rglob("*.md") if not MADE & set(path.relative_to(docs).parts))
    return [README, *sorted(written)]


def parts(text: str) -> Iterator[str | Block | Marker]:
    """Take a document apart, in order: lines as they are, blocks without their fences, and what markers made."""
    lines = text.splitlines(keepends=True)
    at, needs = 0, ""
    while at < len(lines):
        line = lines[at].rstrip("\n")
        if box := BOX.match(line):
            needs = box["title"]
        elif re.match(r":{3,}$", line):
            needs = ""
        yield lines[at]
        at += 1
        if fence := FENCE.match(line):
            end = next(k for k in range(at, len(lines)) if lines[k].rstrip() == fence["mark"])
            yield Block(fence["language"], "".join(lines[at:end]), at, needs)
            at = end
            yield lines[at]
            at += 1
        elif marker := MARKER.match(line):
            end = at + _length("".join(lines[at:]))
            yield Marker(marker["kind"], marker["command"], "".join(lines[at:end]), at)
            at = end


def _length(text: str) -> int:
    """Return how many lines an output has: blank ones within it are followed by indented ones."""
    end = re.search(r"\n\n(?=\S)|\n*\Z", f"\n{text}")
    assert end
    return f"\n{text}"[: end.start()].count("\n")


def blocks(path: Path) -> list[Block]:
    """Return the fenced blocks of a document."""
    return [part for part in parts(path.read_text()) if isinstance(part, Block)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the documents that are named, or else all of them, with every output and picture as it is now."""
    parser = argparse.ArgumentParser("python -m tests.documents", description=main.__doc__)
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as docs/tutorial.md; all unless one is named")
    names = parser.parse_args(arguments).pages
    known = {str(path.relative_to(ROOT)): path for path in pages()}
    for name in names:
        if Path(name).resolve() not in known.values():
            near = did_you_mean(name, known) or f"known: {', '.join(known)}"
            parser.exit(2, f"{parser.prog}: {name}: unknown page; {near.strip()}\n")
    from playing import play

    for path in [Path(name).resolve() for name in names] or pages():
        with tempfile.TemporaryDirectory() as folder:
            text = play(path, Path(folder), draw=True)
        changed = text != path.read_text()
        path.write_text(text)
        print(f"{path.relative_to(ROOT)}: {'written anew' if changed else 'as it was'}")  # noqa: T201


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))  # pytest does so, too
    main()
