"""The README says what is so: two commands to begin with, and every question's command answers it."""

import re
import shlex
from pathlib import Path

import pytest
from documents import README

from edgesim.cli import main

TEXT = README.read_text()
FIRST = TEXT[: TEXT.index("## What it answers")]


def fenced(text: str) -> list[str]:
    """Return the fenced blocks of a text."""
    return [block.strip() for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


def test_the_first_section_has_two_commands() -> None:
    """A newcomer copies two lines, each of which sets up what it needs; a third adds the tests of real models."""
    *first, real = fenced(FIRST)
    assert len(first) == 2
    assert real.endswith(".venv/bin/python -m pytest -m real")
    assert all(command.startswith("python3 -m venv .venv && ") and "\n" not in command for command in first)


def test_the_first_command_makes_a_table_and_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it runs after installing prints the table and writes the picture that it names."""
    *_, call = fenced(FIRST)[0].split("&&")
    program, *arguments = shlex.split(call)
    arguments = [str(README.parent / word) if word.startswith("scenarios/") else word for word in arguments]
    monkeypatch.chdir(tmp_path)
    assert program.endswith("bin/edgesim")
    assert main(arguments) == 0
    assert "met" in capsys.readouterr().out
    assert (tmp_path / arguments[-1]).stat().st_size > 10_000


def test_the_second_command_is_what_ci_runs() -> None:
    """The tests' command installs the development extra, and `.ci/run` takes it from the README."""
    assert fenced(FIRST)[1].endswith(".venv/bin/python -m pytest")
    assert "[dev]" in fenced(FIRST)[1]
    assert "README.md" in (README.parent / ".ci" / "run").read_text()


def test_it_is_short() -> None:
    """It can be read before one is tired; the rest is in docs/."""
    assert len(TEXT.splitlines()) < 200


QUESTIONS = re.findall(r"^\| .+\? \| `edgesim (.+)` \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize("arguments", [line for line in QUESTIONS if not line.startswith("regress")])
def test_every_question_is_answered(arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the command beside it; the gate needs a history, and has tests of its own."""
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(arguments)) == 0


def test_there_are_questions() -> None:
    """A table of them."""
    assert len(QUESTIONS) >= 10
