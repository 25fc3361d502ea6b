"""Who sells what to whom: matrices of trade with the sales within each country, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jibek.errors import Fault, TradeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["TradeMatrix", "pair_faults"]


@dataclass(frozen=True)
class TradeMatrix:
    """Trade between some countries in one year, and what each sells at home.

    Attributes
    ----------
    countries : tuple of str, length n
        Their codes.
    flows : float64 array, shape (n, n)
        What the country of the row sells to that of the column, in one currency; at home on the diagonal.

    Raises
    ------
    TradeError
        If the matrix is not square, a country is named twice, a flow is negative or no number, or a country sells
        nothing at home: all faults at once.
    """

    countries: tuple[str, ...]
    flows: Floats

    def __post_init__(self) -> None:
        n = len(self.countries)
        if self.flows.shape != (n, n):
            shape = " by ".join(map(str, self.flows.shape))
            remedy = "Give every country one row and one column."
            raise TradeError([Fault("fault", "trade", "", "flows", shape, f"{n} by {n}", remedy)])
        faults = [
            *_repeated(self.countries),
            *pair_faults("flows", self.countries, self.flows, self.flows >= 0, "a number not below 0"),
            *self._without_sales_at_home(),
        ]
        if faults:
            raise TradeError(faults)

    @property
    def output(self) -> Floats:
        """Sales of each country, those at home included, shape (n,)."""
        sales: Floats = self.flows.sum(axis=1)
        return sales

    @property
    def expenditure(self) -> Floats:
        """Purchases of each country, shape (n,)."""
        purchases: Floats = self.flows.sum(axis=0)
        return purchases

    @property
    def shares(self) -> Floats:
        """Share of the exporter of each row in what the country of each column buys, shape (n, n)."""
        shares: Floats = self.flows / self.expenditure
        return shares

    def _without_sales_at_home(self) -> Iterator[Fault]:
        """Name the countries that sell nothing at home: their prices would follow from abroad alone."""
        remedy = "Add what it makes less what it exports; a country that makes nothing takes part in no equilibrium."
        for number in np.flatnonzero(self.flows.diagonal() == 0):
            code = self.countries[number]
            yield Fault("fault", "trade", f"{code} to {code}", "flows", "0.0", "sales at home above 0", remedy)


def pair_faults(
    column: str, countries: tuple[str, ...], values: Floats, valid: NDArray[np.bool_], expected: str
) -> Iterator[Fault]:
    """Name the pairs whose value is not valid or not finite; arrays have the shape (n, n)."""
    for row, number in np.argwhere(~(valid & np.isfinite(values))):
        pair = f"{countries[row]} to {countries[number]}"
        yield Fault("fault", "trade", pair, column, str(values[row, number]), expected, "Correct the value.")


def _repeated(countries: tuple[str, ...]) -> Iterator[Fault]:
    for code in sorted({code for code in countries if countries.count(code) > 1}):
        remedy = "Add up its rows, or take one of them out."
        yield Fault("fault", "trade", code, "countries", f"{countries.count(code)} times", "each country once", remedy)
