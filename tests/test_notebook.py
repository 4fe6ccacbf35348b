"""What notebooks show of every noun: text, tables and pictures, made only when they are asked for."""

import logging
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from gates import write_grid
from matplotlib.figure import Figure
from matplotlib.image import imread
from nbclient import NotebookClient
from rich.text import Text
from shells import Page, shell, shown
from swept_frames import made_frame
from validated import campaign_of, stretched_run, toy_case

import edgesim
from edgesim import notebook
from edgesim.comparisons.verbs import Comparisons
from edgesim.notebook.shown import NOUNS
from edgesim.report.html import html_of
from edgesim.result import Comparison
from edgesim.validation.verdict import judge

BASE = edgesim.run("quickstart")
FEW = ["wrx", "std_pipeline[bitwidth=6]", "dynabert"]


def disturbed() -> edgesim.Scenario:
    """Return a short session of which chance has a part."""
    return edgesim.read_scenario("disturbed", {"workload.engagements": 5})


def validation(_: Path) -> object:
    """Return a validation of one case, in which reality took 10 % longer."""
    case = toy_case()
    return judge(campaign_of((case, [stretched_run(case, 1.1)])))


def regression(folder: Path) -> object:
    """Return a comparison of plans with themselves."""
    grid = write_grid(folder / "grid.yaml", planners=["wrx"], targets=["200 ms"])
    edgesim.record(folder / "plans.json", grid, workers=1)
    return edgesim.regress(grid, against=folder / "plans.json", workers=1)


def swept(_: Path) -> object:
    """Return what a small sweep says."""
    rows = [{"device": name, "planner": planner, "fidelity": quality}
            for name in ("a", "b") for planner, quality in (("wrx", 0.5), ("oracle", 0.6))]  # fmt: skip
    return edgesim.findings(made_frame(rows))


def compared(_: Path) -> object:
    """Return comparisons at two points."""
    return edgesim.compare_all(["quickstart", "fig6"], FEW[:2], workers=1)


NOUN: dict[str, Callable[[Path], object]] = {
    "Result": lambda _: BASE,
    "Comparison": lambda _: edgesim.compare("quickstart", FEW),
    "Comparisons": compared,
    "Timeline": lambda _: BASE.timeline,
    "Plan": lambda _: BASE.plan,
    "Device": lambda _: edgesim.read_device("odroid-n2plus"),
    "Model": lambda _: edgesim.read_model("minilm-signature"),
    "Scenario": lambda _: edgesim.read_scenario("two-apps"),
    "Need": lambda _: edgesim.need("fig6", "preload_buffer", fidelity=0.2),
    "Sensitivity": lambda _: edgesim.sensitivity("fig6"),
    "Replications": lambda _: edgesim.replicate(disturbed(), replications=3),
    "Replicated": lambda _: edgesim.replicate_all(disturbed(), FEW[:2], replications=3),
    "Validation": validation,
    "Regression": regression,
    "Report": swept,
}
TOLD = {
    "Result": ["199.5 ms of 200.0 ms:", "met", "0.1038", "5* 5* 5 5 5", "115 MB"],
    "Comparison": [
        "std_pipeline[bitwidth=6]",
        "3 x 5",
        "2 of 3 planners meet the target",
        "Left out: dynabert: no submodel fits",
    ],
    "Comparisons": ["quickstart", "fig6", "odroid-n2plus"],
    "Timeline": ["executor", "decompress", "30.0 ms", "5.11 MB"],
    "Plan": ["2 shards preloaded, 3 read requests, 3 upgrades", "0.491 ms"],
    "Device": ["83.4 MB/s", "B, reported", "35.0 ms to 95.0 ms for 3 to 12 shards"],
    "Model": ["6 x 12, of 147,456 weights each", "measured; A, raw data kept", "9.06 MB"],
    "Scenario": ["odroid-n2plus, cpu", "200.0 ms", "4.00 MB", "assistant (distilbert-6x12)"],
    "Need": ["preload_buffer", "reached"],
    "Sensitivity": ["storage.read.bandwidth (C)", "late"],
    "Replications": ["3 replications from seed 0.", "latency mean"],
    "Replicated": ["minus wrx"],
    "Validation": ["native storage", "Out of tolerance: the median error of a class exceeds 5.00 %."],
    "Regression": ["2 cells, 1 planner", "unchanged"],
    "Report": ["wrx", "oracle"],
}
UNDRAWN = {"Model", "Scenario", "Regression"}
"""Whose tables say it all."""


def test_every_noun_that_is_registered_is_tested() -> None:
    """No formatter is registered under a name that is not there."""
    assert {name.rpartition(".")[2] for name in NOUNS} == set(NOUN)


@pytest.mark.parametrize("name", NOUN)
def test_a_noun_shows_itself(name: str, tmp_path: Path) -> None:
    """As the command's report in text, as tables in HTML, and as a picture that is not empty."""
    one = NOUN[name](tmp_path)
    data, metadata = shown(one)
    page = Page(data["text/html"])
    for text in TOLD[name]:
        assert any(text in cell for cell in page.cells), (text, page.cells)
    assert page.of("table")
    assert all(cell["scope"] in ("col", "row") for cell in page.of("th"))
    assert page.cells[0].startswith(data["text/plain"].splitlines()[0].strip())
    assert ("image/png" in data) is (name not in UNDRAWN)
    if name not in UNDRAWN:
        check_picture(data, metadata["image/png"], page)


def check_picture(data: dict[str, Any], size: dict[str, int], page: Page) -> None:
    """Check that there is ink on all sides, that it is the picture in the HTML, and twice as sharp as it is shown."""
    image = imread(BytesIO(b64decode(data["image/png"])))
    high, wide = image.shape[:2]
    assert (wide, high) == pytest.approx((2 * size["width"], 2 * size["height"]), abs=2)
    inked = np.any(image[..., :3] < 0.9, axis=-1)
    for part in (inked[: high // 2], inked[high // 2 :], inked[:, : wide // 2], inked[:, wide // 2 :]):
        assert part.mean() > 0.002
    (img,) = page.of("img")
    assert img["src"] == f"data:image/png;base64,{data['image/png']}"
    assert img["alt"]


def test_inside_of_others_a_noun_is_one_line() -> None:
    """A list of results does not fill the screen, whatever they hold."""
    text = shown([BASE, {"plan": BASE.plan}])[0]["text/plain"]
    assert text.splitlines() == [
        "[<Result: quickstart: wrx on odroid-n2plus (cpu), dynabert-12x12>,",
        " {'plan': <Plan: A plan of 3 x 5 shards, 5.2 bits a weight>}]",
    ]


def test_registering_again_changes_nothing() -> None:
    """By hand, by import, or both: there is one formatter for each noun, also after one was used."""
    where = shell()
    formatter = where.display_formatter
    before = shown(BASE.timeline, where)[0]
    known = [len(one.type_printers) for one in (formatter.mimebundle_formatter, formatter.formatters["text/plain"])]
    edgesim.load_ipython_extension(where)
    assert shown(BASE.timeline, where)[0] == before
    assert [len(one.type_printers) for one in (formatter.mimebundle_formatter, formatter.formatters["text/plain"])] \
        == known  # fmt: skip


def test_where_nothing_runs_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython may be loaded without a shell."""
    registered = []
    monkeypatch.setattr(notebook, "register", registered.append)
    notebook.register_running()
    assert registered == []
    monkeypatch.setattr("IPython.get_ipython", lambda: "a shell")
    notebook.register_running()
    assert registered == ["a shell"]


def test_a_terminal_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell of texts costs no picture."""
    monkeypatch.setattr("edgesim.plot.stacked.stacked", None)
    assert set(shown(BASE, shell("text/plain"))[0]) == {"text/plain"}


@pytest.mark.parametrize(("columns", "widest"), [("40", 80), ("80", 80), ("110", 110)])
def test_a_text_is_as_wide_as_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str, widest: int) -> None:
    """But not narrower than tables can be; where pages are shown, all texts are as wide."""
    monkeypatch.setenv("COLUMNS", columns)
    lines = shown(BASE, shell("text/plain"))[0]["text/plain"].splitlines()
    assert widest - 12 < max(map(len, lines)) <= widest
    assert max(map(len, shown(BASE)[0]["text/plain"].splitlines())) > 110


def test_what_cannot_be_drawn_is_told_of(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The tables are there, and one line says why there is no picture."""

    def fail(*_: object) -> Figure:
        raise ValueError("no ink\nat all")

    monkeypatch.setattr("edgesim.plot.plan_figure", fail)
    with caplog.at_level(logging.WARNING):
        data, _ = shown(BASE)
    assert "image/png" not in data
    assert "199.5 ms of 200.0 ms:" in Page(data["text/html"]).cells
    assert [record.getMessage() for record in caplog.records] == [
        "edgesim: this Result could not be drawn: ValueError: no ink"
    ]


def test_hostile_names_are_texts() -> None:
    """In tables, in the words for a picture and on the picture: neither markup nor mathematics."""
    name = """<script>alert("x")</script> & b's $x^2$ [bold]"""
    scenario = edgesim.read_scenario("quickstart", {"name": name})
    result, nobody = edgesim.run(scenario), Comparisons([(scenario, Comparison(()))] * 2)
    for one in (result, Comparison((result,)), nobody, scenario):
        page = Page(shown(one)[0]["text/html"])
        assert "script" not in {tag for tag, _ in page.elements}
        assert any(name in cell for cell in page.cells)
        assert {"tex2jax_ignore", "mathjax_ignore"} <= set((page.of("div")[0]["class"] or "").split())
    (img,) = Page(shown(result)[0]["text/html"]).of("img")
    assert name in (img["alt"] or "")


def test_a_result_without_its_scenario_shows_what_it_knows() -> None:
    """It has travelled light, or is of an older version."""
    data, _ = shown(BASE.with_given(None))
    page = Page(data["text/html"])
    assert {"199.5 ms", "0.1038", "5* 5* 5 5 5"} <= set(page.cells)
    assert "image/png" in data
    assert "2 planners side by side" in shown(Comparison((BASE.with_given(None),) * 2))[0]["text/plain"]


def test_a_comparison_of_nobody_says_why() -> None:
    """Every planner is left out."""
    scenario = edgesim.read_scenario("quickstart", {"target_latency": "1 ms"})
    page = Page(shown(edgesim.compare(scenario, FEW))[0]["text/html"])
    assert "No planner has a plan that fits." in page.cells
    assert any(cell.startswith("wrx: computing the smallest submodel") for cell in page.cells)


def test_comparisons_of_one_point_or_none_are_told() -> None:
    """Of one as a comparison, by its scenario also where nobody has a plan; of none that there was none."""
    scenario = edgesim.read_scenario("quickstart", {"target_latency": "1 ms"})
    told = shown(edgesim.compare_all([scenario], FEW, workers=1))[0]["text/plain"].splitlines()
    assert told[0] == "quickstart: dynabert-12x12 on odroid-n2plus (cpu), target 1.0 ms"
    assert told[1].startswith("None of 3 planners has a plan for 1.0 ms: the fastest, ")
    assert shown(Comparisons())[0]["text/plain"] == "No scenario was compared."
    assert shown([Comparisons()])[0]["text/plain"] == "[<Comparisons: No scenario was compared.>]"


def test_figures_are_shown_unless_somebody_shows_them_already() -> None:
    """`edgesim.figure` needs no magic; where there was one, it stays in charge."""
    data, metadata = shown(edgesim.figure(BASE))
    assert metadata["image/png"]["width"] == 880
    assert data["image/png"].startswith(b"\x89PNG")
    where = shell()
    png = where.display_formatter.formatters["image/png"]
    png.pop(Figure)
    png.for_type(Figure, lambda _: b"theirs")
    edgesim.load_ipython_extension(where)
    assert shown(edgesim.figure(BASE), where)[0]["image/png"] == b"theirs"


def test_figure_takes_results_alone() -> None:
    """The scenario is in the result; pairs still do, and what has lost its scenario is refused."""
    assert len(edgesim.figure(BASE).axes) == 2
    assert len(edgesim.figure([BASE, (BASE.given, BASE.with_given(None))]).axes) == 4
    with pytest.raises(edgesim.InputError, match=r"figure: quickstart is a result without its scenario"):
        edgesim.figure([BASE.with_given(None)])


@pytest.mark.xdist_group("notebooks")  # kernels that start side by side race for ports
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")  # of the kernel's own libraries
def test_a_kernel_shows_nouns(tmp_path: Path) -> None:
    """After an import, and after the extension was loaded on top; pyplot is never loaded."""
    sources = [
        "import edgesim\nedgesim.run('fig6')",
        "%load_ext edgesim\nedgesim.plan('fig6')",
        "edgesim.explore('fig6')",
        "import sys\nassert 'matplotlib.pyplot' not in sys.modules",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(book, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    result, plan, panel = (output.data for cell in book.cells[:3] for output in cell.outputs)
    assert result["text/plain"].startswith("fig6: wrx on fig6")
    for data in (result, plan):
        assert Page(data["text/html"]).of("table")
        assert b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in panel
    assert panel["text/html"].count('<input type="range" disabled') == 3
    assert "These sliders move in a running notebook." in panel["text/html"]


def test_lines_are_bold_by_themselves() -> None:
    """A text whose first line only is bold stays so; a bold text is bold in every line."""
    first = Text("\n").join([Text("a<b", "bold"), Text("c")])
    assert "<p><strong>a&lt;b</strong><br>c</p>" in html_of(first)
    every = html_of(Text("a\nb", "bold red"), "x\n\ny\n")
    assert "<p><strong>a</strong><br><strong>b</strong></p>\n<p>x<br><br>y</p>" in every
