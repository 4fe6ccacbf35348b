"""Data, scripts and styles inside a page: what a scenario is called can do no harm there."""

import json
from base64 import b64encode
from hashlib import sha256

_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def embedded(value: object) -> str:
    """Return JSON that a ``<script type="application/json">`` can hold: in ASCII, and nothing in it ends the element.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_ESCAPED)


def policy(script: str, style: str) -> str:
    """Return a Content-Security-Policy: this script and this style, and nothing from anywhere else.

    Notes
    -----
    Source: W3C, Content Security Policy Level 3, section 2.3.1 (hash sources).
    """
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
