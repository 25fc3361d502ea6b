"""Activities, stores and limits gathered one by one, then put into the arrays of a problem, sorted by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jibek.balances.problem import Activities, Limits, Problem, Ratios, Stores
from jibek.errors import BalanceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.errors import Fault

    Floats = NDArray[np.float64]
    Account = tuple[str, str]  # place and commodity

__all__ = ["Collection"]


@dataclass
class Collection:
    """What has been gathered so far.

    Attributes
    ----------
    periods : tuple of str
        Names of the periods.
    names : mapping of str to str
        What people call rows, by ``table/id``.
    faults : list of Fault
        Why what has been gathered makes no problem.
    activities : dict of str to tuple
        Least, most and cost by period, and priority.
    entries : list of tuple
        Activity, account, delay in whole periods, and amount by period.
    ratios : dict of (str, str) to tuple
        Of an activity and its base: least and most multiple by period.
    stores : dict of str to tuple
        Account; capacity, dead, initial, final; loss and rate of loss by period.
    limits : dict of (str, str) to tuple
        Of a resource and a period or season: least, most and price below the least.
    uses : list of tuple
        Resource, period or season, activity, number of the period, weight.
    """

    periods: tuple[str, ...]
    names: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)
    activities: dict[str, tuple[Floats, Floats, Floats, int]] = field(default_factory=dict)
    entries: list[tuple[str, Account, int, Floats]] = field(default_factory=list)
    ratios: dict[tuple[str, str], tuple[Floats, Floats]] = field(default_factory=dict)
    stores: dict[str, tuple[Account, tuple[float, float, float, float], Floats, Floats]] = field(default_factory=dict)
    limits: dict[tuple[str, str], tuple[float, float, float]] = field(default_factory=dict)
    uses: list[tuple[str, str, str, int, float]] = field(default_factory=list)

    def by_period(self, value: float | Floats) -> Floats:
        """Give a value in every period."""
        values = np.empty(len(self.periods))
        values[:] = value
        return values

    def add(
        self,
        name: str,
        entries: Mapping[Account, float | Floats],
        *,
        usd: float | Floats = 0.0,
        least: float | Floats = 0.0,
        most: float | Floats = np.inf,
        priority: int = 0,
    ) -> None:
        """Add an activity that takes and brings at once."""
        self.activities[name] = (self.by_period(least), self.by_period(most), self.by_period(usd), priority)
        self.entries += [(name, account, 0, self.by_period(amount)) for account, amount in entries.items()]

    def add_surplus(self, account: Account) -> None:
        """Let what nobody wants leave an account."""
        name = f"surplus/{'/'.join(account)}"
        if name not in self.activities:
            self.add(name, {account: -1.0})

    def drop_surplus(self, account: Account) -> None:
        """Take back what `add_surplus` gave an account."""
        name = f"surplus/{'/'.join(account)}"
        if self.activities.pop(name, None) is not None:
            self.entries = [entry for entry in self.entries if entry[0] != name]

    def bring_later(self, name: str, account: Account, amount: float, delay: float) -> None:
        """Let an activity bring something after a delay in periods: its part of a period a period later still."""
        whole, part = divmod(delay, 1.0)
        for periods, share in ((int(whole), 1.0 - part), (int(whole) + 1, part)):
            if share > 0:
                self.entries.append((name, account, periods, self.by_period(amount * share)))

    def problem(self, *, cyclic: bool) -> Problem:
        """Put everything in arrays.

        Raises
        ------
        BalanceError
            If what has been gathered makes no problem, with all faults.
        """
        if self.faults:
            raise BalanceError(list(dict.fromkeys(self.faults)))
        accounts = sorted({account for _, account, _, _ in self.entries} | {row[0] for row in self.stores.values()})
        names, keys, kept = sorted(self.activities), sorted(self.limits), sorted(self.stores)
        pairs = sorted(self.ratios)
        entries = sorted(self.entries, key=lambda entry: entry[:3])
        uses = sorted(self.uses)
        account_of = {account: number for number, account in enumerate(accounts)}
        activity_of = {name: number for number, name in enumerate(names)}
        limit_of = {key: number for number, key in enumerate(keys)}
        acts = [self.activities[name] for name in names]
        stores = [self.stores[name] for name in kept]
        least, most, below = (np.array([self.limits[key][part] for key in keys], np.float64) for part in range(3))
        return Problem(
            periods=self.periods,
            accounts=tuple(accounts),
            activities=Activities(
                ids=tuple(names),
                least=self._table([row[0] for row in acts]),
                most=self._table([row[1] for row in acts]),
                usd=self._table([row[2] for row in acts]),
                priority=np.array([row[3] for row in acts], np.int64),
                activity=np.array([activity_of[entry[0]] for entry in entries], np.int64),
                account=np.array([account_of[entry[1]] for entry in entries], np.int64),
                delay=np.array([entry[2] for entry in entries], np.int64),
                amount=self._table([entry[3] for entry in entries]),
            ),
            ratios=Ratios(
                activity=np.array([activity_of[pair[0]] for pair in pairs], np.int64),
                base=np.array([activity_of[pair[1]] for pair in pairs], np.int64),
                least=self._table([self.ratios[pair][0] for pair in pairs]),
                most=self._table([self.ratios[pair][1] for pair in pairs]),
            ),
            stores=Stores(
                ids=tuple(kept),
                account=np.array([account_of[row[0]] for row in stores], np.int64),
                capacity=np.array([row[1][0] for row in stores], np.float64),
                dead=np.array([row[1][1] for row in stores], np.float64),
                initial=np.array([row[1][2] for row in stores], np.float64),
                final=np.array([row[1][3] for row in stores], np.float64),
                loss=self._table([row[2] for row in stores]),
                loss_rate=self._table([row[3] for row in stores]),
            ),
            limits=Limits(
                ids=tuple(key[0] for key in keys),
                periods=tuple(key[1] for key in keys),
                least=least,
                most=most,
                usd_below=below,
                limit=np.array([limit_of[use[:2]] for use in uses], np.int64),
                activity=np.array([activity_of[use[2]] for use in uses], np.int64),
                period=np.array([use[3] for use in uses], np.int64),
                weight=np.array([use[4] for use in uses], np.float64),
            ),
            cyclic=cyclic,
            names=self.names,
        )

    def _table(self, rows: list[Floats]) -> Floats:
        """Put rows of values by period on top of each other."""
        return np.array(rows, np.float64).reshape(len(rows), len(self.periods))
