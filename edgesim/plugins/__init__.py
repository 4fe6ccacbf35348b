"""Find a planner or backend by name, check its options, and call it so that its mistakes stay its own."""

from edgesim.plugins.blame import blamed, place, reason
from edgesim.plugins.names import BACKENDS, PLANNERS, Group, check_form, find, installed, is_file
from edgesim.plugins.options import option_mistakes, options_of
from edgesim.plugins.outside import call_planner

__all__ = [
    "BACKENDS",
    "PLANNERS",
    "Group",
    "blamed",
    "call_planner",
    "check_form",
    "find",
    "installed",
    "is_file",
    "option_mistakes",
    "options_of",
    "place",
    "reason",
]
