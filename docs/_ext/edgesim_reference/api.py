"""Pages of the Python API: every public name, and what authors of planners import besides."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from types import FunctionType
from typing import NamedTuple, get_type_hints

from sphinx.util.typing import stringify_annotation

import edgesim
from edgesim.document import Document
from edgesim.errors import EdgesimError
from edgesim.files.attributes import field_texts
from edgesim_reference.docstrings import docstring_of
from edgesim_reference.markdown import contents

ENGINE = (
    "edgesim.planners.search.best", "edgesim.planners.search.Submodel", "edgesim.planners.streamed.streamed",
    "edgesim.cost.request", "edgesim.cost.stored_bytes", "edgesim.cost.compute_ns", "edgesim.cost.decompress_ns",
    "edgesim.cost.read_ns",
)  # fmt: skip
"""What planners are made of."""
TESTING = (
    "edgesim.testing.planner_contract", "edgesim.testing.random_scenario", "edgesim.testing.contract.Kept",
    "edgesim.testing.contract.BrokenContractError", "edgesim.testing.golden.Golden",
    "edgesim.testing.golden.GoldenError",
)  # fmt: skip
"""What planners are tested with."""


_MOST_SHOWN = 11
"""What has more fields is not made by hand: how it is called is left out."""


class Group(NamedTuple):
    """A page: its file, title and introduction."""

    name: str
    title: str
    about: str


GROUPS = (
    Group("verbs", "Verbs", "What can be done. They take a scenario, a file, or the name of a shipped one."),
    Group("nouns", "Nouns", "What goes in and what comes back. Nothing of it can be changed once it is made."),
    Group("pictures", "Pictures", "Functions that draw on matplotlib axes, or make a figure of their own."),
    Group("errors", "Errors", "What edgesim refuses is a `~edgesim.EdgesimError`; its text is what a user needs."),
)  # fmt: skip


def group_of(name: str) -> str:
    """Return the page that a public name is on."""
    public = getattr(edgesim, name)
    if isinstance(public, type):
        return "errors" if issubclass(public, EdgesimError) else "nouns"
    return "pictures" if public.__module__.startswith("edgesim.plot") else "verbs"


def api_pages() -> dict[str, str]:
    """Return each page by its name."""
    found = {}
    for group in GROUPS:
        names = [f"edgesim.{name}" for name in edgesim.__all__ if group_of(name) == group.name]
        found[f"python/{group.name}.rst"] = _page(group.title, group.about, names)
    about = ("A planner is a function ``plan(model, device, budget, *, <options>) -> Plan``. These try submodels, make"
             " loads and price them; nothing else is needed, and nothing of it has to be used.")  # fmt: skip
    found["python/planners.rst"] = _page("Making planners", about, ENGINE)
    about = ("A pytest plugin comes with edgesim: the fixture ``edgesim`` is a `~edgesim.testing.golden.Golden`, and"
             " ``pytest --edgesim-record`` writes what it compares with.")  # fmt: skip
    found["python/testing.rst"] = _page("Testing planners", about, TESTING)
    about = "The public names are those of `edgesim` itself; what planners are made of has homes of its own."
    names = [name.removeprefix("python/").removesuffix(".rst") for name in found]
    return found | {"python/index.md": contents("Python", about, names)}


def _page(title: str, about: str, names: Iterable[str]) -> str:
    listed = list(names)
    lines = [title, "=" * len(title), "", about, ""]
    lines += [".. list-table::", "   :widths: auto", ""]
    for name in listed:
        lines += [f"   * - :py:obj:`~{name}`", f"     - {docstring_of(_found(name)).summary}{_code(_found(name))}"]
    return "\n".join([*lines, "", *(line for name in listed for line in [*_entry(name), ""])])


def _code(public: object) -> str:
    """Say which exit code an error gives the command line."""
    return f" Exit code {public.exit_code}." if isinstance(public, type) and issubclass(public, EdgesimError) else ""


def _found(name: str) -> object:
    module, _, last = name.rpartition(".")
    return getattr(__import__(module, fromlist=[last]), last)


def _entry(name: str) -> Iterator[str]:
    """Yield the lines about one name; fields of documents are told with the types that Python sees, not YAML's."""
    public = _found(name)
    if not isinstance(public, type):
        yield f".. autofunction:: {name}"
    elif issubclass(public, BaseException):
        yield from (f".. autoexception:: {name}", "   :show-inheritance:")
    elif issubclass(public, Document):
        members = ", ".join(_methods(public))
        yield from (f".. autoclass:: {name}()", f"   :members: {members}" if members else "", "")
        yield from _fields(public)
    else:
        fields: Sequence[str] = getattr(public, "__match_args__", ())
        told = [field for field in fields if field in field_texts(public)]
        members = ", ".join([*told, *_methods(public)])
        call = "()" if len(fields) > _MOST_SHOWN else ""
        yield from (f".. autoclass:: {name}{call}", f"   :members: {members}" if members else "")


def _methods(public: type) -> list[str]:
    """Return the public members of a class that are not its fields."""
    kinds = (property, FunctionType, cached_property, classmethod)
    return [name for name, one in vars(public).items() if isinstance(one, kinds) and not name.startswith("_")]


def _fields(document: type[Document]) -> Iterator[str]:
    hints, texts = get_type_hints(document), field_texts(document)
    for name in document.model_fields:
        if name in texts and name != "schema_":
            kind = stringify_annotation(hints[name], "smart")
            yield from (f"   .. attribute:: {name}", f"      :type: {kind}", "", f"      {texts[name]}", "")
