"""What a shell offers when TAB is pressed."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from terminal_shell import Shell

from edgesim import read_scenario
from edgesim.cli import main
from edgesim.cli.commands import command_parsers
from edgesim.files import shipped_names
from edgesim.questions.keys import locate
from edgesim.questions.searchable import searchable

HEAVY = {"pydantic", "rich", "yaml", "simpy", "numpy", "pandas", "matplotlib"}
SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(edgesim completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$(edgesim completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "edgesim completion fish | source"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with files to choose from, and the command in ``bin``."""
    for name in ("own.yaml", "my scenario.yaml", "notes.txt", ".hidden.yaml", "planner.py"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "edgesim"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m edgesim "$@"\n')
    command.chmod(0o755)
    return tmp_path


def offered(line: str, folder: Path, code: str = "from edgesim.cli import main; main()") -> list[str]:
    """Return what is offered to complete a line, as shells ask for it; nothing else is said."""
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n"}
    asked |= {"_ARGCOMPLETE_STDOUT_FILENAME": str(folder / "bin" / "offered"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, env=asked, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    return [word.strip() for word in (folder / "bin" / "offered").read_text().split("\n") if word]


def test_commands_options_and_choices(folder: Path) -> None:
    """What the parsers know; options only after a hyphen, and those that do not go together not twice."""
    assert offered("edgesim ", folder) == list(command_parsers()[1])
    assert offered("edgesim re", folder) == ["report", "regress"]
    assert "--planner" in offered("edgesim run --p", folder)
    assert "--all-spans" not in offered("edgesim run quickstart --first-only --", folder)
    assert offered("edgesim list ", folder) == ["planners", "devices", "models", "scenarios", "backends"]
    assert offered("edgesim import f", folder) == ["fio"]


def test_names_and_files(folder: Path) -> None:
    """Of what is shipped, installed or there; hidden files only to who asks for them."""
    here = ["bin/", "folder/", "own.yaml", "my\\ scenario.yaml"]
    assert sorted(offered("edgesim run ", folder)) == sorted([*shipped_names("scenarios"), *here])
    assert offered("edgesim compare quickstart --device raspberry-pi-4", folder) == ["raspberry-pi-4"]
    assert offered("edgesim check pc", folder) == ["pc-nvme"]
    assert offered("edgesim list models tiny", folder) == ["tinyllama-1.1b"]
    assert offered("edgesim check ./", folder) == ["./bin/", "./folder/", "./my\\ scenario.yaml", "./own.yaml"]
    assert offered("edgesim check .h", folder) == [".hidden.yaml"]
    assert offered("edgesim run quickstart --json n", folder) == ["notes.txt"]
    assert offered("edgesim report ", folder) == ["bin/", "folder/"]
    planners = entry_points(group="edgesim.planners").names
    assert sorted(offered("edgesim run quickstart --planner ", folder)) == sorted(
        [*planners, "bin/", "folder/", "planner.py"]
    )
    assert offered("edgesim plan quickstart --planner=wrx_", folder) == ["--planner=wrx_plus"]


def test_keys_of_numbers_that_can_be_searched(folder: Path) -> None:
    """All that the scenario has; every one of them is accepted."""
    for name in ("quickstart", "disturbed", "reply-streamed", "validate-minilm"):
        scenario = read_scenario(name)
        keys = searchable(scenario)
        assert {"preload_buffer", "load_buffer", "target_latency", "memory", "flash_speed", "compute_speed"} <= set(
            keys
        )
        assert all(locate(scenario, key) for key in keys if key not in ("memory", "flash_speed", "compute_speed"))
    assert offered("edgesim need quickstart --find st", folder) == ["storage.read.bandwidth", "storage.read.latency"]
    assert "latency_p99_ns" in offered("edgesim sensitivity quickstart --of la", folder)


@pytest.mark.parametrize(
    "line",
    ["edgesim run --plnner x", "edgesim run quickstart --replications ", "edgesim check none/",
     "edgesim need none --find s", "edgesim list plannets w", "edgesim completion bash "],
)  # fmt: skip
def test_where_nothing_fits_nothing_is_said(line: str, folder: Path) -> None:
    """Neither a message nor files where a number is wanted."""
    assert offered(line, folder) == []


@pytest.mark.parametrize("line", ["edgesim ", "edgesim run qu", "edgesim run quickstart --planner w"])
def test_names_are_offered_without_reading_files(line: str, folder: Path) -> None:
    """Nothing heavy is loaded, so that nobody waits."""
    code = f"""import os, sys
from edgesim.cli import main
leave = os._exit
def light(code):
    assert not {HEAVY} & set(sys.modules)
    leave(code)
os._exit = light
main()
"""
    assert offered(line, folder, code)


def test_nothing_is_loaded_for_it_otherwise() -> None:
    """Unless a shell asks."""
    code = "import sys; from edgesim.cli import main; main(['list']); assert 'argcomplete' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("name", SHELLS)
def test_tab_completes_in_a_real_shell(name: str, folder: Path) -> None:
    """Commands, options, names and files, typed in a terminal."""
    command, setup = SHELLS[name]
    if shutil.which(command[0]) is None or shutil.which("setsid") is None:
        pytest.skip(f"there is no {name} here")
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "TERM": "xterm" if name == "fish" else "dumb", "HOME": str(folder), "COLUMNS": "120"}
    with Shell(command, folder, environment) as shell:
        shell.type(f"{setup}; echo rea''dy\n")
        shell.until("ready\n")
        for typed, offer in (
            ("edgesim ru\t", "edgesim run "),
            ("edgesim run quick\t", "edgesim run quickstart "),
            ("edgesim compare quickstart --dev\t", "--device "),
            ("bin/edgesim check ow\t", "own.yaml "),
            ("edgesim run quickstart --planner wrx_\t", "wrx_plus "),
            ("edgesim run --\t\t", "--replications"),
        ):
            shell.type(typed)
            shell.until(offer)
            shell.type("\x15")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_for_the_shell(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Printed alone, to be evaluated; another shell has none."""
    assert main(["completion", shell]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert ("complete --command edgesim" if shell == "fish" else "compdef") in out
    with pytest.raises(SystemExit):
        main(["completion", "tcsh"])
    assert "SHELL: unknown, got 'tcsh'" in capsys.readouterr().err
