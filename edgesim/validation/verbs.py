"""The verb `validate`: execute a scenario's plans for real and compare; or compare again what was executed before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.errors import InputError
from edgesim.files.shipped import locate
from edgesim.host.facts import machine_facts
from edgesim.provenance import grades, provenance
from edgesim.validation.cases import Planned, planned_cases
from edgesim.validation.evidence import read_campaign
from edgesim.validation.execution import Executions, Progress, open_engine, store_of
from edgesim.validation.records import Campaign, Run
from edgesim.validation.verdict import Validation, judge

if TYPE_CHECKING:
    from edgesim.backends.real.engine import Settings
    from edgesim.result import Measured

REPEATS = 12


def validate(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: str | Path,
    planners: Sequence[str] = (),
    *,
    store: str | Path | None = None,
    changes: dict[str, object] | None = None,
    repeats: int = REPEATS,
    seed: int = 0,
    task: str | None = None,
    settings: "Settings | None" = None,
    earlier: str | Path | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Execute a scenario's plans for real, and compare the simulated timelines with what happened.

    Parameters
    ----------
    scenario
        A file, or the name of a shipped one; its `campaign` says which targets, buffers and throttles are tried.
    planners
        Labels; by default the scenario's planners.
    store
        Folder of the shard store; by default what the scenario names.
    changes
        Keys to set before the file is checked.
    repeats
        Real runs of each case, after one that is not counted.
    seed
        Chooses their order.
    task
        Measure also what each plan gets right in this task; see `edgesim.accuracy.TASKS`.
    settings
        How to execute; by default past the page cache, with the loader in a process of its own, in real time.
    earlier
        The same campaign in another session, to show how far reality moved between them: a file, or a shipped one's
        name.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If a file or an argument is wrong, or a library is missing.
    InfeasibleError
        If no plan fits.
    ExecutionError
        If the plans could not be executed here.
    """
    if repeats < 1:
        raise InputError(f"repeats: must be at least 1, got {repeats}")
    say = progress or (lambda what, done, every: None)
    before = read_campaign(_located(earlier)) if earlier else None
    planned, left_out = planned_cases(scenario, planners, changes)
    folder = store_of(planned, store)
    with open_engine(planned, folder, settings) as engine:
        runs = Executions(engine, planned, seed).all(repeats, say)
        facts = {"machine": machine_facts(folder), "engine": engine.facts, "repeats": repeats, "seed": seed}
    accuracy = _accuracy(planned, folder, task, say) if task else ()
    return judge(_campaign(planned, runs, facts), earlier=before, left_out=left_out, accuracy=accuracy)


def _campaign(planned: Sequence[Planned], runs: tuple[tuple[Run, ...], ...], facts: dict[str, object]) -> Campaign:
    """Put cases, runs and circumstances together."""
    first = planned[0].scenario
    executed = datetime.now(UTC).isoformat(timespec="seconds")
    about = {"executed": executed, "provenance": provenance(first), "grades": grades(first)}
    return Campaign(first.name, first.tolerance, tuple(one.case for one in planned), runs, facts | about)


def revalidate(campaign: str | Path, earlier: str | Path | None = None) -> Validation:
    """Compute every figure again from the file of a campaign.

    Parameters
    ----------
    campaign
        What `edgesim validate --spans` wrote: a file (.json.gz), or the name of a shipped one, such as ``minilm-1``.
    earlier
        The same campaign in another session, to show how far reality moved between them.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    return judge(read_campaign(_located(campaign)), earlier=read_campaign(_located(earlier)) if earlier else None)


def _located(campaign: str | Path) -> Path:
    """Return the file: whatever its name is, or else a shipped one."""
    return Path(campaign) if Path(campaign).is_file() else locate(campaign, {"campaigns"})


def _accuracy(planned: Sequence[Planned], store: Path, task: str, say: Progress) -> "tuple[Measured, ...]":
    from edgesim.accuracy import measured_accuracy

    plans = [(one.case.label, one.plan) for one in planned]
    return tuple(measured_accuracy(planned[0].scenario, plans, store=store, task=task, progress=say))
