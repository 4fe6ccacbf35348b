"""Objects as keys of a cache: by identity, because comparing or hashing a model takes longer than planning with it."""

from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Same(Generic[Kept]):
    """An object that equals itself only, and lives as long as the key does."""

    __slots__ = ("it",)

    def __init__(self, it: Kept) -> None:
        """Remember an object that does not change."""
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it

    def __hash__(self) -> int:
        return id(self.it)
