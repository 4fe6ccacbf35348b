"""The command that finds mistakes in files: check."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import complain, tell
from edgesim.cli.parser import AddCommand
from edgesim.errors import EdgesimError, InfeasibleError, InputError, MissingLibraryError

if TYPE_CHECKING:
    from edgesim.choice import PlannerChoice
    from edgesim.files.check import Checked
    from edgesim.scenario import Scenario

_ABOUT = """Finds the mistakes of form in a file, all at once, each with its line and what would be right: after every
change, before a long run, and in CI. What is allowed but doubtful, as numbers without a source, or that contradict one
another, is told after that the file is right. With --schemas, editors complete and check the files while they are
written."""


def add_check(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _check, "find mistakes in files and shard stores", _ABOUT,
        "check quickstart odroid-n2plus", "check --schemas .",
    )  # fmt: skip
    text = "a device, model, scenario or grid: a file, or a shipped name; or the folder of a shard store"
    parser.add_argument("checked", nargs="*", metavar="FILE", help=text)
    parser.add_argument("--schemas", metavar="DIR", help="write the JSON Schemas of the formats, for editors")


def _check(options: argparse.Namespace) -> int:
    from edgesim.files import write_schemas

    if not options.checked and not options.schemas:
        raise InputError("check: needs a file, or --schemas DIR")
    worst, said = 0, set[str]()
    for path in options.checked:
        try:
            text = "".join(f"{line}\n" for line in _right(path))
        except EdgesimError as error:
            worst = max(worst, _tell(error, path, said))
        else:
            options.output.print(text)
    if options.schemas:
        for written in write_schemas(Path(options.schemas)):
            tell(f"wrote {written}")
    return worst


def _tell(error: EdgesimError, path: str, said: set[str]) -> int:
    """Print what is wrong; of other files only what was not said before, and where all is in those, in which they are.

    Parameters
    ----------
    error, path
        What is wrong, and with what.
    said
        Lines that were printed; gets those that are.
    """
    files = {line: line.partition(":")[0] for line in str(error).split("\n")}
    named = str(Path(path))
    own = [line for line, file in files.items() if line.startswith((path, named)) or Path(file).stem == path]
    new = [line for line in files if line in own or line not in said]
    said.update(new)
    if not own:
        new.append(f"{path}: uses what is wrong in {', '.join(dict.fromkeys(files.values()))}")
    return complain(type(error)("\n".join(new)))


def _right(path: str) -> Iterator[str]:
    """Yield what a right file is, and what is doubtful in it."""
    from edgesim.files.check import checked

    if Path(path).is_dir():
        from edgesim.sharding import check_store
        from edgesim.shards.manifest import MANIFEST

        if not (Path(path) / MANIFEST).exists():
            files = "name files one by one, or as " + str(Path(path) / "*.yaml")
            raise InputError(f"{path}: is a folder, but no shard store, for it has no {MANIFEST}; {files}")
        yield f"{path}: right, {check_store(Path(path))}"
        return
    found = checked(path)
    _check_options(found)
    yield f"{path}: right, {found.schema}"
    yield from found.doubts


def _check_options(found: "Checked") -> None:
    """Refuse options of edgesim's own planners that have no meaning for their model or device.

    Raises
    ------
    InputError
        With what the planners say.
    """
    apps = [app for scenario in found.scenarios for app in (scenario, *scenario.apps.values())]
    said = (_refusal(app, choice) for app in apps for choice in app.planner if choice.options)
    if refused := list(dict.fromkeys(filter(None, said))):
        place = found.text.place(("planner",))[1]
        raise InputError("\n".join(f"{place}: planner: {message}" for message in refused))


def _refusal(scenario: "Scenario", choice: "PlannerChoice") -> str:
    """Say what a planner says of its options; in no time: they are refused before anything is planned."""
    from edgesim.plugins.blame import is_own
    from edgesim.preparation import make_plan, planner_of

    if is_own(planner_of(scenario, choice)):
        try:
            make_plan(scenario.model_copy(update={"target_latency_ns": 1}), choice)
        except (InfeasibleError, MissingLibraryError):
            return ""
        except InputError as error:
            return str(error)
    return ""
