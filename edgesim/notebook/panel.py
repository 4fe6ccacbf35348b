"""The verb `explore`: what a plan becomes while target, preload buffer and flash change."""

from typing import TYPE_CHECKING

from edgesim.experiment import Given
from edgesim.files import given_scenario
from edgesim.nets.extra import needs_extra

if TYPE_CHECKING:
    from edgesim.notebook.widgets import Panel


def explore(scenario: Given) -> "Panel":
    """Show sliders for target latency, preload buffer and flash, which plan anew and draw while they move.

    It is about one inference of the scenario's own app on a device that nothing disturbs. Where reads were measured as
    a table, the flash is faster or slower as a whole.

    Parameters
    ----------
    scenario
        A scenario, a file, or the name of a shipped one: where the sliders stand at first.

    Returns
    -------
    Panel
        A widget for the last line of a notebook's cell; its `result` is what it shows, its `setting` where the sliders
        stand.

    Raises
    ------
    InputError
        If a file is wrong.
    MissingLibraryError
        If ipywidgets is not installed.
    """
    given = given_scenario(scenario)
    with needs_extra("ipywidgets", "notebook"):
        from edgesim.notebook.widgets import Panel
    return Panel(given)
