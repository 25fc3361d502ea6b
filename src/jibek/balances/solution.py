"""A system balanced: levels, contents, shortages, local prices, what binds and what one more unit of it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jibek.balances.certificate import Certificate
    from jibek.balances.problem import Problem

    Floats = NDArray[np.float64]

__all__ = ["Balance"]


@dataclass(frozen=True)
class Balance:
    """What is done, and what it is worth.

    Attributes
    ----------
    problem : Problem
        What was balanced.
    level : float64 array, shape (n_activities, n_periods)
        Of each activity.
    content : float64 array, shape (n_stores, n_periods)
        Of each store at the end of each period.
    price : float64 array, shape (n_accounts, n_periods)
        What one more unit at a place would save; NaN without foresight, where nothing is optimal over time.
    use : float64 array, shape (n_limits,)
        Of each limit.
    worth : float64 array, shape (n_limits,)
        What one more unit of a limit would save; less than 0 where its least binds, NaN without foresight.
    usd : float64
        Cost of everything, less what is earned.
    certificate : Certificate
        What the solution is worth, worked out anew.
    """

    problem: Problem
    level: Floats
    content: Floats
    price: Floats
    use: Floats
    worth: Floats
    usd: float
    certificate: Certificate
