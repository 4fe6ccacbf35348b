"""How fast pages open: ``python -m tests.campaigns.pages [--repeats 7]``.

Each page is opened in headless Chromium in a window of its own, so many times; opening ends when the timeline has been
painted and answers. Beside it stands how large the Chrome trace of the same spans is, and how long it takes to draw all
of them at once.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from browser import launched  # noqa: E402

from edgesim import compare_all, read_scenario, revalidate, run  # noqa: E402
from edgesim.pages import save_results, save_validation  # noqa: E402
from edgesim.pages.points import Asked  # noqa: E402
from edgesim.report.trace import chrome_trace  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMMANDS = {"page": "edgesim run x --html page.html", "compare": "edgesim compare x --html page.html"}
_PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


class Made(NamedTuple):
    """A page: what it is about, its file, its spans and the size of their trace [B]; None where there is none."""

    name: str
    path: Path
    spans: int
    trace_bytes: int | None


class Times(NamedTuple):
    """How long it takes to open a page, median and longest, and to draw everything at once [s]."""

    median: float
    longest: float
    whole: float


def pages(folder: Path) -> Iterator[Made]:
    """Make one page of each kind, and long ones."""
    for name, changes in (("quickstart", {}), ("server", {"workload.inferences": 8000}), ("day", {})):
        scenario = read_scenario(name, changes)
        result = run(scenario, keep_spans=True)
        path = folder / f"{name}.html"
        save_results([Asked(scenario, [result], [result])], path, COMMANDS)
        spans = sum(len(each.timeline.spans) for each in (result, *result.beside))
        trace = len(json.dumps(chrome_trace([(scenario, result)]), separators=(",", ":")))
        yield Made(f"run {name} --all-spans", path, spans, trace)
    asked = [Asked(point, found.results, found.results[:7], found) for point, found in compare_all(["field"])]
    save_results(asked, path := folder / "field.html", COMMANDS)
    yield Made("compare field", path, sum(len(one.timeline.spans) for each in asked for one in each.results), None)
    found = revalidate("minilm-1")
    save_validation(found, path := folder / "validate.html", "edgesim validate --from minilm-1 --html page.html")
    yield Made("validate --from minilm-1", path, sum(len(case.simulated.spans) for case in found.campaign.cases), None)


def opening(browser: "Browser", path: Path, repeats: int) -> Times:
    """Open a page so many times."""
    times, whole = [], []
    for _ in range(repeats):
        page = browser.new_page()
        began = time.perf_counter()
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate(_PAINTED)
        times.append(time.perf_counter() - began)
        began = time.perf_counter()
        page.get_by_role("button", name="Show all").dispatch_event("click")
        page.evaluate(_PAINTED)
        whole.append(time.perf_counter() - began)
        page.close()
    return Times(median(times), max(times), median(whole))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    print("| page | spans | their trace | page | opens: median | longest | all spans drawn |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        for made in pages(Path(folder)):
            found, size = opening(browser, made.path, repeats), made.path.stat().st_size / 1e6
            trace = "-" if made.trace_bytes is None else f"{made.trace_bytes / 1e6:.1f} MB"
            print(f"| {made.name} | {made.spans:,} | {trace} | {size:.1f} MB | {found.median:.2f} s |"
                  f" {found.longest:.2f} s | {found.whole:.2f} s |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
