"""What an answer rests on: version, seed, input files, and how far each number can be trusted."""

from edgesim import __version__
from edgesim.device import find_decompress, find_hand_off, find_layer_times, find_start_up
from edgesim.document import Source, worst
from edgesim.scenario import Scenario

_DERIVED, _ILLUSTRATIVE = "C", "D"


def provenance(scenario: Scenario) -> dict[str, object]:
    """Return what is needed to get the same answer again.

    Returns
    -------
    dict
        Version, seed, a SHA-256 of each input file, and the keys that were changed after reading, if any.
    """
    found = {"version": __version__, "seed": scenario.seed, "inputs": dict(sorted(scenario.inputs.items()))}
    return found | ({"changes": dict(sorted(scenario.changes.items()))} if scenario.changes else {})


def grades(scenario: Scenario, *, disturbed: bool = False) -> dict[str, str | None]:
    """Return the grade of each group of numbers that the answer rests on, and the worst of them.

    None stands for a number without a source, which is worse than any grade.

    Parameters
    ----------
    scenario
        Of one app.
    disturbed
        Whether conditions disturb it that another scenario has: that of which it is an app.
    """
    named = sources(scenario)
    found: dict[str, str | None] = {}
    found |= {name: source.grade if source else None for name, source in named.items()}
    if scenario.model.decoder and "layer_times" not in named:
        found["layer_times"] = worst([_DERIVED, *_of_roofline(scenario)])
    if disturbed or scenario.is_disturbed:
        found["conditions"] = _ILLUSTRATIVE
    return {**found, "worst": worst(list(found.values()))}


def sources(scenario: Scenario) -> dict[str, Source | None]:
    """Return the source of each group of numbers that the answer to one app rests on; None where none is given."""
    device, model = scenario.device, scenario.model
    rests_on = {
        "storage": device.storage,
        "layer_times": find_layer_times(device, scenario.processor, model.geometry),
        "decompress": find_decompress(device, scenario.processor, model.geometry),
        "hand_off": find_hand_off(device, scenario.processor),
        "start_up": find_start_up(device, scenario.processor),
        "power": device.power,
        "battery": device.battery,
        "model": model,
        "decoder": model.decoder,
        "resident_bytes": model.resident_bytes if model.resident_bytes.values else None,
        "distortion": model.distortion,
        "importance": model.importance,
        "records": model.records,
        "accuracy": model.quality,
    }
    return {name: part.source for name, part in rests_on.items() if part}


def _of_roofline(scenario: Scenario) -> list[str | None]:
    roofline = scenario.device.processors[scenario.processor].roofline
    return [roofline.source.grade if roofline.source else None] if roofline else []
