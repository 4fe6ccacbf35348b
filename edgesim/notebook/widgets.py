"""The panel of sliders. The only user of ipywidgets, which has no types."""

from collections.abc import Sequence
from html import escape
from math import inf
from typing import Any

from ipywidgets import HTML, Dropdown, Layout, SelectionSlider, VBox

from edgesim.comparisons.cells import all_planners
from edgesim.notebook.drawn import Knob, planned_html, still_html
from edgesim.notebook.settings import TOKENS, Desk, Planned, Setting, is_more
from edgesim.questions.together import Speed
from edgesim.result import Result
from edgesim.scenario import Scenario

_STYLE = {"description_width": "8em"}
_ALONE = (
    "One inference on a device that nothing disturbs: of the scenario's session, apps and conditions no more is here."
)
_REPLY = f"Of a reply the first {TOKENS} tokens are generated."
_SLOW_S = 0.2
"""A planner whose last plan took longer [s], or that made none yet, has a sign while it plans."""
_SPEED = "Reads were measured as a table, so the flash is faster or slower as a whole: 100 % is as measured."


class Panel(VBox):  # type: ignore[misc]
    """Sliders for target latency, preload buffer and flash, a list of planners, and below them what is planned for it.

    Parameters
    ----------
    scenario
        Where the sliders stand at first.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._desk = Desk(scenario)
        own = self._desk.own
        is_speed = isinstance(self._desk.flash, Speed)
        self._target = _slider("target latency", self._desk.targets(), own.target_ns)
        self._preload = _slider("preload buffer", self._desk.preloads(), own.preload_bytes)
        self._flash = _slider("flash speed" if is_speed else "flash bandwidth", self._desk.speeds(), own.flash)
        labels = [choice.label for choice in all_planners(scenario)]
        self._planner = Dropdown(options=labels, value=own.planner, description="planner", style=_STYLE)
        self._shown, self._sign, self._took_s = HTML(), HTML(layout=Layout(min_height="2em")), dict[str, float]()
        shortened = self._desk.scenario.generation != scenario.generation
        self._notes = [_ALONE] * is_more(scenario) + [_REPLY] * shortened + [_SPEED] * is_speed
        knobs = (self._target, self._preload, self._flash, self._planner)
        super().__init__([*knobs, *(HTML(f"<small>{note}</small>") for note in self._notes), self._sign, self._shown])
        self._planned = self._plan()
        for knob in knobs:
            knob.observe(self._change, "value")

    @property
    def setting(self) -> Setting:
        """Where the sliders stand."""
        return Setting(self._target.value, self._preload.value, self._flash.value, self._planner.value)

    @property
    def result(self) -> Result | None:
        """What is shown; None where no plan fits."""
        found = self._planned.result
        return None if isinstance(found, str) else found

    @property
    def html(self) -> str:
        """What stands below the sliders."""
        return str(self._shown.value)

    def _repr_mimebundle_(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return the widget, and how it stands for pages of which nothing runs."""
        sliders = (self._target, self._preload, self._flash)
        knobs = (Knob(one.description, one.index, len(one.options), one.label) for one in sliders)
        still = still_html(knobs, self._planner.value, self._notes, self.html)
        return {**super()._repr_mimebundle_(**asked), "text/html": still}

    def _change(self, _: object) -> None:
        self._planned = self._plan()

    def _plan(self) -> Planned:
        setting = self.setting
        if self._took_s.get(setting.planner, inf) > _SLOW_S:  # a kernel that plans draws nothing else meanwhile
            self._sign.value = f'<span role="status">{escape(setting.planner)} is planning &hellip;</span>'
        try:
            planned = self._desk.plan(setting)
        finally:
            self._sign.value = ""
        self._took_s[setting.planner] = planned.seconds
        self._shown.value = planned_html(planned)
        return planned


def _slider(name: str, options: Sequence[tuple[str, int]], value: int) -> SelectionSlider:
    return SelectionSlider(options=options, value=value, description=name, continuous_update=True, style=_STYLE,
                           layout=Layout(width="46em", max_width="100%"))  # fmt: skip
