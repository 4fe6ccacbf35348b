"""Every format of JSON that commands write, put together from the classes that its parts come from."""

from typing import Any

from edgesim.questions.answers import Answer as Needed
from edgesim.questions.answers import Need
from edgesim.questions.moves import Sensitivity
from edgesim.questions.search import Edge
from edgesim.regression.classify import CATEGORIES, Failure, Figures, Verdict
from edgesim.replications.findings import Replicated, Replications
from edgesim.result import Result
from edgesim.sweeps.axes import Axis
from edgesim.sweeps.fronts import Front
from edgesim.sweeps.regions import Region, Regions
from edgesim.sweeps.summary import Summary
from edgesim.timeline import Span
from edgesim.validation.records import Campaign
from edgesim.validation.verdict import Validation
from edgesim_reference.answers import Answer, Fields, fields_of, object_of, said, schema_of
from edgesim_reference.markdown import contents, page
from edgesim_reference.schemas import Page

_NOUNS = ("scenario", "device", "processor", "model", "planner")
_CONFIDENCE: Fields = {"confidence": (float, "Of all intervals.")}


def answer_pages() -> dict[str, str]:
    """Return a page for each format, by its name."""
    about = """What edgesim writes with `--json FILE`; `-` is standard output, alone. Quantities are numbers with the
unit in the name of their key, or in its meaning. What is unknown is `null`."""
    index = contents("JSON", about, answers())
    return {f"json/{name}.md": _page(name, answer) for name, answer in answers().items()} | {"json/index.md": index}


def _page(name: str, answer: Answer) -> str:
    whole, *sections = Page(schema_of(answer), f"json-{name}", ("key", "value", "meaning")).render()
    return page(answer.schema, f"Written by {answer.about}", whole, *sections)


def answers() -> dict[str, Answer]:
    """Return every format, by the name of its page."""
    return {
        "result": _result(), "plan": _plan(), "need": _need(), "replications": _replications(),
        "replications_compared": _compared(), "regression": _regression(), "report": _report(),
        "sensitivity": Answer("edgesim.sensitivity/1", "`edgesim sensitivity --json FILE`.", fields_of(Sensitivity)),
        "validation": _validation(),
    }  # fmt: skip


def _result() -> Answer:
    about = """`edgesim run --json FILE`, `edgesim compare --json FILE` and `Result.to_dict`. A list of them where there
are several planners or scenarios. Keys are added in later versions, and never renamed."""
    told = said(Result)
    keys = fields_of(Result, without=("timeline", "asked", "beside", "given"))
    asked: Fields = {
        "planning_ns": (int | None, "How long planning took on this machine [ns]; with `--timed`."),
        "optimum_bound": (float | None, "Fidelity that no plan exceeds; with `--gap`."),
        "optimum_found": (float | None, "Fidelity of the best plan that is known; with `--gap`."),
        "optimum_gap": (float | None, "How far the plan is from the bound, as a part of it; with `--gap`."),
        "measured_accuracy": (float | None, "Accuracy on the real model; with `--store`."),
        "measured_task": (str | None, "What was asked for it; with `--store`."),
        "measured_examples": (int | None, "How many examples were answered for it; with `--store`."),
    }
    spans: Fields = {"timeline": (list[Span], told["timeline"]), "beside": (list[dict[str, Any]], told["beside"])}
    return Answer("edgesim.result/1", about, keys | spans, asked)


def _plan() -> Answer:
    keys = fields_of(Result, *_NOUNS, "plan", "provenance")
    return Answer("edgesim.plan/1", "`edgesim plan --json FILE`; a list where there are several planners.", keys)


def _need() -> Answer:
    each = object_of("PlannerNeeds", fields_of(Needed, "planner") | fields_of(Edge) | fields_of(Needed, "probes"),
                     "How much one planner needs.")  # fmt: skip
    keys = fields_of(Need) | {"answers": (list[each], said(Need)["answers"])}  # type: ignore[valid-type]
    return Answer("edgesim.need/1", "`edgesim need --json FILE`.", keys)


def _replications() -> Answer:
    about = "`edgesim run --replications N --json FILE`; a list where there are several planners or scenarios."
    return Answer("edgesim.replications/1", about, _CONFIDENCE | fields_of(Replications))


def _compared() -> Answer:
    about = "`edgesim compare --replications N --json FILE`."
    keys = _CONFIDENCE | {"planners": (list[dict[str, Any]], "Each planner's, as `edgesim.replications/1` has them.")}
    return Answer("edgesim.replications_compared/1", about, keys | fields_of(Replicated, without=("each",)))


def _regression() -> Answer:
    place = fields_of(Result, "planner", "device", "processor", "model") | {
        "target_latency_ns": (int, "The target of the cell [ns]."),
        "preload_bytes": (int, "Its preload buffer [B]."),
        "load_buffer_bytes": (int | None, "Its load buffer [B]; None is unlimited."),
    }
    sides: Fields = {"old": (Figures | Failure, "What came of it before."), "new": (Figures | Failure, "And now.")}
    times: Fields = {"old_ns": (int, "Least time of planning before [ns]."), "new_ns": (int, "And now [ns].")}
    changed = object_of("ChangedCell", place | fields_of(Verdict) | sides, "A cell that is not as it was.")
    timed = object_of("PlanningTime", place | times | fields_of(Verdict), "How long planning one cell takes.")
    grid = object_of("ComparedGrid", {"name": (str, "Its name."), "digest": (str, "Of all that it asks."),
                                      "cells": (int, "How many cells it has.")}, "The grid.")  # fmt: skip
    counted = "How many cells of each planner are in each category: " + ", ".join(CATEGORIES) + "."
    keys: Fields = {
        "grid": (grid, "What was asked."),
        "against": (str, "What the old plans are: a revision, or a file."),
        "regression": (bool, "Whether anything became worse."),
        "planners": (dict[str, dict[str, int]], counted),
        "changed": (list[changed], "Every cell that is not as it was."),  # type: ignore[valid-type]
        "planning_times": (list[timed], "Of some cells; none where the old plans are in a file."),  # type: ignore[valid-type]
    }
    return Answer("edgesim.regression/1", "`edgesim regress --json FILE`.", keys)


def _report() -> Answer:
    axis = object_of("Axis", fields_of(Axis, "key", "unit", "values"), "A key and the values that it takes.")
    steps = ("The rows of its steps: `point`, the keys of the sweep, `planner`, latency, memory, `quality`, `step` (its"
             " number) and `reached_by` (how many planners reach it).")  # fmt: skip
    front = object_of(
        "Front",
        fields_of(Front, "setting", "measure", "plans", "unknown", "holders")
        | {"steps": (list[dict[str, Any]], steps)},
        "The front of one setting.",
    )
    mapped = fields_of(Regions, "over", "places", "met", "nowhere", "nearest", "leaner", "saved_bytes")
    told = said(Regions)
    regions = object_of("Regions", mapped | {
        "x": (axis | None, "The axis across; None where less than two keys were swept."),
        "y": (axis | None, "The axis up."),
        "winners": (list[list[str | None]], "For each cell its planner, (Y, X): empty where none meets the target, None"
                                            " where there is no row or can be no scenario."),
        "everywhere": (list[list[bool]], told["everywhere"]),
        "planners": (list[Region], told["regions"]),
    }, "Who is best where.")  # fmt: skip
    keys: Fields = {
        "missing": (int, "Points that have no row yet, counting those that filters may leave out."),
        "summary": (Summary, "What was asked for, and what came of it."),
        "within_bytes": (int | None, "The most memory that plans may have [B]; None is no limit."),
        "beyond": (int, "How many plans have more."),
        "seeds": (int, "How many seeds are taken together in each row."),
        "axes": (list[axis], "Keys that have several values."),  # type: ignore[valid-type]
        **{name: (str, f"The column that {name} is taken from.") for name in ("latency", "memory")},
        "fronts": (list[front], "The fronts of all settings."),  # type: ignore[valid-type]
        "regions": (regions, "Who is best where."),
    }
    return Answer("edgesim.report/1", "`edgesim report --json FILE`.", keys)


def _validation() -> Answer:
    keys = fields_of(Campaign, "scenario", "tolerance") | fields_of(Validation, without=("campaign",))
    return Answer("edgesim.validation/1", "`edgesim validate --json FILE`.",
                  keys | fields_of(Campaign, "circumstances"))  # fmt: skip
