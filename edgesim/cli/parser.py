"""The parser of the command line: help that is easy to read, and mistakes in one line with the nearest right name."""

import argparse
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NoReturn, Protocol

from edgesim.errors import InputError, choose, did_you_mean, nearest

_WIDEST = 100
"""Longer lines are hard to read, however wide the terminal is."""
_COLUMN, _TYPED = 27, 78
_REWORDED = (
    (r"argument (\S+): expected one argument", r"\1: needs a value"),
    (r"argument (\S+): expected (.+) arguments?", r"\1: needs \2 values"),
    (r"the following arguments are required: (.+)", r"\1: missing"),
    (r"one of the arguments (.+) is required", r"\1: one of them is needed"),
    (r"argument (\S+): not allowed with argument (\S+)", r"\1: does not go with \2"),
    (r"argument (\S+): invalid int value: (.+)", r"\1: must be a whole number, got \2"),
    (r"argument (\S+): invalid float value: (.+)", r"\1: must be a number, got \2"),
    (r"argument (\S+): ignored explicit argument (.+)", r"\1: takes no value, got \2"),
    (r"ambiguous option: (\S+) could match (.+)", r"\1: may be \2; write it whole"),
    (r"argument (\S+): (.+)", r"\1: \2"),
)


class AddCommand(Protocol):
    """Adds a command to a parser."""

    def __call__(self, function: Callable[..., int], text: str, about: str, *examples: str) -> "Parser":
        """Add one.

        Parameters
        ----------
        function
            What it calls; its name without underscores is what is typed after ``edgesim``.
        text
            What it does, in the list of all commands.
        about
            When to use it, in its own help; paragraphs are wrapped.
        examples
            Lines that can be typed.
        """


class Help(argparse.HelpFormatter):
    """Paragraphs are wrapped; what is indented is left as it is."""

    def __init__(self, prog: str) -> None:
        width = min(shutil.get_terminal_size().columns - 2, _WIDEST)
        super().__init__(prog, max_help_position=_COLUMN, width=width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.split("\n\n")
        wrapped = textwrap.TextWrapper(width, indent, indent)
        return "\n\n".join(one if "\n  " in one else wrapped.fill(one) for one in paragraphs)

    def _format_action(self, action: argparse.Action) -> str:
        """Leave out the line that says no more than that commands follow."""
        if action.nargs == argparse.PARSER:
            return "".join(super(Help, self)._format_action(each) for each in action._get_subactions())  # type: ignore[attr-defined]
        return super()._format_action(action)


class Parser(argparse.ArgumentParser):
    """A parser of a command, or of all of them."""

    def __init__(self, prog: str, description: str, epilog: str, **more: Any) -> None:  # noqa: ANN401  (argparse's)
        super().__init__(prog, description=description, epilog=epilog, formatter_class=Help, **more)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, and leave with the exit code of a wrong argument."""
        for theirs, ours in _REWORDED:
            if re.fullmatch(theirs, message):
                message = re.sub(theirs, ours, message)
                break
        where, end = ": ".join(self.prog.split()), "" if message.endswith("?") else ";"
        self.exit(InputError.exit_code, f"{where}: {message}{end} {self.prog} --help shows all\n")

    @property
    def flags(self) -> list[str]:
        """The names of all options."""
        return [flag for action in self._actions for flag in action.option_strings]

    def check_flags(self, given: Iterable[str], commands: "Mapping[str, Parser] | None" = None) -> None:
        """Refuse options that there are not: first, because what else is wrong may follow from that.

        Parameters
        ----------
        given
            What was given to this command.
        commands
            All of them by name, to tell whose option it is.
        """
        known = self.flags
        for text in takewhile(lambda each: each != "--", given):
            flag = text.partition("=")[0]
            if _is_flag(flag) and not any(name.startswith(flag) for name in known):
                having = [name for name, other in (commands or {}).items() if flag in other.flags]
                if having:
                    hint = self._in_the_file(flag, begun=True) or f"belongs to: {', '.join(having)}"
                else:
                    near = did_you_mean(flag, (name for name in known if name.startswith("--"))).rstrip()
                    hint = near or self._in_the_file(flag)
                self.error(f"{flag}: unknown option{hint and f'; {hint}'}")

    def _in_the_file(self, flag: str, *, begun: bool = False) -> str:
        """Say where a key of scenarios stands, if that is what an option is called after; or is the beginning of."""
        if not any(action.dest in ("scenario", "scenarios") for action in self._actions):
            return ""
        from edgesim.files.report import known_keys
        from edgesim.scenario import Scenario

        name = flag.lstrip("-")
        keys = [key for key in known_keys(Scenario, ()) if not begun or key.startswith(name)]
        near = nearest(name, keys)
        return f"'{near[0]}' is a key of the scenario's file, change it there" if near else ""

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            known = choose(str(value), map(str, action.choices))
            raise argparse.ArgumentError(action, f"unknown, got '{value}'; {known}")


def _is_flag(text: str) -> bool:
    """Tell whether a text can only be an option: neither a file, nor ``-``, nor a number below zero."""
    return bool(re.match("--?[A-Za-z]", text)) and " " not in text


def typed(line: str) -> str:
    """Indent an example, and break it before an option where it is too long for a terminal of 80 columns."""
    lines = ["  "]
    for part in re.split(" (?=--)", line):
        if len(lines[-1]) + len(part) > _TYPED:
            lines.append("      ")
        lines[-1] += f"{part} "
    return "\\\n".join(lines).rstrip()


def read_arguments(
    parser: Parser, commands: "dict[str, Parser]", given: Sequence[str] | None = None
) -> argparse.Namespace:
    """Parse what was given to a command; whatever is wrong leaves the process.

    Parameters
    ----------
    parser
        Of all commands.
    commands
        Those, by name.
    given
        By default what the process was given.
    """
    given = sys.argv[1:] if given is None else given
    command = commands.get(given[0]) if given else None
    (command or parser).check_flags(given[1:] if command else given, commands)
    options, more = parser.parse_known_args(given)
    if more:
        (command or parser).error(f"{more[0]}: is one argument too many")
    return options
