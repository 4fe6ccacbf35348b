"""Planners as reports and the command line write them: ``wrx[upgrade_to=6]``."""

import re
from collections.abc import Sequence

from edgesim.choice import PlannerChoice
from edgesim.errors import InputError
from edgesim.files.text import inline

_LABEL = re.compile(r"\s*(?P<name>[^\s\[\]][^\[\]]{0,400}?)\s*(\[(?P<options>.*)\])?\s*")
_OPTION = re.compile(r"\s*(?P<key>\w+)\s*=\s*(?P<value>\{[^}]*\}|[^,]*?)\s*(,|$)")


def read_choice(label: str) -> PlannerChoice:
    """Read a planner's label; `PlannerChoice.label` writes it.

    Raises
    ------
    InputError
        If it is not of the form ``name[option=value,...]``.
    """
    match = _LABEL.fullmatch(label)
    options = match["options"] if match else None
    found = list(_OPTION.finditer(options or ""))
    if match is None or (options is not None and "".join(item[0] for item in found) != options):
        raise InputError(f"planner '{label}': must look like name or name[option=value,...]")
    keys = [item["key"] for item in found]
    if len(set(keys)) < len(keys):
        raise InputError(f"planner '{label}': gives an option twice, got {', '.join(keys)}")
    return PlannerChoice(name=match["name"], options={item["key"]: inline(item["value"]) for item in found})


def read_choices(planners: Sequence[str | PlannerChoice]) -> list[PlannerChoice]:
    """Read the labels of several planners, or of one that is given without a list.

    Raises
    ------
    InputError
        As `read_choice`.
    """
    several = [planners] if isinstance(planners, str | PlannerChoice) else planners
    return [one if isinstance(one, PlannerChoice) else read_choice(one) for one in several]
