"""A document with some of its numbers changed, checked as if a file had them."""

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeVar, get_args, get_origin

from pydantic import ValidationError

from edgesim.document import Document, Where
from edgesim.errors import InputError
from edgesim.questions.forms import file_form, is_quantity
from edgesim.scenario import Scenario

Changes = Mapping[Where, object]
"""What files have, by place: field names, keys and numbers of items."""
Changed = TypeVar("Changed", bound=Document)
Hint = tuple[object, tuple[object, ...]]
"""The type of a field, and what its annotation adds."""


def changed_scenario(scenario: Scenario, changes: Changes) -> Scenario:
    """Return a scenario with other numbers; the device of its other apps is the same one, changed as well.

    Statistics of a profile are kept: times that are other than measured scatter, relative to them, as they did.

    Raises
    ------
    InputError
        If it cannot be so, with every reason.
    """
    new = changed(scenario, changes)
    apps = {name: app.model_copy(update={"device": new.device}) for name, app in new.apps.items()}
    return new.model_copy(update={"apps": apps}) if new.device is not scenario.device and apps else new


def changed(document: Changed, changes: Changes) -> Changed:
    """Return a document with other numbers, validated like one that is read.

    Parameters
    ----------
    document
        What is changed; parts that nothing changes in are taken over as they are.
    changes
        New values in the form of files, by place.

    Raises
    ------
    InputError
        If it cannot be so, with every reason.
    """
    try:
        return _rebuilt(document, changes)
    except ValidationError as error:
        raise InputError("; ".join(_reasons(error))) from error


def _rebuilt(document: Changed, changes: Changes) -> Changed:
    data, below = dict[str, object](), _by_first(changes)
    for name, field in type(document).model_fields.items():
        if name in document.model_fields_set or name in below:
            hint = field.annotation, tuple(field.metadata)
            form = _form(getattr(document, name), hint, below.get(name, {}))
            data |= {} if form is None else {name: form}  # None is what nothing was given for
    return type(document).model_validate(data, by_alias=False, by_name=True)


def _form(value: object, hint: Hint, changes: Changes) -> object:
    if () in changes:
        return changes[()]
    if isinstance(value, Document):
        return _rebuilt(value, changes) if changes else value
    below = _by_first(changes)
    if isinstance(value, dict):
        inner = value_hint(hint)
        return {key: _form(each, inner, below.get(key, {})) for key, each in value.items()}
    if isinstance(value, tuple) and not is_quantity(*hint):
        return [_form(each, item_hint(hint, place), below.get(place, {})) for place, each in enumerate(value)]
    return file_form(value, *hint)


def value_hint(hint: Hint) -> Hint:
    """Return the type of a mapping's values."""
    found = next((get_args(one) for one in _members(hint[0]) if get_origin(one) is dict), (object, object))
    return found[1], ()


def item_hint(hint: Hint, place: int) -> Hint:
    """Return the type of one item of a tuple; of a named tuple, which has no quantities, nothing is known."""
    for one in _members(hint[0]):
        if get_origin(one) is tuple:
            arguments = get_args(one)
            return arguments[0 if arguments[1:] == (...,) else place], ()
    return object, ()


def _members(hint: object) -> Iterator[object]:
    """Yield the types that a value may have, without what is annotated."""
    if get_origin(hint) is Annotated:
        yield from _members(get_args(hint)[0])
    elif get_origin(hint) in (dict, tuple) or not get_args(hint):
        yield hint
    else:
        yield from (found for inner in get_args(hint) for found in _members(inner))


def _by_first(changes: Changes) -> dict[str | int, dict[Where, object]]:
    found = dict[str | int, dict[Where, object]]()
    for where, value in changes.items():
        if where:
            found.setdefault(where[0], {})[where[1:]] = value
    return found


def _reasons(error: ValidationError) -> Iterator[str]:
    from edgesim.files.report import reworded

    for one in error.errors():
        if one["type"] == "mistakes":
            yield from (_placed((*one["loc"], *where), message) for where, message in one["ctx"]["found"])
        else:
            message = str(one["ctx"]["error"]) if one["type"] == "value_error" else reworded(one["msg"])
            yield _placed(one["loc"], message)


def _placed(where: Where, message: str) -> str:
    return f"{'.'.join(map(str, where))}: {message}" if where else message
