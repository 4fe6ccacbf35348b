"""A real browser for tests: Chromium without a window, and what a page says and asks for while it is open."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESKTOP, PAPER = 360, 1280, 695
"""Widths [px]; that of paper is A4's without its margins."""
AXIS, HEADING, LABEL, HIGH, GAP, SIDE = 20, 22, 15, 24, 7, 8
"""Sizes in the picture of a timeline [px], as ``timeline.js`` has them."""


def find_chromium() -> str | None:
    """Return the path of an installed Chromium."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched() -> Iterator["Browser"]:
    """Open a browser; without one a test is skipped, or fails where ``EDGESIM_BROWSER=required``.

    It is closed with the module that needs it: while Playwright runs, nothing else in this process can use asyncio.
    """
    path = find_chromium()
    if path is None:
        why = f"no browser is installed, looked for {', '.join(NAMES)}"
        (pytest.fail if os.environ.get("EDGESIM_BROWSER") == "required" else pytest.skip)(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, with what it said and what it asked for."""

    page: "Page"
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def canvas(self) -> "Locator":
        """The picture of the timeline."""
        return self.page.locator("canvas")

    def data(self) -> dict[str, float]:
        """Return what the picture shows: from when to when [ns], and how many rectangles it took."""
        found = self.canvas.evaluate(
            "canvas => new Promise(done => requestAnimationFrame(() => done({...canvas.dataset})))"
        )
        return {name: float(value) for name, value in found.items()}

    def place(self, lane: int, ns: float) -> tuple[float, float]:
        """Return where a moment of a lane is in the picture of one app [px]."""
        shown, box = self.data(), self.canvas.bounding_box()
        assert box is not None
        share = (ns - shown["from"]) / (shown["until"] - shown["from"])
        return SIDE + share * (box["width"] - 2 * SIDE), AXIS + LABEL + HIGH / 2 + lane * (LABEL + HIGH + GAP)

    def details(self) -> dict[str, str]:
        """Return what is told of the span that is pointed at or selected."""
        found: dict[str, str] = self.page.locator("[data-details]").evaluate("panel => ({...panel.dataset})")
        return {name: value for name, value in found.items() if name != "details"}

    def rest(self) -> None:
        """Wait until a scroll of the page is over: the picture takes wheels again."""
        self.page.wait_for_timeout(300)


@contextmanager
def opened(browser: "Browser", path: Path, width: int = DESKTOP, **context: Any) -> Iterator[Opened]:  # noqa: ANN401
    """Open a page in a window of its own; `context` is Playwright's, ``color_scheme`` for example."""
    window = browser.new_context(viewport={"width": width, "height": 900}, **context)
    found = Opened(window.new_page())
    found.page.on("console", lambda message: found.said.append(f"{message.type}: {message.text}"))
    found.page.on("pageerror", lambda error: found.said.append(f"error: {error}"))
    found.page.on("request", lambda request: found.asked.append(request.url))
    found.page.goto(path.as_uri(), wait_until="load")
    yield found
    window.close()


def pages_of_pdf(content: bytes) -> int:
    """Return how many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b", content))
