"""Which known names a message offers for one that is not known."""

import pytest

from edgesim.errors import choose, did_you_mean
from edgesim.files import shipped_names

COMMANDS = ["check", "compare", "list", "plan", "regress", "report", "run", "sensitivity", "sweep"]
FLAGS = ["--all-spans", "--planner", "--plot", "--replications", "--strict", "--trace"]
DEVICES, SCENARIOS = shipped_names("devices"), shipped_names("scenarios")


@pytest.mark.parametrize(
    ("given", "known", "near"),
    [
        ("rnu", COMMANDS, "run"),
        ("ls", COMMANDS, "list"),
        ("sens", COMMANDS, "sensitivity"),
        ("--plnner", FLAGS, "--planner"),
        ("-planner", FLAGS, "--planner"),
        ("--STRICT", FLAGS, "--strict"),
        ("--spans", FLAGS, "--all-spans"),
        ("quick_start", SCENARIOS, "quickstart"),
        ("Paper.Odroid 200ms", SCENARIOS, "paper-odroid-200ms"),
        ("jetson", DEVICES, "jetson-nano"),
        ("ufs4", DEVICES, "phone-ufs4"),
        ("odroit", DEVICES, "odroid-n2plus"),
        ("wrk", ["oracle", "wrx", "wrx_plus"], "wrx"),
        ("MS", ["h", "ms", "s"], "ms"),
    ],
    ids=str,
)
def test_the_nearest_name_is_offered(given: str, known: list[str], near: str) -> None:
    """Mistyped, begun, a part of it, or written with other capitals and signs."""
    assert did_you_mean(given, known) == f"did you mean '{near}'? "
    assert choose(given, known) == f"did you mean '{near}'? known: {', '.join(sorted(known))}"


@pytest.mark.parametrize("given", ["", "x", "benchmark", "\N{SNOWMAN}", "y" * 100_000], ids=lambda given: given[:9])
def test_nothing_is_offered_that_is_not_near(given: str) -> None:
    """What is known is still told."""
    assert choose(given, COMMANDS) == f"known: {', '.join(COMMANDS)}"
    assert choose(given, []) == "known: none"


def test_several_may_have_been_meant() -> None:
    """Three at most, in order."""
    assert did_you_mean("pi-5", DEVICES) == "did you mean 'raspberry-pi-5-nvme' or 'raspberry-pi-5-sd'? "
    many = "did you mean 'paper-jetson-150ms', 'paper-jetson-200ms' or 'paper-jetson-400ms'? "
    assert did_you_mean("paper", SCENARIOS) == many
