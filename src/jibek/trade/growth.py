"""What trade becomes when economies grow and the cost of trade stays: structural gravity, in changes.

With constant costs gravity says ``X_ij = Y_i E_j / Y (t_ij / (Pi_i P_j)) ** -elasticity`` (Anderson and van Wincoop
2003, Gravity with Gravitas, American Economic Review 93, equations 9 to 11). New sizes therefore change the matrix by a
factor for each seller and each buyer, whatever the elasticity, and these follow from what all sell and buy (id
`trade-11` of the documentation).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, TradeError
from jibek.trade.matrix import TradeMatrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["grown"]

_ENOUGH = 1e-12  # of what a country sells
_MOST_ROUNDS = 100_000


def grown(matrix: TradeMatrix, output_change: Floats) -> TradeMatrix:
    """Let economies grow at constant costs of trade.

    Parameters
    ----------
    matrix
        Trade before.
    output_change : float64 array, shape (n,)
        Output of each country over that before, above 0. Its purchases keep their ratio to it, up to a factor common to
        all with which the world buys what it makes.

    Raises
    ------
    TradeError
        If a change is not above 0, or no matrix with these sums was found.
    """
    faults = [
        Fault("fault", "trade", code, "output_change", str(change), "a number above 0", "Correct the value.")
        for code, change in zip(matrix.countries, output_change.tolist(), strict=True)
        if not 0 < change < np.inf
    ]
    if faults:
        raise TradeError(faults)
    sales = matrix.output * output_change
    purchases = matrix.expenditure * output_change
    purchases *= sales.sum() / purchases.sum()
    flows = matrix.flows * output_change[:, None]
    for _ in range(_MOST_ROUNDS):
        flows = flows * (purchases / flows.sum(axis=0))
        factor = sales / flows.sum(axis=1)
        flows = flows * factor[:, None]
        if np.abs(factor - 1).max(initial=0.0) <= _ENOUGH:
            return TradeMatrix(matrix.countries, flows)
    worst = matrix.countries[int(np.abs(factor - 1).argmax())]
    remedy = "Look for a country that trades with nobody that grows alike."
    found = f"sales off by {np.abs(factor - 1).max():.1e}"
    raise TradeError([Fault("fault", "trade", worst, "output_change", found, "sales that all buy", remedy)])
