"""The text of a scenario's file, as it was read."""

from hashlib import sha256
from pathlib import Path

from edgesim.scenario import Scenario

_SCHEMA = "schema: edgesim.scenario/1"
_LARGEST = 200_000


def scenario_text(scenario: Scenario) -> str | None:
    """Return the text of the file that a scenario was read from; None if it is no longer there as it was, or too long.

    Of the files in its folder that it was made of, it is the one of a scenario.
    """
    for name, digest in scenario.inputs.items():
        path = Path(scenario.folder) / Path(name).name
        try:
            content = path.read_bytes()
        except OSError:
            continue
        text = content.decode("utf-8-sig", "replace")
        if sha256(content).hexdigest() == digest and _SCHEMA in text and len(text) <= _LARGEST:
            return text
    return None
