"""What is balanced: activities that take from accounts and bring to them, stores, and limits that activities share.

An *account* is a commodity at a place; it is balanced in every period. An *activity* is anything that moves, makes or
uses something: a supply, a need, a flow on a link, a process, an input or output of one. Its level is chosen in each
period. What it takes or brings is proportional to its level, now or some periods later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.checks import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Activities", "Limits", "Problem", "Ratios", "Stores"]


@dataclass(frozen=True)
class Activities:
    """What can be done.

    Attributes
    ----------
    ids : tuple of str, length n
        Names, such as ``links/aktau--alat/forward/crude``.
    least, most, usd : float64 arrays, shape (n, n_periods)
        Bounds of the level, infinite where there is none, and what a unit costs; less than 0 where it earns.
    priority : int64 array, shape (n,)
        Of needs, 1 is served first without foresight; 0 for all else.
    activity, account, delay : int64 arrays, shape (n_entries,)
        Entries: which activity, which account, how many periods later.
    amount : float64 array, shape (n_entries, n_periods)
        What a unit of the activity brings; less than 0 for what it takes.
    """

    ids: tuple[str, ...]
    least: Floats
    most: Floats
    usd: Floats
    priority: Ints
    activity: Ints
    account: Ints
    delay: Ints
    amount: Floats


@dataclass(frozen=True)
class Ratios:
    """Activities between two multiples of another one, such as the yields of a refinery.

    Attributes
    ----------
    activity, base : int64 arrays, shape (n,)
        The one and the other.
    least, most : float64 arrays, shape (n, n_periods)
        Multiples.
    """

    activity: Ints
    base: Ints
    least: Floats
    most: Floats


@dataclass(frozen=True)
class Stores:
    """What keeps a commodity from period to period.

    Attributes
    ----------
    ids : tuple of str, length n
        Names.
    account : int64 array, shape (n,)
        Account of each.
    capacity, dead : float64 arrays, shape (n,)
        Most content, and that which cannot be drawn.
    initial, final : float64 arrays, shape (n,)
        Content before the first period, and least content after the last; NaN where free. A free beginning is the end
        again.
    loss, loss_rate : float64 arrays, shape (n, n_periods)
        Lost in a period whatever is kept, and as a share of the mean content: evaporation from a surface that grows
        with content.
    """

    ids: tuple[str, ...]
    account: Ints
    capacity: Floats
    dead: Floats
    initial: Floats
    final: Floats
    loss: Floats
    loss_rate: Floats


@dataclass(frozen=True)
class Limits:
    """What activities share: a line, a plant, a share of a river, a licence.

    Attributes
    ----------
    ids : tuple of str, length n
        Resource of each.
    periods : tuple of str, length n
        The period, or the season whose sum is limited.
    least, most : float64 arrays, shape (n,)
        Of what is used in all.
    usd_below : float64 array, shape (n,)
        Price of a unit by which use stays below the least; infinite where that is forbidden.
    limit, activity, period : int64 arrays, shape (n_entries,)
        Who uses which limit, and when.
    weight : float64 array, shape (n_entries,)
        Use by a unit of the activity.
    """

    ids: tuple[str, ...]
    periods: tuple[str, ...]
    least: Floats
    most: Floats
    usd_below: Floats
    limit: Ints
    activity: Ints
    period: Ints
    weight: Floats

    def used(self, level: Floats) -> Floats:
        """Add up the use of each limit, shape (n,), at levels of activities, shape (n_activities, n_periods)."""
        use = self.weight * level[self.activity, self.period]
        return np.bincount(self.limit, use, len(self.ids)).astype(np.float64)


@dataclass(frozen=True)
class Problem:
    """A system to be balanced.

    Attributes
    ----------
    periods : tuple of str
        Names, in order.
    accounts : tuple of (str, str)
        Place and commodity.
    activities, ratios, stores, limits
        What can be done, within what.
    cyclic : bool
        Whether what is under way after the last period arrives in the first ones, as in a typical year. Otherwise it
        leaves the system.
    names : mapping of str to str
        What people call rows of the tables it comes from, by ``table/id``, for messages; may be empty.

    Raises
    ------
    BalanceError
        If a number is none, a bound exceeds another, an entry names nothing, or activities make something from
        nothing: all faults at once.
    """

    periods: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    activities: Activities
    ratios: Ratios
    stores: Stores
    limits: Limits
    cyclic: bool = False
    names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self)

    @property
    def n_periods(self) -> int:
        """Count the periods."""
        return len(self.periods)

    def column(self, activity: Ints, period: Ints) -> Ints:
        """Give the column of an activity in a period: activity after activity, then the stores."""
        return activity * self.n_periods + period
