"""Templates, scripts and styles -> one page. The only user of jinja2."""

import re
from importlib.resources import files
from typing import Any

from edgesim import __version__
from edgesim.pages.embedding import embedded, policy
from edgesim.pages.looks import BUFFER_LOOKS, KINDS, NAMES, look_of, look_of_bits

_SCRIPTS = (
    "format", "packing", "spans", "window", "patterns", "level", "lanes", "memory", "timeline", "control",
    "details", "told", "tables", "choice", "download", "start",
)  # fmt: skip
"""In the order in which they stand in the page; each uses those before it."""
_AMOUNT = re.compile(r"(?<=\d) (?=[^\W\d]|%)")
"""The space between a number and its unit."""
_STYLES = ("page", "tables", "figures", "timeline", "print")


def render(template: str, **content: object) -> bytes:
    """Return a page in UTF-8; what cannot be written in it, such as half a surrogate pair, is escaped.

    Parameters
    ----------
    template
        One of those in ``templates``.
    content
        What it shows; every text in it is escaped.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("edgesim.pages", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["embedded"] = lambda value: Markup(embedded(value))  # it is escaped for a script
    environment.filters["unbroken"] = lambda text: _AMOUNT.sub("\N{NO-BREAK SPACE}", text)
    script, style = _joined("js", _SCRIPTS), _joined("css", _STYLES)
    shared: dict[str, Any] = {"script": script, "style": style, "policy": policy(script, style), "version": __version__}
    return environment.get_template(template).render(shared | content | {"looks": _looks()}).encode(
        "utf-8", "backslashreplace"
    )  # fmt: skip


def _joined(suffix: str, names: tuple[str, ...]) -> str:
    """Return some files as one text, as it stands in the page: a newline before it and none after it."""
    folder = files("edgesim.pages") / "static"
    return "\n" + "\n".join((folder / f"{name}.{suffix}").read_text("utf-8") for name in names)


def _looks() -> dict[str, Any]:
    """Return how everything on a timeline is drawn, for the script."""
    kinds = {kind: look_of(kind)._asdict() for kind in [*KINDS, "step"]}
    bits = {str(width): look_of_bits(width).fill for width in (1, 2, 3, 4, 5, 6, 7, 8, 16, 32)}
    return {"kinds": kinds, "bits": bits, "buffers": BUFFER_LOOKS, "names": NAMES}
