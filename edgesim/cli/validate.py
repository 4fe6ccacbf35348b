"""The command that executes plans for real: validate."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.cli.measured import AddCommand, progress
from edgesim.errors import InputError

if TYPE_CHECKING:
    from edgesim.validation.verdict import Validation

_JSON = "write JSON; - for standard output, alone"


def add_validate(command: AddCommand) -> None:
    """Add the command to a parser."""
    parser = command(
        _validate, "execute plans on this machine and compare with the simulation",
        "validate my-scenario.yaml --store minilm.store --plot validated.png",
    )  # fmt: skip
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help="a file, or the name of a shipped scenario")
    parser.add_argument("--store", metavar="DIR", help="folder of the shard store, instead of the scenario's")
    parser.add_argument("--device", metavar="DEVICE", help="this machine's profile, instead of the scenario's device")
    parser.add_argument("--throttle", metavar="DEVICE", help="emulate this device's storage; native for none")
    parser.add_argument("--planner", action="append", default=[], metavar="NAME", help="instead of the scenario's")
    parser.add_argument("--repeats", type=int, default=12, metavar="N", help="real runs of each plan (12)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="chooses their order")
    parser.add_argument("--task", metavar="NAME", help="measure also how many answers each plan gets right")
    parser.add_argument("--loader", choices=["process", "thread"], default="process", help="what reads the shards")
    parser.add_argument("--buffered", action="store_true", help="read through the page cache, dropped before each read")
    parser.add_argument("--no-realtime", action="store_true", help="do not ask for real-time priority")
    parser.add_argument("--json", metavar="FILE", help=_JSON)
    parser.add_argument("--trace", metavar="FILE", help="write both timelines as a Chrome trace for ui.perfetto.dev")
    parser.add_argument("--plot", metavar="FILE", help="draw simulated over real (.png, .svg or .pdf)")
    parser.add_argument("--spans", metavar="FILE", help="write everything that was measured (.json.gz), for --from")
    parser.add_argument("--from", dest="campaign", metavar="FILE", help="compute all figures again from such a file")
    parser.add_argument("--earlier", metavar="FILE", help="such a file of another session: how far reality drifts")


def _validate(options: argparse.Namespace) -> int:
    from edgesim.validation.text import validation_text

    found = _found(options)
    options.output.show(validation_text(found))
    options.output.rows([found.to_dict()], alone=True)
    _write(found, options)
    return 0 if found.verdict == "within tolerance" else 1


def _found(options: argparse.Namespace) -> "Validation":
    from edgesim.validation.verbs import revalidate, validate

    if (options.scenario is None) == (options.campaign is None):
        raise InputError("validate: needs a SCENARIO to execute, or --from FILE of one that was; not both")
    if options.campaign:
        return revalidate(options.campaign, options.earlier)
    if options.repeats < 1:
        raise InputError(f"--repeats: must be at least 1, got {options.repeats}")
    from edgesim.backends.real.engine import Settings

    settings = Settings(not options.buffered, options.loader, realtime=not options.no_realtime)
    with progress() as say:
        return validate(
            options.scenario, options.planner, store=options.store, repeats=options.repeats, seed=options.seed,
            changes={key: value for key in ("device", "throttle") if (value := getattr(options, key))},
            task=options.task, settings=settings, earlier=options.earlier, progress=say,
        )  # fmt: skip


def _write(found: "Validation", options: argparse.Namespace) -> None:
    if options.spans:
        from edgesim.validation.evidence import write_campaign

        write_campaign(Path(options.spans), found.campaign)
        print(f"edgesim: wrote {options.spans}", file=sys.stderr)
    if options.trace:
        from edgesim.validation.shown import validation_trace

        options.output.file(options.trace, validation_trace(found))
    if options.plot:
        from edgesim.validation.shown import draw_validation

        draw_validation(found, Path(options.plot))
        print(f"edgesim: drew {options.plot}", file=sys.stderr)
