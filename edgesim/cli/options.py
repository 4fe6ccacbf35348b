"""Options that several commands have, and what their help says."""

import argparse

JSON = "write JSON; - for standard output, alone"
SCENARIO = "a file, or the name of a shipped scenario"
DEVICE = "a file, or the name of a shipped device"


def add_scenario(parser: argparse.ArgumentParser, text: str = SCENARIO) -> None:
    """Add the scenario that a command is about."""
    parser.add_argument("scenario", metavar="SCENARIO", help=text)


def add_planners(parser: argparse.ArgumentParser, instead: str = "the scenario's") -> None:
    """Add ``--planner``, which may be repeated."""
    text = f"instead of {instead}, e.g. wrx or 'std_pipeline[bitwidth=6]'; may be repeated"
    parser.add_argument("--planner", action="append", default=[], metavar="PLANNER", help=text)


def add_outputs(parser: argparse.ArgumentParser, json: str = JSON, **files: str) -> None:
    """Add the files that a command can write, each by its flag's name and what is in it, as one group."""
    outputs = parser.add_argument_group("outputs")
    for name, text in {"json": json, **files}.items():
        outputs.add_argument(f"--{name}", metavar="FILE", help=text)
