"""Pages in a real browser: they render, answer pointer, wheel and keyboard, fit a phone, print, and are accessible."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import DESKTOP, HEADING, PAPER, PHONE, SIDE, Opened, launched, opened, pages_of_pdf
from validated import campaign_of, run_of, stretched_run, toy_case, with_handoffs

from edgesim import compare, read_scenario
from edgesim.cli import main
from edgesim.pages import save_results
from edgesim.pages.points import Asked
from edgesim.units import show_ns
from edgesim.validation.evidence import write_campaign

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
KINDS = ("run", "compare", "validate", "session")
HOSTILE = "</script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>\u202e\u2028\" & '"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Return a browser."""
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a page of each kind, ``run.html`` and so on, and the JSON of the same results beside it."""
    folder = tmp_path_factory.mktemp("pages")
    first, second = toy_case(), toy_case(((2, 2), (2, 2)), planner="lean", unpack_ns=40)
    late = run_of(first, with_handoffs(first.simulated, 7))
    rows = [(first, [late]), (second, [stretched_run(second, 41, 40)])]
    write_campaign(folder / "campaign.gz", campaign_of(*rows, circumstances={"executed": "yesterday"}))
    write_hostile(folder)
    for kind, *command in (
        ("run", "run", "quickstart"),
        ("compare", "compare", "fig6"),
        ("validate", "validate", "--from", folder / "campaign.gz"),
        ("session", "run", "two-apps"),
        ("hostile", "run", folder / "hostile.yaml"),
    ):
        outputs = ["--html", folder / f"{kind}.html", "--json", folder / f"{kind}.json"]
        assert main([str(word) for word in (*command, *outputs)]) == 0
    return folder


def write_hostile(folder: Path) -> None:
    """Write a scenario of which every text that may be chosen freely is an attack."""
    text = Path(__file__).parents[1].joinpath("scenarios", "reply.yaml").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("description")]
    name = json.dumps(HOSTILE.replace("\u202e", "").replace("\u2028", ""))
    added = [f"description: {json.dumps(HOSTILE)}", f"name: {name}", f"# {HOSTILE.replace(chr(0x2028), '')}"]
    (folder / "hostile.yaml").write_text("\n".join([*lines, *added]), encoding="utf-8")


@pytest.fixture
def run(browser: "Browser", pages: Path) -> Iterator[Opened]:
    """Return the page of a run, opened."""
    with opened(browser, pages / "run.html") as found:
        yield found


def spans_of(pages: Path, lane: str) -> list[dict[str, Any]]:
    """Return the spans of a lane of the run, by time."""
    every = json.loads((pages / "run.json").read_text())["timeline"]
    return sorted((span for span in every if span["lane"] == lane), key=lambda span: span["start_ns"])


@pytest.mark.parametrize("kind", [*KINDS, "hostile"])
def test_it_renders_and_asks_for_nothing(browser: "Browser", pages: Path, kind: str) -> None:
    """Nothing is said on the console, nothing but the file is asked for, and the timeline is drawn."""
    with opened(browser, pages / f"{kind}.html") as found:
        assert found.data()["drawn"] > 0
        assert found.page.locator("html[data-ready]").count() == 1
        assert found.said == []
        assert found.asked == [(pages / f"{kind}.html").as_uri()]


def test_names_and_descriptions_do_no_harm(browser: "Browser", pages: Path) -> None:
    """What looks like a script, or an image that is missing, is shown as it was written."""
    with opened(browser, pages / "hostile.html") as found:
        assert found.page.evaluate("window.harmed") is None
        assert found.page.locator("main img, main script").count() == 0
        assert found.page.locator(".lead").text_content() == HOSTILE
        assert "window.harmed" in str(found.page.locator("h1").text_content())
        assert HOSTILE[:60] in str(found.page.locator("pre").first.text_content())


def test_without_scripts_everything_but_the_picture_is_there(browser: "Browser", pages: Path) -> None:
    """Texts, tables, plans and fronts need none."""
    with opened(browser, pages / "run.html", java_script_enabled=False) as found:
        for part in ("answer", "scenario", "plan", "metrics", "planners", "basis", "reproduce"):
            assert found.page.locator(f"section#{part}").is_visible()
        assert found.page.locator("#plan svg").first.is_visible()
        assert not found.page.locator("button").first.is_visible()
        assert "needs scripts" in found.page.locator("#timeline").inner_text()


def test_waits_too_narrow_for_a_hatch_are_filled(browser: "Browser", pages: Path) -> None:
    """They look as those do that share a pixel, from top to bottom."""
    spans = json.loads((pages / "session.json").read_text())["timeline"]
    waits = [span for span in spans if (span["lane"], span["kind"]) == ("loader", "queued")]
    column = "(canvas, [x, y]) => [...canvas.getContext('2d').getImageData(x, y - 8, 1, 12).data]"
    with opened(browser, pages / "session.html") as found:
        found.page.get_by_role("button", name="Show all").click()
        for wait in waits[1:3]:
            left, right = (found.place(0, wait[end])[0] for end in ("start_ns", "end_ns"))
            assert 1 < right - left < 4
            y = found.place(0, 0)[1] + HEADING
            pixels = found.canvas.evaluate(column, [int((left + right) / 2), int(y)])
            assert all(max(pixels[part::4]) - min(pixels[part::4]) <= 2 for part in range(3))  # edges are smoothed


@pytest.mark.parametrize(("row", "lane"), [(0, "loader"), (1, "executor")])
def test_the_pointer_finds_the_span_below_it(run: Opened, pages: Path, row: int, lane: str) -> None:
    """Every span of the result: its lane, its kind and its times, beside the pointer and below the picture."""
    for span in spans_of(pages, lane):
        x, y = run.place(row, (span["start_ns"] + span["end_ns"]) / 2)
        run.canvas.hover(position={"x": x, "y": y})
        told = run.details()
        assert (told["lane"], told["kind"]) == (lane, span["kind"])
        assert (int(told["start"]), int(told["end"])) == (span["start_ns"], span["end_ns"])
        assert show_ns(span["end_ns"] - span["start_ns"]) in str(run.page.locator("[data-tip]").text_content())
        if span["bytes"]:
            assert f"{span['bytes'] / 1e6:.2f} MB" in run.page.locator("[data-details]").inner_text()


def test_the_pointer_tells_the_bytes_of_the_buffers(run: Opened) -> None:
    """Below the lanes, at any moment."""
    x, y = run.place(2, 100e6)
    run.canvas.hover(position={"x": x, "y": y})
    assert "load buffer 3.98 MB, working 11.8 MB" in str(run.page.locator("[data-tip]").text_content())


def test_what_is_always_held_stands_beside_the_memory(browser: "Browser", pages: Path) -> None:
    """Each app's own; there is room for it on a phone."""
    results = json.loads((pages / "session.json").read_text())
    held = [one["metrics"]["resident_bytes"] for one in (results, *results["beside"])]
    watch = """() => {
      const write = CanvasRenderingContext2D.prototype.fillText, said = (window.said = []);
      CanvasRenderingContext2D.prototype.fillText = function (text, x, ...rest) {
        said.push([text, x + this.measureText(text).width]);
        write.call(this, text, x, ...rest);
      };
    }"""
    with opened(browser, pages / "session.html", PHONE) as found:
        found.page.evaluate(watch)
        found.page.get_by_role("button", name="Show all").click()
        found.data()
        said = [each for each in found.page.evaluate("window.said") if str(each[0]).startswith("memory, up to ")]
        assert [text.partition(", plus ")[2] for text, _ in said] == [f"{n / 1e6:.1f} MB always held" for n in held]
        assert all(right <= found.canvas.evaluate("canvas => canvas.clientWidth") for _, right in said)


def test_the_wheel_zooms_where_the_pointer_is(run: Opened) -> None:
    """What is below the pointer stays there; zoomed out as far as it goes, the page scrolls on."""
    whole = run.data()
    run.canvas.hover(position={"x": SIDE + 300, "y": 40})
    run.rest()
    run.page.mouse.wheel(0, -300)
    near = run.data()
    box = run.canvas.bounding_box()
    assert box is not None
    share = 300 / (box["width"] - 2 * SIDE)
    assert near["until"] - near["from"] < 0.6 * (whole["until"] - whole["from"])
    assert near["from"] + share * (near["until"] - near["from"]) == pytest.approx(
        whole["from"] + share * (whole["until"] - whole["from"]), abs=whole["until"] / 1000
    )
    top = run.page.evaluate("scrollY")
    run.page.mouse.wheel(0, 900)
    assert (run.data()["from"], run.data()["until"]) == (whole["from"], whole["until"])
    assert run.page.evaluate("scrollY") == top
    run.page.mouse.wheel(0, 900)
    run.rest()
    assert run.page.evaluate("scrollY") > top


def test_buttons_zoom_and_move(run: Opened) -> None:
    """In, later, out, all."""
    whole = run.data()
    long = whole["until"] - whole["from"]
    run.page.get_by_role("button", name="Zoom in").click()
    run.page.get_by_role("button", name="Zoom in").click()
    near = run.data()
    assert near["until"] - near["from"] == pytest.approx(long / 1.5**2)
    run.page.get_by_role("button", name="Later").click()
    assert run.data()["from"] == pytest.approx(near["from"] + 0.2 * (near["until"] - near["from"]))
    run.page.get_by_role("button", name="Earlier").click()
    run.page.get_by_role("button", name="Zoom out").click()
    assert run.data()["until"] - run.data()["from"] == pytest.approx(long / 1.5)
    run.page.get_by_role("button", name="Show all").click()
    assert (run.data()["from"], run.data()["until"]) == (whole["from"], whole["until"])


def test_dragging_moves_and_two_fingers_zoom(browser: "Browser", pages: Path) -> None:
    """The time below the finger goes with it."""
    with opened(browser, pages / "run.html", PHONE, has_touch=True) as found:
        found.page.get_by_role("button", name="Zoom in").click()
        found.canvas.scroll_into_view_if_needed()
        before, box = found.data(), found.canvas.bounding_box()
        assert box is not None
        touch = found.page.context.new_cdp_session(found.page)

        def fingers(kind: str, *xs: float) -> None:
            points = [{"x": box["x"] + x, "y": box["y"] + 60, "id": number} for number, x in enumerate(xs)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        fingers("touchStart", 200)
        fingers("touchMove", 150)
        fingers("touchEnd")
        moved = found.data()
        scale = (before["until"] - before["from"]) / (box["width"] - 2 * SIDE)
        assert moved["from"] == pytest.approx(before["from"] + 50 * scale, rel=1e-3)
        fingers("touchStart", 120, 180)
        fingers("touchMove", 60, 240)
        fingers("touchEnd")
        zoomed = found.data()
        assert zoomed["until"] - zoomed["from"] < 0.5 * (moved["until"] - moved["from"])


def test_the_keyboard_goes_from_span_to_span(run: Opened, pages: Path) -> None:
    """Along a lane and to the other one, said to who hears the page, and seen when zoomed in."""
    run.canvas.focus()
    keys, loader, executor = run.page.keyboard, spans_of(pages, "loader"), spans_of(pages, "executor")
    for span in loader:
        keys.press("ArrowRight")
        assert (int(run.details()["start"]), run.details()["kind"]) == (span["start_ns"], span["kind"])
        live = str(run.page.locator("[data-live]").text_content())
        assert live.startswith(f"loader, {span['kind']}, layer")
    keys.press("ArrowDown")
    assert run.details()["lane"] == "executor"
    keys.press("End")
    assert int(run.details()["end"]) == executor[-1]["end_ns"]
    keys.press("Enter")
    near = run.data()
    assert near["from"] <= executor[-1]["start_ns"] < executor[-1]["end_ns"] <= near["until"]
    keys.press("Home")
    first = run.data()
    assert first["from"] <= executor[0]["start_ns"] < first["until"]
    keys.press("0")
    keys.press("+")
    assert run.data()["until"] - run.data()["from"] > near["until"] - near["from"]
    keys.press("Escape")
    assert run.details() == {}


def test_tables_are_sorted_by_amounts(run: Opened) -> None:
    """Bytes of any unit, and names; a second press turns the order; all bitwidths appear when asked for."""
    rows = run.page.locator("#compared tbody tr")
    few = sum(row.is_visible() for row in rows.all())
    marks = [run.page.locator(f".panels.{which} .mark").first for which in ("few", "every")]
    assert [mark.is_visible() for mark in marks] == [True, False]
    run.page.get_by_label("Every bitwidth").check()
    assert sum(row.is_visible() for row in rows.all()) == rows.count() > few
    assert [mark.is_visible() for mark in marks] == [False, True]
    for heading, rising in (("peak", True), ("shards kept", True), ("shards kept", False)):
        column = run.page.locator("#compared th").all_inner_texts()
        at = next(number for number, text in enumerate(column) if text.startswith(heading))
        run.page.get_by_role("button", name=heading).click()
        keys = [float(str(row.locator("th, td").nth(at).get_attribute("data-key"))) for row in rows.all()]
        assert keys == sorted(keys, reverse=not rising)
        assert len(set(keys)) > 3
    run.page.get_by_role("button", name="planner").click()
    names = run.page.locator("#compared tbody th").all_inner_texts()
    keyed = [re.sub(r"\d+", lambda found: found[0].zfill(2), name.replace("[", "~")) for name in names]
    assert keyed == sorted(keyed)


def test_only_tables_of_many_rows_scroll(run: Opened) -> None:
    """Up to 40 rows stand whole; of more the caption says how many there are, and that they scroll."""
    region, more = run.page.locator(".scroll:has(#compared)"), run.page.locator("#compared .more")
    hidden = "each => each.scrollHeight - each.clientHeight"
    assert (region.evaluate(hidden), more.is_visible()) == (0, False)
    run.page.get_by_label("Every bitwidth").check()
    assert region.evaluate(hidden) > 500
    assert more.inner_text().strip() == f"({run.page.locator('#compared tbody tr').count()} rows, scroll)"


def test_another_planner_is_shown_by_choice(run: Opened, pages: Path) -> None:
    """From the list or from the table; its plan, timeline and figures take the place of the first one's."""
    assert "wrx" in run.page.locator("#answer .who").inner_text()
    facts = run.page.locator("#plan p").nth(1).inner_text()
    run.page.get_by_role("link", name="std_pipeline[bitwidth=3]").click()
    assert run.page.locator("#choose option:checked").inner_text() == "std_pipeline[bitwidth=3]"
    assert "std_pipeline" in run.page.locator("#answer .who").inner_text()
    assert run.page.locator("#plan p").nth(1).inner_text() != facts
    assert run.data()["drawn"] > 0
    run.page.locator("#choose").select_option(label="wrx")
    assert run.page.locator("#plan p").nth(1).inner_text() == facts
    span = spans_of(pages, "loader")[0]
    x, y = run.place(0, span["end_ns"] / 2)
    run.canvas.hover(position={"x": x, "y": y})
    assert int(run.details()["end"]) == span["end_ns"]
    assert run.said == []


def test_a_point_where_nothing_fits_can_be_chosen(browser: "Browser", tmp_path: Path) -> None:
    """Its sections say so, and those of the other points come back."""
    points = [read_scenario("fig6", {"target_latency": target}) for target in ("2 s", "1 ms")]
    asked = [
        Asked(point, found.results, found.results, found) for point in points if (found := compare(point, ["wrx"]))
    ]
    save_results(asked, tmp_path / "points.html", {"page": "edgesim", "compare": "edgesim"})
    with opened(browser, tmp_path / "points.html") as found:
        answer, scenario = found.page.locator("#answer"), found.page.locator("#scenario")
        for _ in range(2):
            found.page.locator("#choose").select_option(label="no plan fits")
            assert "No planner has a plan that fits." in answer.inner_text()
            assert "within 1.0 ms" in scenario.inner_text()
            assert found.canvas.count() == 0
            found.page.locator("#choose").select_option(label="wrx")
            assert "2,000.0 ms" in answer.inner_text()
            assert "within 2,000.0 ms" in scenario.inner_text()
            assert found.data()["drawn"] > 0
        assert found.said == []


def test_all_points_are_in_one_table(browser: "Browser", tmp_path: Path) -> None:
    """A point's name shows it, whether a plan fits there or not."""
    points = [read_scenario("fig6", {"target_latency": target}) for target in ("2 s", "1 ms", "3 s")]
    asked = [
        Asked(point, found.results, found.results, found) for point in points if (found := compare(point, ["wrx"]))
    ]
    save_results(asked, tmp_path / "points.html", {"page": "edgesim", "compare": "edgesim"})
    with opened(browser, tmp_path / "points.html") as found:
        rows = [
            row.inner_text().replace("\xa0", " ").split("\t")[:4]
            for row in found.page.locator("#points tbody tr").all()
        ]
        assert rows[0] == ["2,000.0 ms", "wrx", "1 of 1", "met"]
        assert rows[1] == ["1.0 ms", "no plan fits", "-", "-"]
        for label, says in (("3,000.0 ms", "of 3,000.0 ms: met"), ("1.0 ms", "No planner has a plan that fits.")):
            found.page.locator("#points").get_by_role("link", name=label, exact=True).click()
            assert says in found.page.locator("#answer").inner_text()
        assert found.said == []


def test_captions_on_a_phone_are_not_broken_into_words(browser: "Browser", pages: Path) -> None:
    """There is room for them, and for digests of files, across the page, not only above a column."""
    lines = "each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)"
    with opened(browser, pages / "session.html", PHONE) as found:
        for what in ("table.figures caption", "table.files td"):
            texts = found.page.locator(what).all()
            assert len(texts) > 3
            assert all(text.evaluate(lines) < 3 for text in texts)


@pytest.mark.parametrize("kind", KINDS[:3])
def test_marks_say_what_they_are(browser: "Browser", pages: Path, kind: str) -> None:
    """To a pointer, a finger, and where several are at one point to the keyboard."""
    with opened(browser, pages / f"{kind}.html", PHONE, has_touch=True) as found:
        figure = found.page.locator("figure.scatter").first
        told = figure.locator(".told")
        asks = told.inner_text()
        marks = [mark for mark in figure.locator("[data-told]").all() if mark.get_attribute("tabindex") is None]
        marks[-1].dispatch_event("pointerover")
        assert told.inner_text() == marks[-1].get_attribute("data-told") != asks
        for crowd in figure.locator("[data-told][tabindex]").all():
            crowd.focus()
            names = str(crowd.get_attribute("data-told")).splitlines()
            assert told.inner_text().splitlines() == names
            assert int(names[0].split()[0]) == len(names) - 1 > 1
        found.page.keyboard.press("Escape")
        assert (told.inner_text() == asks) == (kind != "validate")  # where nothing is crowded, nothing has the focus


def test_names_of_marks_lie_over_nothing(run: Opened) -> None:
    """Not over each other, the front, or a mark; there are some."""
    overlaps = """svg => {
      const names = [...svg.querySelectorAll('.small text.name')].map(each => each.getBBox());
      const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
      const front = svg.querySelector('path.front');
      const steps = Array.from({ length: 500 }, (_, at) => front.getPointAtLength((at / 499) * front.getTotalLength()));
      const line = steps.map(({ x, y }) => ({ x, y, width: 0, height: 0 }));
      const spots = [...svg.querySelectorAll('[data-told]')].map(each => each.getBBox());
      const met = names.filter((one, at) => [...names.slice(at + 1), ...line, ...spots].some(each => meet(one, each)));
      return [names.length, met.length];
    }"""
    for svg in run.page.locator(".panels:visible svg").all():
        names, met = svg.evaluate(overlaps)
        assert names > 3
        assert met == 0


@pytest.mark.parametrize("kind", KINDS)
def test_results_can_be_saved_from_the_page(browser: "Browser", pages: Path, kind: str) -> None:
    """The very JSON that the command writes."""
    with opened(browser, pages / f"{kind}.html", accept_downloads=True) as found:
        with found.page.expect_download() as waiting:
            found.page.get_by_role("button", name="Download").click()
        assert waiting.value.suggested_filename.endswith(".json")
        saved = json.loads(waiting.value.path().read_text())
        written = json.loads((pages / f"{kind}.json").read_text())
        assert saved == (written[0] if isinstance(written, list) and len(written) == 1 else written)


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_needs_no_sideways_scroll(browser: "Browser", pages: Path, kind: str) -> None:
    """Wide tables scroll in regions of their own, which the keyboard reaches."""
    with opened(browser, pages / f"{kind}.html", PHONE) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert found.page.evaluate("document.documentElement.scrollWidth") <= PHONE
        wide = "region => region.scrollWidth > region.clientWidth"
        regions = [region for region in found.page.locator(".scroll").all() if region.evaluate(wide)]
        assert regions
        assert all(region.get_attribute("tabindex") == "0" for region in regions)
        assert all("gradient" in region.evaluate("each => getComputedStyle(each).background") for region in regions)
        assert not any(region.locator("table.figures").count() for region in regions)  # figures are cards


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints(browser: "Browser", pages: Path, kind: str) -> None:
    """On few pages: everything is open, nothing is cut off, colours are light, and there are no buttons."""
    with opened(browser, pages / f"{kind}.html", PAPER, color_scheme="dark") as found:
        dark = found.page.evaluate("getComputedStyle(document.body).backgroundColor")
        found.page.emulate_media(media="print")
        found.page.wait_for_selector("html[data-paper]", state="attached")
        assert found.page.evaluate("document.querySelectorAll('details:not([open])').length") == 0
        assert not any(button.is_visible() for button in found.page.locator("main .controls button, nav a").all())
        cut = "[...document.querySelectorAll('.scroll, pre')].filter((each) => each.scrollWidth > each.clientWidth + 1)"
        assert found.page.evaluate(f"{cut}.map((each) => each.ariaLabel)") == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= PAPER
        ink = found.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--surface')")
        assert ink.strip() == "#ffffff"
        found.page.emulate_media(media="screen")
        found.page.wait_for_selector("html:not([data-paper])", state="attached")
        assert found.page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
        assert found.page.locator("details[open]").count() == 0
        found.page.emulate_media(media="null")
        assert 2 <= pages_of_pdf(found.page.pdf(prefer_css_page_size=True)) <= 14


@pytest.mark.parametrize("kind", KINDS[:3])
@pytest.mark.parametrize(("width", "scheme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")])
def test_it_is_accessible(browser: "Browser", pages: Path, kind: str, width: int, scheme: str) -> None:
    """Axe finds no violation, with everything open; on a dark page only the colours are others."""
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, Any] = {"resultTypes": ["violations"]}
    options |= {"runOnly": ["color-contrast"]} if scheme == "dark" else {}

    with opened(browser, pages / f"{kind}.html", width, color_scheme=scheme) as found:
        found.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        report = Axe().run(found.page, options=options)
        assert report.violations_count == 0, report.generate_report()


def test_who_wants_no_motion_gets_none(browser: "Browser", pages: Path) -> None:
    """Links jump, and nothing on the page moves by itself."""
    with opened(browser, pages / "run.html", reduced_motion="reduce") as found:
        assert found.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    with opened(browser, pages / "run.html", reduced_motion="no-preference") as found:
        assert found.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "smooth"


def test_long_sessions_are_drawn_in_few_strokes(browser: "Browser", tmp_path: Path) -> None:
    """Of 30,000 spans no more rectangles are drawn than there are pixels, however much is shown; the file is small."""
    path = tmp_path / "long.html"
    assert main(["run", "server", "--all-spans", "--html", str(path), "--json", str(tmp_path / "long.json")]) == 0
    spans = 30_000
    assert path.stat().st_size < 40 * spans
    with opened(browser, path) as found:
        found.page.get_by_role("button", name="Show all").click()
        whole, wide = found.data(), DESKTOP
        lanes, buffers = 2, 3
        assert whole["until"] - whole["from"] > 900e9
        assert 1000 < whole["drawn"] <= 2 * (lanes + buffers) * wide
        with found.page.expect_download() as waiting:
            found.page.get_by_role("button", name="Download").click()
        saved = json.loads(waiting.value.path().read_text())
        assert len(saved["timeline"]) == spans
        assert saved == json.loads((tmp_path / "long.json").read_text())
