"""Structural gravity estimated: what raises trade and what hinders it, by Poisson pseudo-maximum likelihood."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import Fault, TradeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Gravity", "estimate_gravity"]

_NAMES = (pl.String, pl.Categorical, pl.Enum)


@dataclass(frozen=True)
class Gravity:
    """Estimates of a gravity equation.

    Attributes
    ----------
    terms : tuple of str
        Columns whose effect is estimated.
    coefficient, error : float64 arrays, shape (n_terms,)
        Effect on the logarithm of trade, and its standard error.
    fitted : float64 array, shape (n_rows,)
        Expected trade of each row that was given; NaN where a row is left out.
    left_out : polars.DataFrame
        Rows that say nothing, as they were given: an exporter, importer or pair without any trade.
    """

    terms: tuple[str, ...]
    coefficient: Floats
    error: Floats
    fitted: Floats
    left_out: pl.DataFrame


def estimate_gravity(
    rows: pl.DataFrame, terms: Sequence[str], effects: Sequence[str], *, cluster: str | None = None
) -> Gravity:
    """Estimate ``trade = exp(terms @ coefficient + effects)`` (Santos Silva and Tenreyro 2006, The Log of Gravity).

    Parameters
    ----------
    rows
        One row a flow: ``trade``, the terms, and the columns that name effects and clusters.
    terms
        Columns of numbers.
    effects
        Columns of names, each value of which has an effect of its own; ``exporter^year`` for one of each combination.
    cluster
        Column of names within which errors may move together; errors are robust to heteroskedasticity if None. No
        correction is made for the number of coefficients, as in Yotov, Piermartini, Monteiro and Larch 2016.

    Raises
    ------
    TradeError
        If a column is missing, a number is none or a flow is negative; also if pyfixest is not installed.
    """
    _check(rows, terms, effects, cluster)
    try:
        import pandas as pd  # noqa: PLC0415 - comes with pyfixest
        import pyfixest as pf  # noqa: PLC0415 - an extra, needed for estimates alone
    except ImportError as error:
        remedy = "Install the extra: pip install jibek[trade]."
        raise TradeError([Fault("fault", "gravity", "", "", "no pyfixest", "the library", remedy)]) from error
    frame = pd.DataFrame(
        {
            column: rows[column].cast(pl.String).to_list() if rows[column].dtype in _NAMES else rows[column].to_numpy()
            for column in rows.columns
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rows that are left out stand in the result
        fit = pf.fepois(
            f"trade ~ {' + '.join(terms)} | {' + '.join(effects)}",
            data=frame,
            vcov="hetero" if cluster is None else {"CRV1": cluster},
            ssc=pf.ssc(k_adj=False, G_adj=True),
            fixef_rm="singleton",
        )
    used = np.zeros(rows.height, np.bool_)
    used[fit._data.index.to_numpy()] = True  # noqa: SLF001 - na_index names the separated rows, but no singletons
    fitted = np.full(rows.height, np.nan)
    fitted[used] = fit.predict(type="response")
    return Gravity(
        terms=tuple(terms),
        coefficient=fit.coef()[list(terms)].to_numpy(),
        error=fit.se()[list(terms)].to_numpy(),
        fitted=fitted,
        left_out=rows.filter(~pl.Series(used)),
    )


def _check(rows: pl.DataFrame, terms: Sequence[str], effects: Sequence[str], cluster: str | None) -> None:
    """Look at what is to be estimated from."""
    named = {part for effect in effects for part in effect.split("^")} | ({cluster} if cluster else set())
    missing = sorted({"trade", *terms, *named} - set(rows.columns))
    faults = [
        Fault("fault", "gravity", "", column, "no such column", ", ".join(rows.columns), "Add it or name another.")
        for column in missing
    ]
    for column in ("trade", *terms):
        if column in missing:
            continue
        values = rows[column].cast(pl.Float64, strict=False)
        bad = values.is_null() | ~values.is_finite() | ((values < 0) if column == "trade" else pl.Series([False]))
        for number in bad.fill_null(value=True).arg_true().to_list():
            expected = "a number not below 0" if column == "trade" else "a number"
            found = str(rows[column][number])
            faults.append(Fault("fault", "gravity", f"row {number + 1}", column, found, expected, "Correct the value."))
    if faults:
        raise TradeError(faults)
