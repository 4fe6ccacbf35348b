"""The command that makes shells complete the others: completion."""

import argparse

from edgesim.cli.parser import AddCommand

_ABOUT = """Lets the shell complete commands, options, planners, files and the names of shipped scenarios, devices and
models when TAB is pressed. Prints a script: put the line for your shell where it is read at each start.

in ~/.bashrc:
  eval "$(edgesim completion bash)"

in ~/.zshrc, after compinit:
  eval "$(edgesim completion zsh)"

in ~/.config/fish/config.fish:
  edgesim completion fish | source"""
_SHELLS = ("bash", "zsh", "fish")
_FISH = "env (commandline -opc)[1]"


def add_completion(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(_completion, "print the script that lets a shell complete commands", _ABOUT, "completion bash")
    parser.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=", ".join(_SHELLS))


def _completion(options: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    asked = _FISH if options.shell == "fish" else None  # other shells ask the command as it was typed by themselves
    options.output.print(shellcode(["edgesim"], use_defaults=False, shell=options.shell, argcomplete_script=asked))
    return 0
