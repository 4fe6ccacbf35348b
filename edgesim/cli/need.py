"""The commands that answer questions: need, sensitivity."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgesim.cli.measured import AddCommand, progress
from edgesim.errors import InputError

_JSON = "write JSON; - for standard output, alone"
_SCENARIO = "a file, or the name of a shipped scenario"


def add_need(command: AddCommand) -> None:
    """Add the command to a parser."""
    example = "need quickstart --find storage.read.bandwidth --fidelity 0.1"
    parser = command(_need, "find the least bandwidth, memory or target that reaches a goal", example)
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    text = (
        "what to find: preload_buffer, load_buffer, memory (both together), target_latency, flash_speed, compute_speed,"
        " or any number of the scenario, its device or its model, such as storage.read.bandwidth"
    )
    parser.add_argument("--find", required=True, metavar="KEY", help=text)
    parser.add_argument("--target", metavar="TIME", help="the latency to meet, e.g. '200 ms' (the scenario's)")
    parser.add_argument("--fidelity", metavar="F", help="at least this fidelity, from 0 to 1")
    parser.add_argument("--accuracy", metavar="A", help="at least this predicted accuracy, from 0 to 1")
    parser.add_argument("--memory", metavar="SIZE", help="at most this much at the peak of all memory, e.g. '120 MB'")
    parser.add_argument(
        "--met", default=1.0, metavar="SHARE", help="so many inferences of a session meet the target (100 %%)"
    )
    text = "instead of the scenario's first, e.g. wrx or 'std_pipeline[bitwidth=6]'; may be repeated"
    parser.add_argument("--planner", action="append", default=[], metavar="NAME", help=text)
    text = "search between these two values only, with units"
    parser.add_argument("--between", nargs=2, metavar=("LOW", "HIGH"), help=text)
    text = "how close to the answer something fails, '1 %%' of it unless said; 'exact' is to the unit"
    parser.add_argument("--precision", default=0.01, metavar="SHARE", help=text)
    parser.add_argument("--all", action="store_true", help="show everything that was tried, of each planner")
    parser.add_argument("--json", metavar="FILE", help=_JSON)


def _need(options: argparse.Namespace) -> int:
    from edgesim.questions.need import need
    from edgesim.questions.text import need_text

    with progress() as say, _options():
        found = need(
            options.scenario, options.find, target=options.target, fidelity=options.fidelity,
            accuracy=options.accuracy, memory=options.memory, met=options.met, planners=options.planner,
            between=options.between, precision=options.precision, progress=say,
        )  # fmt: skip
    options.output.rows([found.to_dict()], alone=True)
    options.output.show(need_text(found, every=options.all))
    return 0 if found.reached else 1


@contextmanager
def _options() -> Iterator[None]:
    """Name options in messages as they are written here."""
    from edgesim.questions.given import OptionError

    try:
        yield
    except OptionError as error:
        raise InputError(f"--{error}") from error


def add_sensitivity(command: AddCommand) -> None:
    """Add the command to a parser."""
    text = "find which number of the profile moves the answer most, and how far it can be trusted"
    parser = command(_sensitivity, text, "sensitivity quickstart --plot sensitivity.png")
    parser.add_argument("scenario", metavar="SCENARIO", help=_SCENARIO)
    text = "how far each number is changed, down and up (10 %%)"
    parser.add_argument("--by", default="10 %", metavar="SHARE", help=text)
    parser.add_argument("--planner", metavar="NAME", help="instead of the scenario's first")
    text = "the metric that is moved (latency_ns); fidelity is that of a plan made again, others of the plan as it is"
    parser.add_argument("--of", default="latency_ns", metavar="METRIC", help=text)
    parser.add_argument("--all", action="store_true", help="show numbers that change nothing, too")
    parser.add_argument("--json", metavar="FILE", help=_JSON)
    parser.add_argument("--plot", metavar="FILE", help="draw a tornado chart (.png, .svg or .pdf)")


def _sensitivity(options: argparse.Namespace) -> int:
    from edgesim.questions.moves_text import bars, sensitivity_text
    from edgesim.questions.sensitivity import sensitivity

    with progress() as say, _options():
        found = sensitivity(options.scenario, by=options.by, planner=options.planner, of=options.of, progress=say)
    options.output.rows([found.to_dict()], alone=True)
    options.output.show(sensitivity_text(found, every=options.all))
    if options.plot:
        from edgesim.plot.tornado import save_tornado, tornado_figure
        from edgesim.questions.words import word

        title = f"{found.scenario}: {found.planner} on {found.device} ({found.processor}), {found.model}"
        save_tornado(tornado_figure(bars(found), title, word(found.of), found.by), Path(options.plot))
        print(f"edgesim: drew {options.plot}", file=sys.stderr)
    return 0
