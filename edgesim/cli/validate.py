"""The command that executes plans for real: validate."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.complain import tell
from edgesim.cli.options import SCENARIO, add_outputs, add_planners
from edgesim.cli.pages import HTML, write_validation
from edgesim.cli.parser import AddCommand
from edgesim.cli.progress import progress
from edgesim.errors import InputError

if TYPE_CHECKING:
    from edgesim.validation.verdict import Validation

_EXECUTING = ("store", "device", "throttle", "planner", "task")
_ABOUT = """Tells how far the simulation is off: executes plans on this machine, with real reads and real layers, and
compares them with their simulation, span by span. Exits with 1 if the error is larger than the scenario's tolerance.
With --from, what was executed before is judged again, on any machine."""


def add_validate(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _validate, "execute plans here, and compare with the simulation", _ABOUT,
        "validate validate-minilm --store minilm.store --device my-machine.yaml --spans mine.json.gz",
        "validate --from minilm-2 --earlier minilm-1 --plot validated.png",
    )  # fmt: skip
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=SCENARIO)
    parser.add_argument("--store", metavar="DIR", help="folder of the shard store, instead of the scenario's")
    parser.add_argument("--device", metavar="DEVICE", help="this machine's profile, instead of the scenario's device")
    parser.add_argument("--throttle", metavar="DEVICE", help="emulate this device's storage; native for none")
    add_planners(parser)
    parser.add_argument("--repeats", type=int, default=12, metavar="N", help="real runs of each plan (12)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="chooses their order")
    parser.add_argument("--task", metavar="TASK", help="measure also how many answers each plan gets right")
    parser.add_argument("--loader", choices=["process", "thread"], default="process", help="what reads the shards")
    parser.add_argument("--buffered", action="store_true", help="read through the page cache, dropped before each read")
    parser.add_argument("--no-realtime", action="store_true", help="do not ask for real-time priority")
    text = "compute all again from what --spans wrote: a file, or a shipped one's name"
    parser.add_argument("--from", dest="campaign", metavar="CAMPAIGN", help=text)
    parser.add_argument("--earlier", metavar="CAMPAIGN", help="one of another session: how far reality drifts")
    add_outputs(
        parser,
        trace="write both timelines as a Chrome trace for ui.perfetto.dev",
        plot="draw simulated over real (.png, .svg or .pdf)",
        spans="write everything that was measured (.json.gz), for --from",
        html=HTML,
    )


def _validate(options: argparse.Namespace) -> int:
    from edgesim.validation.text import validation_text

    _check(options)
    found = _found(options)
    if options.spans:  # first: whatever fails after it, the measurement is kept
        from edgesim.validation.evidence import write_campaign

        write_campaign(Path(options.spans), found.campaign)
        tell(f"wrote {options.spans}")
    options.output.show(validation_text(found))
    options.output.rows([found.to_dict()], alone=True)
    _show(found, options)
    write_validation(found, options)
    return 0 if found.verdict == "within tolerance" else 1


def _check(options: argparse.Namespace) -> None:
    """Refuse what cannot be, before anything is executed."""
    from edgesim.report.output import check_outputs

    if (options.scenario is None) == (options.campaign is None):
        raise InputError("validate: needs a SCENARIO to execute, or --from FILE of one that was; not both")
    if options.campaign and (given := [name for name in _EXECUTING if getattr(options, name)]):
        raise InputError(f"--{given[0]}: is for executing a SCENARIO; the campaign of --from was executed already")
    outputs = {f"--{name}": getattr(options, name) for name in ("json", "trace", "plot", "spans", "html")}
    check_outputs(outputs, filter(None, (options.scenario, options.campaign, options.earlier)))


def _found(options: argparse.Namespace) -> "Validation":
    from edgesim.validation.verbs import revalidate, validate

    if options.campaign:
        return revalidate(options.campaign, options.earlier)
    from edgesim.backends.real.engine import Settings

    settings = Settings(not options.buffered, options.loader, realtime=not options.no_realtime)
    with progress() as say:
        return validate(
            options.scenario, options.planner, store=options.store, repeats=options.repeats, seed=options.seed,
            changes={key: value for key in ("device", "throttle") if (value := getattr(options, key))},
            task=options.task, settings=settings, earlier=options.earlier, progress=say,
        )  # fmt: skip


def _show(found: "Validation", options: argparse.Namespace) -> None:
    if options.trace:
        from edgesim.validation.shown import validation_trace

        options.output.file(options.trace, validation_trace(found))
    if options.plot:
        from edgesim.validation.shown import draw_validation

        drawn = draw_validation(found, Path(options.plot))
        done = f"drew {options.plot}" if drawn else f"{options.plot}: not drawn, nothing was validated"
        tell(done)
