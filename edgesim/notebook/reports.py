"""What notebooks say of each noun: the report that the command line would print."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from edgesim.comparisons.verbs import Comparisons
    from edgesim.device import Device
    from edgesim.model import Model
    from edgesim.plans import Plan
    from edgesim.questions.answers import Need
    from edgesim.questions.moves import Sensitivity
    from edgesim.regression.findings import Regression
    from edgesim.replications.findings import Replicated, Replications
    from edgesim.result import Comparison, LeftOut, Result
    from edgesim.scenario import Scenario
    from edgesim.sweeps.findings import Report
    from edgesim.timeline import Timeline
    from edgesim.validation.verdict import Validation

REST = ".to_frame()"
"""What shows in a notebook what a report leaves out."""


def result(one: "Result") -> "RenderableType":
    """Show the answer, memory and layers; of a result that has lost its scenario what it knows itself."""
    from rich.console import Group
    from rich.text import Text

    from edgesim.report.comparison import results_table
    from edgesim.report.sessions import run_text
    from edgesim.report.text import layers_table, rests_on

    if one.given:
        return run_text(one, one.given)
    title = f"{one.scenario}: {one.planner} on {one.device} ({one.processor}), {one.model}"
    return Group(Text(title, "bold"), results_table([one]), layers_table(one), rests_on(one))


def comparison(one: "Comparison") -> "RenderableType":
    """Show planners side by side, and why others are left out."""
    return _side_by_side(one, one.results[0].given if one.results else None)


def comparisons(every: "Comparisons") -> "RenderableType":
    """Show planners at many points; at one as `comparison` does."""
    from rich.console import Group
    from rich.text import Text

    from edgesim.report.points import left_out_lines, points_text

    if len(every) == 1:
        ((scenario, one),) = every
        return _side_by_side(one, scenario)
    if not every:
        return Text("No scenario was compared.", "bold")
    return Group(points_text(every, rest=REST), *(Text(f"Left out: {line}") for line in left_out_lines(every)))


def _side_by_side(one: "Comparison", scenario: "Scenario | None") -> "RenderableType":
    from rich.console import Group
    from rich.text import Text

    from edgesim.quantities import counted
    from edgesim.report.comparison import comparison_text, results_table
    from edgesim.report.points import left_out_lines

    if scenario:
        why = (Text(f"Left out: {line}") for line in left_out_lines([(scenario, one)]))
        return Group(comparison_text(one, scenario, rest=REST), *why)
    title = (
        f"{counted(len(one.results), 'planner')} side by side" if one.results else "No planner has a plan that fits."
    )
    return Group(Text(title, "bold"), *([results_table(one.results)] if one.results else []), *_left_out(one.left_out))


def _left_out(left_out: "tuple[LeftOut, ...]") -> "Iterator[Table]":
    from rich.table import Table
    from rich.text import Text

    if left_out:
        table = Table("left out", "why", box=None, pad_edge=False)
        for one in left_out:
            table.add_row(Text(one.planner), Text(one.reason))
        yield table


def timeline(one: "Timeline") -> "RenderableType":
    """Show what each lane spent its time on."""
    from edgesim.report.timelines import timeline_text

    return timeline_text(one)


def plan(one: "Plan") -> "RenderableType":
    """Show the layers of a plan with their IO budgets."""
    from rich.console import Group
    from rich.text import Text

    from edgesim.report.plans import plan_parts
    from edgesim.report.text import mean_bits, shape

    title = f"A plan of {shape(one)} shards, {mean_bits(one):.1f} bits a weight"
    return Group(Text(title, "bold"), *plan_parts(one))


def device(one: "Device") -> "RenderableType":
    """Show a profile part by part."""
    from edgesim.report.devices import device_text

    return device_text(one)


def model(one: "Model") -> "RenderableType":
    """Show a model's shape, and its shards at each bitwidth."""
    from edgesim.report.inputs import model_text

    return model_text(one)


def scenario(one: "Scenario") -> "RenderableType":
    """Show what is asked."""
    from edgesim.report.inputs import scenario_text

    return scenario_text(one)


def need(one: "Need") -> "RenderableType":
    """Show how much is needed, and what was tried around it."""
    from edgesim.questions.text import need_text

    return need_text(one, rest=REST)


def sensitivity(one: "Sensitivity") -> "RenderableType":
    """Show what each number moves."""
    from edgesim.questions.moves_text import sensitivity_text

    return sensitivity_text(one, rest=REST)


def replications(one: "Replications") -> "RenderableType":
    """Show every figure with its interval."""
    from edgesim.replications.text import replications_text

    return replications_text(one)


def replicated(one: "Replicated") -> "RenderableType":
    """Show planners over the same replications."""
    from rich.console import Group

    from edgesim.replications.text import replicated_text

    return Group(replicated_text(one), *_left_out(one.left_out))


def validation(one: "Validation") -> "RenderableType":
    """Show how far the simulation is from reality."""
    from edgesim.validation.text import validation_text

    return validation_text(one)


def regression(one: "Regression") -> "RenderableType":
    """Show which plans changed, and which became worse."""
    from edgesim.regression.text import regression_text

    return regression_text(one)


def report(one: "Report") -> "RenderableType":
    """Show what a sweep says; its hints name options of the command."""
    from rich.console import Group
    from rich.text import Text

    from edgesim.sweeps.shown import report_text

    hint = "What begins with -- is an option of edgesim report; edgesim.findings has most of them, without the dashes."
    return Group(report_text(one), Text(hint, "dim"))
