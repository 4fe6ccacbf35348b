"""The command line as a newcomer meets it: help, mistyped commands, odd terminals."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import in_terminal

from edgesim import __version__
from edgesim.cli import main

COMMANDS = (
    "run", "plan", "compare", "check", "sweep", "report", "need", "sensitivity", "shard", "importance", "evaluate",
    "import", "profile", "validate", "regress", "list",
)  # fmt: skip
COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.mark.parametrize("arguments", [["--help"], *([command, "--help"] for command in COMMANDS)], ids=" ".join)
def test_help_has_an_example(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Every command shows a line that can be typed; the first page shows the exit codes."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    out = capsys.readouterr().out
    assert leaving.value.code == 0
    assert re.search(rf"^(example: |  )edgesim {'' if len(arguments) == 1 else arguments[0]}", out, re.MULTILINE)
    if len(arguments) == 1:
        assert all(command in out for command in COMMANDS)
        assert all(f"{code} " in out[out.index("exit codes") :] for code in range(6))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["rnu"], "invalid choice: 'rnu' (choose from "),
        (["run"], "the following arguments are required: SCENARIO"),
        (["run", "quickstart", "--stric"], None),
        (["run", "quickstart", "--seed", "1"], "unrecognized arguments: --seed 1"),
        (["list", "plannets"], "invalid choice: 'plannets' (choose from "),
        (["compare", "quickstart", "--json"], "argument --json: expected one argument"),
    ],
    ids=str,
)
def test_a_mistyped_command_is_answered(
    arguments: list[str], says: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    """The usage and what is wrong, exit code 2; an unambiguous beginning of a flag will do."""
    if says is None:
        assert main(arguments) == 0
        return
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    assert leaving.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: edgesim")
    assert says in err


def test_the_version_is_one_word(capsys: pytest.CaptureFixture[str]) -> None:
    """As other tools print it."""
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"edgesim {__version__}\n"


def test_colours_are_for_terminals_that_want_them() -> None:
    """A terminal gets colours; with NO_COLOR, a dumb one or a pipe there are none."""
    assert "\x1b[32m" in in_terminal("run", "quickstart", columns=120)
    assert not re.search("\x1b\\[3[0-9]m", in_terminal("run", "quickstart", columns=120, NO_COLOR="1"))
    assert "\x1b" not in in_terminal("run", "quickstart", columns=120, TERM="dumb")


@pytest.mark.parametrize("columns", [10, 40, 80, 200])
def test_a_narrow_terminal_loses_no_number(columns: int) -> None:
    """Every latency and every planner is there, whatever the width."""
    shown = COLOUR.sub("", in_terminal("compare", "quickstart", columns=columns))
    assert re.search(
        r"^preload_model\[bitwidth=32\] +195\.0 ms +met +0\.0% +3 x 7 +0\.1458 .* 148 MB *$", shown, re.MULTILINE
    )
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown


def test_an_ascii_terminal_is_enough(tmp_path: Path) -> None:
    """What it cannot show is escaped."""
    path = tmp_path / "s\N{LATIN SMALL LETTER U WITH DIAERESIS}.yaml"
    path.write_text((Path(__file__).parent.parent / "scenarios" / "quickstart.yaml").read_text())
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    command = [sys.executable, "-m", "edgesim.cli", "run", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("s\\xfc: wrx on odroid-n2plus")
