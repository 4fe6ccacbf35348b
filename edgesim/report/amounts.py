"""Times and energies of whole sessions for people: three digits and the unit that suits them."""

from edgesim.scenario import Scenario
from edgesim.units import show_ns

_LONG = (("h", 3600 * 10**9, 120 * 60 * 10**9), ("min", 60 * 10**9, 120 * 10**9), ("s", 10**9, 10**9))
"""Units of time, how long they are, and from where on they are used [ns]."""
_ENERGY = (("MJ", 10**18), ("kJ", 10**15), ("J", 10**12), ("mJ", 10**9), ("uJ", 10**6), ("nJ", 10**3))


def three_digits(value: float) -> str:
    """Write a number with three digits, or all of those before the point: ``1.64``, ``27.0``, ``1,234``."""
    return f"{value:,.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}"


def time_text(ns: float | None) -> str:
    """Write a time: ``209 ms``, ``1.64 s``, ``24.0 h``; a dash for none."""
    if ns is None:
        return "-"
    for unit, length, least in _LONG:
        if ns >= least:
            return f"{three_digits(ns / length)} {unit}"
    return f"{three_digits(ns / 10**6)} ms" if ns >= 10**6 else show_ns(round(ns)) if ns else "0 ms"


def energy_text(pj: int | None) -> str:
    """Write an energy: ``719 mJ``, ``7.77 kJ``; or that it is unknown."""
    if pj is None:
        return "unknown"
    for unit, factor in _ENERGY:
        if pj >= factor:
            return f"{three_digits(pj / factor)} {unit}"
    return f"{pj} pJ"


def promise_text(scenario: Scenario) -> str:
    """Write what is promised: ``200.0 ms``, or of a reply ``100.0 ms a token``."""
    return show_ns(scenario.target_latency_ns) + (" a token" if scenario.generation else "")
