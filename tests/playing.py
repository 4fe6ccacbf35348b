"""Run a document from top to bottom: its blocks, and the commands that made what it shows."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import tables
from documents import ROOT, Block, Marker, parts

from edgesim.cli import main
from edgesim.report.text import render

COLUMNS = 100
"""How wide the terminal is whose output is shown, unless it is said."""
NOT_RUN = re.compile(r"(\.venv/bin/)?(pip|python3 -m venv|git clone|source|eval) ")
"""What changes more than the page's own folder."""
SHELL = re.compile(r"[|>&*]|^[A-Z_]+=")


class Play:
    """The state of a page: its folder, Python names, and what commands have printed."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.printed: dict[str, str] = {}
        self.said: dict[str, str] = {}
        for name in ("device_profiles", "scenarios", "tests"):
            (folder / name).symlink_to(ROOT / name)

    def block(self, block: Block) -> None:
        """Run one block, or write the file that it is."""
        if block.needs:
            return
        if block.file:
            target = self.folder / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
        elif block.language == "python":
            with self._captured("the Python above"):
                exec(compile(block.text, f"{self.path}:{block.line}", "exec"), self.names)
        elif block.language == "sh":
            for command in commands(block.text):
                self.run(command)

    def run(self, command: str, columns: int = COLUMNS) -> str:
        """Run one command in the page's folder; return what it prints."""
        wanted = re.search(r"  +# exits with (\d)", command)
        command = re.sub(r"  +#.*$", "", command)
        if command in self.printed or NOT_RUN.match(command):
            return self.printed.get(command, "")
        code = (
            self._own(command, columns)
            if re.match(r"edgesim ", command) and not SHELL.search(command)
            else (self._foreign(command))
        )
        assert code == int(wanted[1] if wanted else 0), (
            f"{self.path}: {command}: exit code {code}\n{self.said.get(command)}"
        )
        return self.printed[command]

    def _own(self, command: str, columns: int) -> int:
        with (
            self._captured(command),
            patch("edgesim.report.output.screen_text", lambda text, terminal: render(text, columns)),
        ):
            try:
                return main(shlex.split(command)[1:])
            except SystemExit as left:
                return int(left.code or 0)

    def _foreign(self, command: str) -> int:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        call = ["bash", "-euo", "pipefail", "-c", command]
        env = os.environ | {"PATH": path}
        done = subprocess.run(call, cwd=self.folder, env=env, stdout=subprocess.PIPE, text=True, check=False)
        self.printed[command] = done.stdout
        return done.returncode

    @contextlib.contextmanager
    def _captured(self, name: str) -> Iterator[None]:
        printed, said = io.StringIO(), io.StringIO()
        to_page = contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said)
        with contextlib.chdir(self.folder), to_page[0], to_page[1]:
            yield
        self.printed[name], self.said[name] = printed.getvalue(), said.getvalue()

    def output(self, command: str, kind: str) -> str:
        """Return what a command prints, or says to standard error, as a document shows it."""
        if (table := command.removeprefix("python -m tests.documents, ")) != command:
            return tables.TABLES[table]()
        wide = re.match(r"(.*), (\d+) columns$", command)
        text = self.run(wide[1], int(wide[2])) if wide else self.run(command)
        text = self.said[command] if kind == "messages" else text
        return "".join(f"    {line.rstrip()}".rstrip() + "\n" for line in text.rstrip().splitlines())

    def picture(self, command: str, drawn: str, *, draw: bool) -> None:
        """Compare the picture that is shown with what a command, or a block before it, draws; or replace it."""
        (place,) = re.findall(r"\]\(([^)]+)\)", drawn)
        shown, made = self.path.parent / place, self.folder / command.rsplit(maxsplit=1)[-1]
        if command.startswith("edgesim "):
            self.run(command)
        if draw and not (shown.exists() and alike(shown, made)):
            shown.write_bytes(made.read_bytes())
        assert alike(shown, made), f"{self.path}: {place} is not what is drawn now"


def commands(text: str) -> list[str]:
    """Return the commands of a shell block; a backslash at the end of a line takes up the next one."""
    lines = re.sub(r" *\\\n *", " ", text).splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


def alike(one: Path, other: Path) -> bool:
    """Tell whether two pictures show the same, give or take what another version of a library does to edges.

    Squares of 8 pixels are compared by their mean colours: an edge moves them little, another word much.
    """
    import numpy as np
    from matplotlib.image import imread

    first, second = imread(one)[..., :3], imread(other)[..., :3]
    if first.shape != second.shape:
        return False
    height, width = (length // 8 for length in first.shape[:2])
    squares = (first - second)[: 8 * height, : 8 * width].reshape(height, 8, width, 8, 3).mean(axis=(1, 3))
    return float((np.abs(squares).max(axis=-1) > 0.2).mean()) < 0.001


def play(path: Path, folder: Path, *, draw: bool = False) -> str:
    """Run a document in a folder; return it with every output as it is now."""
    page, written = Play(path, folder), []
    for part in parts(path.read_text()):
        if isinstance(part, Block):
            page.block(part)
            written.append(part.text)
        elif isinstance(part, Marker) and part.kind == "picture":
            page.picture(part.command, part.text, draw=draw)
            written.append(part.text)
        elif isinstance(part, Marker):
            written.append(page.output(part.command, part.kind))
        else:
            written.append(part)
    return "".join(written)
