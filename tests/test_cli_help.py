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
from edgesim.cli.commands import command_parsers

COMMANDS = tuple(command_parsers()[1])
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def helped(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return a page of help."""
    with pytest.raises(SystemExit) as leaving:
        main([*arguments, "--help"])
    out, err = capsys.readouterr()
    assert (leaving.value.code, err) == (0, "")
    return out


def test_the_first_page_has_all_commands_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """And examples, within 80 columns."""
    out = helped(capsys)
    assert re.findall(r"^  ([a-z]+)  ", out, re.MULTILINE) == list(COMMANDS)
    assert "examples:\n  edgesim run quickstart" in out
    assert re.findall(r"^  ([0-9])  ", out[out.index("exit codes") :], re.MULTILINE) == list("012345")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_when_to_use_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A paragraph, and a line that can be typed; files that are written stand together."""
    out = helped(capsys, command)
    usage, about, *_ = out.split("\n\n")
    assert usage.startswith(f"usage: edgesim {command} ")
    assert len(about.split()) > 15
    assert re.search(rf"^examples?:\n  edgesim {command}( |$)", out, re.MULTILINE)
    written = [
        flag for flag in ("--csv", "--trace", "--plot", "--front", "--spans", "--markdown") if f"  {flag}" in out
    ]
    assert all(out.index("\noutputs:\n") < out.index(f"  {flag}") for flag in written)


@pytest.mark.parametrize("arguments", [[], *([command] for command in COMMANDS)], ids=str)
def test_help_fits_80_columns(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a wider terminal lines get no longer than can be read."""
    for columns, widest in ((80, 80), (300, 100)):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = helped(capsys, *arguments).splitlines()
        assert max(len(line) for line in lines) <= widest


SAYS = [
    ([], "edgesim: COMMAND: missing; edgesim --help shows all"),
    (["rnu"], "edgesim: COMMAND: unknown, got 'rnu'; did you mean 'run'? known: check, compare, "),
    (["--versoin"], "edgesim: --versoin: unknown option; did you mean '--version'? edgesim --help shows all"),
    (["run"], "edgesim: run: SCENARIO: missing; edgesim run --help shows all"),
    (
        ["run", "quickstart", "--plnner", "wrx"],
        "edgesim: run: --plnner: unknown option; did you mean '--planner'? edge",
    ),
    (["run", "quickstart", "--planer=wrx"], "edgesim: run: --planer: unknown option; did you mean '--planner'? edge"),
    (["run", "quickstart", "-strict"], "edgesim: run: -strict: unknown option; did you mean '--strict'? edgesim run "),
    (["run", "quickstart", "--foo", "1"], "edgesim: run: --foo: unknown option; edgesim run --help shows all"),
    (["list", "--target"], "edgesim: list: --target: unknown option; belongs to: need; edgesim list --help shows all"),
    (["compare", "x", "--trace", "y"], "edgesim: compare: --trace: unknown option; belongs to: run, validate; edgesim"),
    (["--strict"], "edgesim: --strict: unknown option; belongs to: run, profile; edgesim --help shows all"),
    (
        ["run", "quickstart", "--target", "350ms"],
        "edgesim: run: --target: unknown option; 'target_latency' is a key of the scenario's file, change it there; ed",
    ),
    (
        ["compare", "quickstart", "--preload-buffer=3MB"],
        "edgesim: compare: --preload-buffer: unknown option; 'preload_buffer' is a key of the scenario's file, change",
    ),
    (
        ["run", "quickstart", "--p", "wrx"],
        "edgesim: run: --p: may be --planner, --plot, --precision; write it whole; e",
    ),
    (
        ["need", "quickstart", "--fnd", "memory"],
        "edgesim: need: --fnd: unknown option; did you mean '--find'? edgesim ",
    ),
    (["need", "quickstart"], "edgesim: need: --find: missing; edgesim need --help shows all"),
    (
        ["need", "x", "--find", "memory", "--between", "1 MB"],
        "edgesim: need: --between: needs 2 values; edgesim need -",
    ),
    (["plan", "quickstart", "fig6"], "edgesim: plan: fig6: is one argument too many; edgesim plan --help shows all"),
    (["list", "plannets"], "edgesim: list: KIND: unknown, got 'plannets'; did you mean 'planners'? known: backends, d"),
    (
        ["import", "foi", "x"],
        "edgesim: import: TOOL: unknown, got 'foi'; did you mean 'fio'? known: fio, onnxruntime",
    ),
    (["report", "x", "--memory", "Held"], "edgesim: report: --memory: unknown, got 'Held'; did you mean 'held'? known"),
    (["compare", "quickstart", "--json"], "edgesim: compare: --json: needs a value; edgesim compare --help shows all"),
    (
        ["compare", "x", "--workers", "a"],
        "edgesim: compare: --workers: must be a whole number, got 'a'; edgesim compar",
    ),
    (["compare", "x", "--all=1"], "edgesim: compare: --all: takes no value, got '1'; edgesim compare --help shows all"),
    (["regress"], "edgesim: regress: --base --against --record: one of them is needed; edgesim regress --help shows "),
    (["run", "x", "--all-spans", "--first-only"], "edgesim: run: --first-only: does not go with --all-spans; edgesim "),
]


@pytest.mark.parametrize(("arguments", "says"), SAYS, ids=[" ".join(row[0]) for row in SAYS])
def test_a_mistyped_command_is_answered(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong, what is near and where all is shown, in one line; exit code 2."""
    with pytest.raises(SystemExit) as leaving:
        main(arguments)
    out, err = capsys.readouterr()
    assert (leaving.value.code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(says)
    assert err.endswith(" --help shows all\n")


def test_the_beginning_of_an_option_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    """If there is no other that begins so; a number below zero is none, nor is what follows ``--``."""
    assert main(["run", "quickstart", "--stric"]) == 0
    assert main(["sensitivity", "quickstart", "--by", "-5"]) == 2
    assert main(["run", "--", "--strict"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("edgesim: --by: ")
    assert err.splitlines()[-1].startswith("edgesim: --strict: no such scenario")


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


def test_nothing_but_text_goes_into_pipes() -> None:
    """Neither colours nor bars, even where the environment asks for them, as that of CI services does."""
    environment = os.environ | {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "TTY_INTERACTIVE": "1", "COLUMNS": "80"}
    for line in (
        "run engagements none --replications 3 --workers 1",
        "list devices",
        "compare quickstart --plnner wrx",
    ):
        command = [sys.executable, "-m", "edgesim", *line.split()]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.stdout or done.stderr
        assert "\x1b" not in done.stdout + done.stderr


def test_bars_are_for_terminals() -> None:
    """With colours only where they are wanted; a dumb terminal gets the last state alone."""
    asked = ("run", "engagements", "--replications", "3", "--workers", "1")
    shown = in_terminal(*asked, columns=80, errors=True)
    assert "3 of 3" in COLOUR.sub("", shown)
    assert "\x1b[3" in shown
    assert not re.search("\x1b\\[3[0-9]", in_terminal(*asked, columns=80, errors=True, NO_COLOR="1"))
    dumb = in_terminal(*asked, columns=80, errors=True, TERM="dumb")
    assert "3 of 3" in dumb
    assert "\x1b" not in dumb


@pytest.mark.parametrize("columns", [10, 40, 80, 200])
def test_a_narrow_terminal_cuts_no_number(columns: int) -> None:
    """What there is no room for is left out as a whole column, and named; what matters most is always there."""
    shown = COLOUR.sub("", in_terminal("compare", "quickstart", columns=columns))
    whole = columns > 80
    more = r" +0\.0% +3 x 7" if whole else ""
    sizes = r" +49\.5 MB +148 MB +0 B +0 B +148 MB" if whole else r" +49\.5 MB +148 MB"
    row = rf"^preload_model\[bitwidth=32\] +195\.0 ms +met{more} +0\.1458{sizes} *$"
    assert re.search(row, shown, re.MULTILINE)
    assert ("A wider window shows more columns: working, load buffer, held, n x m, stalled." in shown) != whole
    assert "\N{HORIZONTAL ELLIPSIS}" not in shown


def test_an_ascii_terminal_is_enough(tmp_path: Path) -> None:
    """What it cannot show is escaped."""
    path = tmp_path / "s\N{LATIN SMALL LETTER U WITH DIAERESIS}.yaml"
    path.write_text((Path(__file__).parent.parent / "scenarios" / "quickstart.yaml").read_text())
    environment = os.environ | {"PYTHONIOENCODING": "ascii:strict"}
    command = [sys.executable, "-m", "edgesim", "run", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("s\\xfc: wrx on odroid-n2plus")
