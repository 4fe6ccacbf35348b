"""One object in the forms that notebooks ask for: text, and HTML with the picture in it beside the picture alone."""

import logging
from base64 import b64encode
from collections.abc import Callable
from html import escape
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from edgesim.notebook import figures, reports

if TYPE_CHECKING:
    from rich.console import RenderableType

    from edgesim.plot.stacked import Figures, Picture

_WIDTH, _NARROWEST = 120, 80
"""Letters of a line of text, and of one on the narrowest terminal."""
_LOG = logging.getLogger("edgesim.notebook")


class Noun(NamedTuple):
    """What is said of one object, and drawn of it."""

    report: "Callable[[Any], RenderableType]"
    figures: "Callable[[Any], Figures]" = figures.none


NOUNS = {
    "edgesim.result.Result": Noun(reports.result, figures.result),
    "edgesim.result.Comparison": Noun(reports.comparison, figures.comparison),
    "edgesim.comparisons.verbs.Comparisons": Noun(reports.comparisons, figures.comparisons),
    "edgesim.timeline.Timeline": Noun(reports.timeline, figures.timeline),
    "edgesim.plans.Plan": Noun(reports.plan, figures.plan),
    "edgesim.device.Device": Noun(reports.device, figures.device),
    "edgesim.model.Model": Noun(reports.model),
    "edgesim.scenario.Scenario": Noun(reports.scenario),
    "edgesim.questions.answers.Need": Noun(reports.need, figures.need),
    "edgesim.questions.moves.Sensitivity": Noun(reports.sensitivity, figures.sensitivity),
    "edgesim.replications.findings.Replications": Noun(reports.replications, figures.replications),
    "edgesim.replications.findings.Replicated": Noun(reports.replicated, figures.replicated),
    "edgesim.validation.verdict.Validation": Noun(reports.validation, figures.validation),
    "edgesim.regression.findings.Regression": Noun(reports.regression),
    "edgesim.sweeps.findings.Report": Noun(reports.report, figures.report),
}
"""By where the class is, so that none is imported before there is an object of it."""


class Printer(Protocol):
    """What IPython's pretty printer is here: it takes text, and knows what it is inside of."""

    stack: list[int]

    def text(self, text: str) -> None:
        """Take some text."""


def print_text(noun: Noun, one: object, printer: Printer, *, terminal: bool) -> None:
    """Print the report of an object, as wide as a terminal; inside of a list or another object only its first line."""
    from edgesim.report.text import render

    width = max(_NARROWEST, get_terminal_size((_WIDTH, 0)).columns) if terminal else _WIDTH
    text = render(noun.report(one), width).rstrip()
    first = text.partition("\n")[0].rstrip()
    printer.text(f"<{type(one).__name__}: {first}>" if len(printer.stack) > 1 else text)


def bundle(noun: Noun, one: object) -> tuple[dict[str, str], dict[str, Any]]:
    """Return an object as HTML, and as a picture if there is one, with the size that it is shown at."""
    from edgesim.report.html import html_of
    from edgesim.report.text import render

    report, picture = noun.report(one), _picture(noun, one)
    if picture is None:
        return {"text/html": html_of(report)}, {}
    png = b64encode(picture.png).decode()
    title = render(report, _WIDTH).partition("\n")[0].strip()
    size = {"width": picture.width, "height": picture.height}
    shown = (
        f'<figure><img src="data:image/png;base64,{png}" width="{picture.width}" alt="Picture of {escape(title)}; its'
        ' numbers are in the tables below."></figure>\n'
    )
    return {"text/html": html_of(report, above=shown), "image/png": png}, {"image/png": size}


def _picture(noun: Noun, one: object) -> "Picture | None":
    """Draw an object; what cannot be drawn is still told of, and why is logged in one line."""
    try:
        if drawings := list(noun.figures(one)):
            from edgesim.plot.stacked import stacked

            return stacked(drawings)
    except Exception as error:  # whatever it is, the tables are there
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        _LOG.warning("edgesim: this %s could not be drawn: %s", type(one).__name__, what)
    return None


def figure_png(drawing: Any) -> tuple[bytes, dict[str, int]]:  # noqa: ANN401  (matplotlib has one door)
    """Return a figure of matplotlib as a picture, and the size that it is shown at."""
    from edgesim.plot.stacked import picture

    shown = picture(drawing)
    return shown.png, {"width": shown.width, "height": shown.height}
