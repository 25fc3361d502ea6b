"""Who gains and who loses from one run's balances to another's: needs by place over the year, contents of stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["compare_needs", "compare_stocks"]


def compare_needs(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Set what each place wants, gets and lacks in two runs side by side.

    Parameters
    ----------
    before, after
        Result tables of the stage of balances.

    Returns
    -------
    polars.DataFrame
        ``system, place, commodity, unit``, then ``wanted, delivered, short, usd`` (what the missing quantity would have
        been worth), each ``_before`` and ``_after``, sums over the year, 0 where a run has no such need. Who loses most
        money comes first.
    """
    key = ["system", "place", "commodity", "unit"]
    names = ["wanted", "delivered", "short", "usd"]
    sums = [run["balance_needs"].group_by(key).agg(pl.col(names).sum()) for run in (before, after)]
    return _side_by_side(sums, key, names).sort(
        pl.col("usd_after") - pl.col("usd_before"), *key, descending=[True, *(False for _ in key)]
    )


def compare_stocks(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Set the least, the mean and the last content of each store in two runs side by side.

    Parameters
    ----------
    before, after
        Result tables of the stage of balances.

    Returns
    -------
    polars.DataFrame
        ``system, store, place, commodity, unit``, then ``least, mean, last``, each ``_before`` and ``_after``, in the
        order of stores; null where a run has no such store.
    """
    key = ["system", "store", "place", "commodity", "unit"]
    content = pl.col("content").sort_by("period")
    told = {"least": content.min(), "mean": content.mean(), "last": content.last()}
    both = [run["balance_stocks"].group_by(key).agg(**told) for run in (before, after)]
    return _side_by_side(both, key, list(told), missing=None).sort("store")


def _side_by_side(
    both: Sequence[pl.DataFrame], key: list[str], names: list[str], *, missing: float | None = 0.0
) -> pl.DataFrame:
    """Join two tables by their key, with ``_before`` and ``_after`` behind the names of what they tell."""
    first, second = (
        table.rename({name: f"{name}_{when}" for name in names})
        for table, when in zip(both, ("before", "after"), strict=True)
    )
    told = [f"{name}_{when}" for name in names for when in ("before", "after")]
    joined = first.join(second, on=key, how="full", coalesce=True).select(*key, *told)
    return joined if missing is None else joined.with_columns(pl.col(told).fill_null(missing))
