"""What shards are worth, as models say it: the importance of each, and the accuracy that was measured of plans."""

from typing import Literal

from pydantic import model_validator

from edgesim.document import Document, Source
from edgesim.surrogate import Surrogate

Importances = tuple[tuple[float, ...], ...]


class Importance(Document):
    """Accuracy gained when one shard is raised to full fidelity, (L, S); one of three forms.

    ``kind: uniform`` says that it was not measured; ``file`` is a CSV of L rows and S columns beside the model file,
    which `edgesim.files` reads into `values`.
    """

    kind: Literal["uniform", "measured"] = "measured"
    file: str | None = None
    values: Importances | None = None
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
    """The accuracy that measured samples predict; `edgesim.files` reads the `file` beside the model into `fitted`."""

    file: str | None = None
    fitted: Surrogate | None = None
    source: Source | None = None

    @model_validator(mode="after")
    def _is_read(self) -> "Quality":
        if self.fitted is None or self.file is not None:
            raise ValueError("give either 'fitted' or 'file', and a file to edgesim.read_model")
        return self
