"""The commands that answer questions: need, sensitivity."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgesim.cli.complain import tell
from edgesim.cli.options import add_outputs, add_planners, add_scenario
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.errors import InputError

_ABOUT_NEED = """Answers how fast the flash must be, how much memory is needed, or how early an answer can be there:
finds the least value of one number with which a plan reaches the goal, and shows the runs nearest to it: those that
reach the goal, and those that fall short of it. Without another goal, the scenario's target latency is to be met."""
_ABOUT_SENSITIVITY = """Tells which measurement to make better, and whether the answer could be wrong: changes each
number of the device's profile, the model and the budgets by the same share, and shows how far the answer moves."""


def add_need(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _need, "find the least bandwidth, memory or target that reaches a goal", _ABOUT_NEED,
        "need quickstart --find storage.read.bandwidth --fidelity 0.1",
        "need quickstart --find memory --target '150 ms' --planner wrx --planner preload_model",
    )  # fmt: skip
    add_scenario(parser)
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
    add_planners(parser, "the scenario's first")
    text = "search between these two values only, with units"
    parser.add_argument("--between", nargs=2, metavar=("LOW", "HIGH"), help=text)
    text = "how close to the answer something fails, '1 %%' of it unless said; 'exact' is to the unit"
    parser.add_argument("--precision", default=0.01, metavar="SHARE", help=text)
    parser.add_argument("--all", action="store_true", help="show everything that was tried, of each planner")
    add_outputs(parser)


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
    text = "find which number of the profile moves the answer most"
    parser = command(
        _sensitivity, text, _ABOUT_SENSITIVITY,
        "sensitivity quickstart --plot sensitivity.png", "sensitivity quickstart --of fidelity --by '20 %'",
    )  # fmt: skip
    add_scenario(parser)
    text = "how far each number is changed, down and up (10 %%)"
    parser.add_argument("--by", default="10 %", metavar="SHARE", help=text)
    parser.add_argument("--planner", metavar="PLANNER", help="instead of the scenario's first")
    text = "the metric that is moved (latency_ns); fidelity is that of a plan made again, others of the plan as it is"
    parser.add_argument("--of", default="latency_ns", metavar="METRIC", help=text)
    parser.add_argument("--all", action="store_true", help="show numbers that change nothing, too")
    add_outputs(parser, plot="draw a tornado chart (.png, .svg or .pdf)")


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
        tell(f"drew {options.plot}")
    return 0
