"""The verbs of measured accuracy: importance and samples of a stored model, and the accuracy of a plan."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.experiment import Given, plan
from edgesim.files import given_scenario, read_choices
from edgesim.model import Model
from edgesim.nets.extra import needs_extra
from edgesim.plans import Plan
from edgesim.quality import predicted_accuracy
from edgesim.result import Measured
from edgesim.scenario import Scenario
from edgesim.shards.match import check_same
from edgesim.shards.store import Store, open_store

if TYPE_CHECKING:
    from edgesim.nets.exams import Exams
    from edgesim.nets.ledger import Ledger

TASKS = ("embedding", "module", "package", "signature")
Progress = Callable[[str, int, int], None]


def importance(  # noqa: PLR0913  (all but two are keyword-only options)
    store: str | Path,
    out: str | Path,
    *,
    tasks: Sequence[str] = TASKS,
    seed: int = 0,
    groups: int = 5,
    samples: int = 3,
    data: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Path]:
    """Measure the importance of every shard, and the accuracy of random plans to predict others from.

    What was found is kept in the folder while it is measured: a killed run is taken up again by the next.

    Parameters
    ----------
    store
        Folder of the shard store.
    out
        Folder for the results: for each task ``TASK-importance.csv`` and ``.json``, ``TASK-samples.csv`` and
        ``TASK-quality.json``.
    tasks
        What is asked; see `edgesim.nets.tasks.TASKS`.
    seed
        Chooses the splits, the groups and the random plans.
    groups
        Random groups of examples, whose spread gives the standard error.
    samples
        Random plans for each submodel; 0 leaves the prediction of accuracy out.
    data
        For GLUE tasks the folder with their files.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If the store, a task or its data is wrong, or the folder holds findings of another measurement.
    """
    say, folder = progress or (lambda what, done, every: None), Path(out)
    exams = _exams(open_store(Path(store)), tasks, seed, data)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be a folder for results, {error.strerror}") from error
    from edgesim.nets.tables import write_importance, write_quality

    ledger = _measured_importance(exams, folder, groups, say)
    written = write_importance(exams, ledger, folder)
    if samples:
        sampled = _measured_samples(exams, folder, (samples, seed), say)
        written += write_quality(exams, sampled, folder)
        sampled.close(done=True)
    ledger.close(done=True)
    return written


def _measured_importance(exams: "Exams", folder: Path, groups: int, say: Progress) -> "Ledger":
    from edgesim.nets.exams import first_submodel
    from edgesim.nets.importance import measure_importance
    from edgesim.nets.ledger import Ledger

    shape = exams.encoder.store.manifest.architecture
    ledger = Ledger(folder / "importance.part", exams.subject() | {"groups": groups})
    exams.prepare([first_submodel(shape.layers, shape.heads)], lambda *n: say("heads of the whole model", *n))
    measure_importance(exams, ledger, groups, lambda *n: say("shards raised", *n))
    return ledger


def _measured_samples(exams: "Exams", folder: Path, drawn: tuple[int, int], say: Progress) -> "Ledger":
    from edgesim.nets.exams import every_shape, first_submodel
    from edgesim.nets.ledger import Ledger
    from edgesim.nets.samples import measure_samples

    shape = exams.encoder.store.manifest.architecture
    ledger = Ledger(folder / "samples.part", exams.subject() | {"seed": drawn[1]})
    every = [first_submodel(n, m) for n, m in every_shape(shape.layers, shape.heads)]
    exams.prepare(every, lambda *n: say("heads of submodels", *n))
    measure_samples(exams, ledger, *drawn, lambda *n: say("plans", *n))
    return ledger


def _exams(store: Store, tasks: Sequence[str], seed: int, data: str | Path | None) -> "Exams":
    with needs_extra("torch"):
        from edgesim.nets.elastic import ElasticEncoder
    from edgesim.nets.exams import Exams
    from edgesim.nets.tasks import build_task

    built = [build_task(name, seed, data if name.startswith("glue:") else None) for name in tasks]
    return Exams(ElasticEncoder(store), built)


def evaluate(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: Given,
    planners: Sequence[str | PlannerChoice] = (),
    *,
    store: str | Path,
    task: str | None = None,
    seed: int = 0,
    data: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Measured]:
    """Measure the accuracy of a scenario's plans on the real model, on texts that nothing was fitted to or chosen on.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one.
    planners
        Labels; by default the scenario's planners.
    store
        Folder of the shard store; its shards are what the model file describes.
    task
        What is asked; by default what the model's prediction of accuracy is about.
    seed
        Chooses the splits.
    data
        For GLUE tasks the folder with their files.
    progress
        Called with what is done, how much of it, and of how much.

    Raises
    ------
    InputError
        If a file is wrong, the store is of another model, or no task is known.
    InfeasibleError, PluginError
        As `plan`.
    """
    given = given_scenario(scenario)
    made = [(choice.label, plan(given, choice)) for choice in read_choices(planners) or given.planner]
    return measured_accuracy(given, made, store=store, task=task, seed=seed, data=data, progress=progress)


def measured_accuracy(  # noqa: PLR0913  (all but two are keyword-only options)
    scenario: Scenario,
    plans: Sequence[tuple[str, Plan]],
    *,
    store: str | Path,
    task: str | None = None,
    seed: int = 0,
    data: str | Path | None = None,
    progress: Progress | None = None,
) -> list[Measured]:
    """Measure the accuracy of some plans of a scenario's model, each with its label; see `evaluate`.

    Raises
    ------
    InputError
        If the store is of another model, or no task is known.
    """
    asked = task or _task_of(scenario.model)
    if asked is None:
        raise InputError(f"{scenario.model.name}: names no task, it has no 'quality'; say which one with --task")
    opened = open_store(Path(store))
    check_same(scenario.model, opened)
    exams = _exams(opened, [asked], seed, data)
    say = progress or (lambda what, done, every: None)
    exams.prepare([(one.layers, one.shards) for _, one in plans], lambda *n: say("heads of submodels", *n))
    found = []
    for number, (label, one) in enumerate(plans, 1):
        found.append(_evaluated(scenario, label, one, exams))
        say("plans", number, len(plans))
    return found


def _evaluated(scenario: Scenario, label: str, made: Plan, exams: "Exams") -> Measured:
    from edgesim.nets.heads import features, rank_agreement

    (name,) = exams.tasks
    sheet = exams.sheet("test")
    embeddings = exams.encoder.embed(sheet.pool, made)
    judged = exams.judge("test", embeddings, (made.layers, made.shards))[name]
    agreement = None
    if not exams.tasks[name].classes:
        items = exams.tasks[name].test.items
        agreement = rank_agreement(features(embeddings, items), features(exams.full("test"), items))
    same = _task_of(scenario.model) == name
    predicted, why = predicted_accuracy(made, scenario.model) if same else (None, "the model predicts no such task")
    loss = float(judged.loss.mean())
    return Measured(scenario.name, label, name, len(judged.right), judged.accuracy, loss, agreement, predicted, why)


def _task_of(model: Model) -> str | None:
    """Return what a model's prediction of accuracy is about."""
    return model.quality.fitted.task if model.quality and model.quality.fitted else None
