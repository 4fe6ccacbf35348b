"""Which experts each token is routed to: drawn, popular ones more often, and those of the token before again."""

from typing import TYPE_CHECKING

from edgesim.decoder import Experts, Routing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Routes = list[list[int]]
"""The experts of each layer that some tokens are routed to, rising, (L, ...)."""


class Router:
    """Draws the experts of one token after the other.

    As many numbers are drawn for each token whatever came before. Which experts are popular is the model's nature, not
    chance: it is the same in every run.

    Parameters
    ----------
    experts
        How many there are, and how many a token is routed to.
    routing
        How they are drawn.
    layers
        L.
    random
        Where chance comes from.
    """

    def __init__(self, experts: Experts, routing: Routing, layers: int, random: "np.random.Generator") -> None:
        import numpy as np

        self._active, self._random = experts.active, random
        self._repeat = _by_layer(routing.repeat, layers)[:, None]
        orders = [np.random.default_rng(layer).permutation(experts.count) for layer in range(layers)]
        self._popularity = -routing.skew * np.log(np.array(orders) + 1.0)
        self._routed = np.zeros(self._popularity.shape, bool)

    def token(self) -> "NDArray[np.bool_]":
        """Return which experts the next token is routed to, (L, E)."""
        import numpy as np

        shape = self._popularity.shape
        kept = self._routed & (self._random.random(shape) < self._repeat)
        # the largest of log weights with Gumbel noise are a draw without replacement (Kool et al., ICML 2019)
        keys = np.where(kept, np.inf, self._popularity + self._random.gumbel(size=shape))
        chosen = np.argpartition(-keys, self._active - 1, axis=1)[:, : self._active]
        self._routed = np.zeros(shape, bool)
        np.put_along_axis(self._routed, chosen, values=True, axis=1)
        return self._routed

    def tokens(self, count: int) -> Routes:
        """Return which experts any of the next tokens is routed to."""
        any_of = self.token().copy()
        for _ in range(count - 1):
            any_of |= self.token()
        return [row.nonzero()[0].tolist() for row in any_of]


def _by_layer(repeat: float | dict[int, float], layers: int) -> "NDArray[np.float64]":
    import numpy as np

    given = repeat if isinstance(repeat, dict) else {0: repeat}
    known = sorted(given)
    return np.interp(np.arange(layers), known, [given[layer] for layer in known])
