"""The page of the command line, from its parsers."""

import argparse
import re
import textwrap
from collections.abc import Iterator

from edgesim.cli.commands import command_parsers
from edgesim.cli.parser import Parser
from edgesim_reference.markdown import page, prose, table

_WIDTH = 84


def command_page() -> str:
    """Return the page: a section for each command, with its usage, examples and every option."""
    whole, commands = command_parsers()
    index = [(f"[`edgesim {name}`](#edgesim-{name})", _told(_helps(whole)[name])) for name in commands]
    sections = [section for name, parser in commands.items() for section in _command(name, parser)]
    return page("Command line", _told(whole.description or ""), table(("command", "what it does"), index),
                *_epilog(whole), *sections)  # fmt: skip


def _helps(whole: Parser) -> dict[str, str]:
    """Return the sentence that the list of all commands has for each."""
    return {
        each.dest: each.help or ""
        for action in whole._actions
        if isinstance(action, argparse._SubParsersAction)
        for each in action._choices_actions
    }


def _command(name: str, parser: Parser) -> Iterator[str]:
    yield f"(edgesim-{name})=\n\n## edgesim {name}"
    yield _told(parser.description or "")
    yield f"```text\n{_usage(parser)}\n```"
    yield f"```{{program}} edgesim {name}\n```"
    for group in parser._action_groups:
        actions = [action for action in group._group_actions if not isinstance(action, argparse._HelpAction)]
        if not actions:
            continue
        if group.title not in ("positional arguments", "options"):
            yield f"**{prose((group.title or '').capitalize())}**" + (
                f": {_told(group.description)}" if group.description else ""
            )
        yield from (_option(action, parser) for action in actions)
    yield from _epilog(parser)


def _usage(parser: Parser) -> str:
    """Return how a command is called, in lines that fit a page."""
    form = argparse.HelpFormatter(parser.prog, width=_WIDTH)
    form.add_usage(parser.usage, parser._actions, parser._mutually_exclusive_groups, prefix="")
    return form.format_help().strip()


def _option(action: argparse.Action, parser: Parser) -> str:
    """Return one argument, with the values that it takes."""
    form = parser._get_formatter()
    value = form._format_args(action, action.dest.upper()) if action.nargs != 0 else ""
    names = [f"{flag} {value}".strip() for flag in action.option_strings] or [form._metavar_formatter(action, "")(1)[0]]
    about = _told((action.help or "") % {"default": action.default, "prog": parser.prog})
    required = " Required." if action.option_strings and action.required else ""
    choices = f" One of {', '.join(f'`{each}`' for each in action.choices)}." if action.choices else ""
    return f"```{{option}} {', '.join(names)}\n{_sentence(about)}{required}{choices}\n```"


def _told(text: str) -> str:
    """Write help; what is to be typed, in quotes or with two dashes, is code."""
    return prose(re.sub(r"'[^']+'(?!\w)|(?<![\w-])--[a-z][a-z-]*|edgesim [A-Z]+ --help", r"`\g<0>`", _joined(text)))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) or not text else f"{text}."


def _joined(text: str) -> str:
    return " ".join(text.split())


def _epilog(parser: Parser) -> Iterator[str]:
    """Yield what stands behind the options: titled blocks of lines as code, paragraphs as they are."""
    for block in (parser.epilog or "").split("\n\n"):
        title, _, rest = block.partition("\n")
        if title.endswith(":") and rest:
            yield f"**{title.rstrip(':').capitalize()}**"
            yield f"```text\n{textwrap.dedent(rest)}\n```"
        elif block.strip():
            yield _told(block)
