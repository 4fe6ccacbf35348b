"""The README says what is so: two commands to begin with, outputs as they are, names that exist."""

import json
import re
import shlex
from pathlib import Path

import pytest
from readme import README, written

from edgesim.cli import main

TEXT = README.read_text()
FIRST = TEXT[: TEXT.index("## What it answers")]


def fenced(text: str) -> list[str]:
    """Return the fenced blocks of a text."""
    return [block.strip() for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)]


def test_outputs_are_what_the_commands_print() -> None:
    """Every output shown is what comes out now; ``python -m tests.readme`` writes them anew."""
    assert written(TEXT) == TEXT


def test_the_first_section_has_two_commands() -> None:
    """A newcomer copies two lines, each of which sets up what it needs; a third adds the tests of real models."""
    *commands, real = fenced(FIRST)
    assert len(commands) == 2
    assert real.endswith(".venv/bin/python -m pytest -m real")
    assert all(command.startswith("python3 -m venv .venv && ") and "\n" not in command for command in commands)


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


def test_the_python_example_runs() -> None:
    """The verbs are called as the README shows."""
    (example,) = [block for block in fenced(TEXT) if block.startswith("import edgesim")]
    names: dict[str, object] = {}
    exec(example, names)
    assert {"result", "timeline"} <= set(names)


def test_links_lead_somewhere() -> None:
    """Every relative link names a file or folder of the repository."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", TEXT) if "://" not in link]
    assert links
    assert all((README.parent / link).exists() for link in links)


SESSION = (
    "AppProcess", "BackgroundIo", "Burst", "Change", "Conditions", "Contention", "Engagements", "FlashPauses",
    "Generation", "Hours", "Jitter", "MemoryPressure", "MultiStream", "Offline", "OtherApps", "Range", "Routing",
    "Server", "Sharing", "SingleStream", "Thermal", "Trace", "Trim", "Write",
)  # fmt: skip


def test_every_key_of_a_session_is_named() -> None:
    """Whoever writes a scenario finds the keys in one place; a `source` may stand anywhere."""
    schema = json.loads((README.parent / "scenarios" / "scenario.schema.json").read_text())
    (section,) = re.findall(r"^### Every key of a session\n(.*?)^### ", TEXT, re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", section))))
    keys = {key for name in SESSION for key in schema["$defs"][name]["properties"]}
    assert keys - named == {"source"}
