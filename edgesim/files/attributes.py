"""What the source says about the fields of a class: the text below each of them.

Reading sources takes a tenth of a second, so that it is done when a description is wanted, and not when classes are
made (as pydantic's `use_attribute_docstrings` would).
"""

import ast
import inspect
import sys
from functools import cache


def field_texts(described: type) -> dict[str, str]:
    """Return the text below each field of a class and of its bases, in one line; none where there is no source."""
    found: dict[str, str] = {}
    for base in reversed(described.__mro__):
        if base.__module__.partition(".")[0] == __name__.partition(".")[0]:
            found |= _classes(base.__module__).get(base.__qualname__, {})
    return found


@cache
def _classes(module: str) -> dict[str, dict[str, str]]:
    """Return the texts of all classes of a module, by field and by class."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except OSError:
        return {}
    return {one.name: _texts(one) for one in tree.body if isinstance(one, ast.ClassDef)}


def _texts(described: ast.ClassDef) -> dict[str, str]:
    found = {}
    for field, text in zip(described.body, described.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            value = text.value.value if isinstance(text.value, ast.Constant) else None
            if isinstance(value, str):
                found[field.target.id] = " ".join(value.split())
    return found
