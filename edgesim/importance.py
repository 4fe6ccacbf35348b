"""What shards are worth, as models say it: the importance of each, and the accuracy that was measured of plans."""

from typing import Literal

from pydantic import model_validator

from edgesim.document import Document, Source
from edgesim.surrogate import Surrogate

Importances = tuple[tuple[float, ...], ...]


class Importance(Document):
    """Accuracy gained when one shard is raised to full fidelity, (L, S): in a file, as values, or not measured."""

    kind: Literal["uniform", "measured"] = "measured"
    """Whether it was measured, or is `uniform`: not known, so that all shards count alike."""
    file: str | None = None
    """A CSV beside the model file, with a row for each layer and a column for each shard."""
    values: Importances | None = None
    """The same in the file itself: a list for each layer, with a number for each shard. Below 0 counts as 0."""
    source: Source | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Importance":
        given = [self.kind == "uniform", self.values is not None or self.file is not None]
        if sum(given) != 1:
            raise ValueError("give either 'values' or 'file', or 'kind: uniform'")
        if self.values is not None and not any(value > 0 for row in self.values for value in row):
            raise ValueError("has no value above 0, so no shard would matter")
        return self


class Quality(Document):
    """The accuracy that measured samples predict, in a file or as it is."""

    file: str | None = None
    """A JSON beside the model file, as `edgesim importance` writes it."""
    fitted: Surrogate | None = None
    """The prediction itself, in place of a file."""
    source: Source | None = None

    @model_validator(mode="after")
    def _is_read(self) -> "Quality":
        if self.fitted is None or self.file is not None:
            raise ValueError("give either 'fitted' or 'file', and a file to edgesim.read_model")
        return self
