"""What TAB offers: the parser's commands and options, names of what is shipped and installed, and files."""

import argparse
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgesim.cli.parser import Parser
    from edgesim.files.shipped import Kind

Completer = Callable[..., Iterable[str]]
_YAML = (".yaml", ".yml")


def complete(parser: "Parser", commands: "Iterable[Parser]") -> None:
    """Answer a shell that completes a line, and leave the process; return at once where no shell asks.

    Parameters
    ----------
    parser
        Of all commands.
    commands
        Those.
    """
    if "_ARGCOMPLETE" not in os.environ:
        return
    import argcomplete

    for command in commands:
        for action in command._actions:
            action.completer = _completer(action)  # type: ignore[attr-defined]  # argcomplete's protocol
    argcomplete.autocomplete(parser, always_complete_options=False)


def _completer(action: argparse.Action) -> Completer:
    """Return what completes an argument: known by its name in the help."""
    name = str(action.metavar)
    if action.dest == "checked":
        return _shipped_or_file("scenarios", "devices", "models", "grids")
    return _BY_NAME.get(name, lambda **_: action.choices or ())


def _files(prefix: str, *, suffixes: tuple[str, ...] = (), folders_only: bool = False) -> Iterable[str]:
    """Yield the paths that begin so; folders with a slash. Hidden ones only where they are asked for."""
    if prefix.startswith("~") and os.environ.get("_ARGCOMPLETE_SHELL") == "zsh":
        return  # it would take the tilde for a part of the name
    begin = prefix.rpartition("/")[0] + "/" if "/" in prefix else ""
    with suppress(OSError):
        for path in sorted(Path(begin or ".").expanduser().iterdir()):
            if path.name.startswith(".") and not prefix.removeprefix(begin).startswith("."):
                continue
            if path.is_dir():
                yield f"{begin}{path.name}/"
            elif not folders_only and (not suffixes or path.suffix in suffixes):
                yield f"{begin}{path.name}"


def _any_file(prefix: str, **_: object) -> Iterable[str]:
    return _files(prefix)


def _folders(prefix: str, **_: object) -> Iterable[str]:
    return _files(prefix, folders_only=True)


def _shipped_or_file(*kinds: "Kind") -> Completer:
    def completer(prefix: str, **_: object) -> Iterable[str]:
        return [*(name for kind in kinds for name in _names(kind)), *_files(prefix, suffixes=_YAML)]

    return completer


def _names(kind: "Kind") -> list[str]:
    from edgesim.files.shipped import shipped_names

    return shipped_names(kind)


def _planners(prefix: str, **_: object) -> Iterable[str]:
    """Offer installed planners, and files that may have one."""
    from importlib.metadata import entry_points

    names = () if "/" in prefix else entry_points(group="edgesim.planners").names
    return [*names, *_files(prefix, suffixes=(".py",))]


def _listed(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    """Offer the names of the kind that is listed."""
    if parsed_args.what in ("planners", "backends"):
        from importlib.metadata import entry_points

        return entry_points(group=f"edgesim.{parsed_args.what}").names
    return _names(parsed_args.what) if parsed_args.what else ()


def _keys(prefix: str, parsed_args: argparse.Namespace, **_: object) -> Iterable[str]:
    """Offer the numbers of the scenario that can be searched."""
    from edgesim.errors import EdgesimError
    from edgesim.files import read_scenario
    from edgesim.questions.searchable import searchable

    with suppress(EdgesimError):
        return searchable(read_scenario(parsed_args.scenario or "quickstart"))
    return ()


def _metrics(**_: object) -> Iterable[str]:
    from edgesim.questions.sensitivity import FIGURES

    return FIGURES


def _tasks(**_: object) -> Iterable[str]:
    from edgesim.nets.tasks.registry import TASKS

    return TASKS


_BY_NAME: dict[str, Completer] = {
    "SCENARIO": _shipped_or_file("scenarios"),
    "DEVICE": _shipped_or_file("devices"),
    "GRID": _shipped_or_file("grids"),
    "CAMPAIGN": lambda prefix, **_: [*_names("campaigns"), *_files(prefix)],
    "PLANNER": _planners,
    "FILE": _any_file,
    "SAMPLES": _any_file,
    "CSV": _any_file,
    "DIR": _folders,
    "STORE": _folders,
    "MODEL": lambda prefix, **_: ["minilm", *_files(prefix, folders_only=True)],
    "PART": _listed,
    "KEY": _keys,
    "METRIC": _metrics,
    "TASK": _tasks,
    "ADDRESS": lambda **_: ["local"],
}
