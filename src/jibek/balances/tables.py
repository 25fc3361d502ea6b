"""A balance as tables: what is done, what is kept, who runs short, what it costs there, and what binds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from jibek.balances.solution import Balance

__all__ = ["binding", "flows", "prices", "shortages", "stocks"]

_NOTHING = 1e-9  # relative: rounding of the solver


def flows(found: Balance) -> pl.DataFrame:
    """List what is done: ``activity, period, level``, in the order of names and periods; nothing done is left out."""
    at, period = np.nonzero(np.abs(found.level) > _NOTHING)
    return pl.DataFrame(
        {
            "activity": [found.problem.activities.ids[number] for number in at],
            "period": [found.problem.periods[number] for number in period],
            "level": found.level[at, period],
        },
        schema={"activity": pl.String, "period": pl.String, "level": pl.Float64},
    )


def stocks(found: Balance) -> pl.DataFrame:
    """List contents at the end of periods: ``store, period, content``."""
    ids = found.problem.stores.ids
    return pl.DataFrame(
        {
            "store": np.repeat(np.array(ids, dtype=str), found.problem.n_periods),
            "period": list(found.problem.periods) * len(ids),
            "content": found.content.ravel(),
        },
        schema={"store": pl.String, "period": pl.String, "content": pl.Float64},
    )


def shortages(found: Balance) -> pl.DataFrame:
    """List needs that get less than they want: ``need, period, wanted, delivered, short, usd``, the dearest first.

    ``usd`` is what a unit would have been worth times what is short. Needs are the activities with a priority.
    """
    acts = found.problem.activities
    short = np.where(acts.priority[:, None] > 0, acts.most - found.level, 0.0)
    at, period = np.nonzero(short > _NOTHING * np.maximum(acts.most, 1.0))
    table = pl.DataFrame(
        {
            "need": [acts.ids[number] for number in at],
            "period": [found.problem.periods[number] for number in period],
            "wanted": acts.most[at, period],
            "delivered": found.level[at, period],
            "short": short[at, period],
            "usd": (-acts.usd * short)[at, period],
        },
        schema={"need": pl.String, "period": pl.String}
        | dict.fromkeys(("wanted", "delivered", "short", "usd"), pl.Float64),
    )
    return table.sort("usd", "need", "period", descending=[True, False, False])


def prices(found: Balance) -> pl.DataFrame:
    """List local prices: ``place, commodity, period, usd``, what one more unit there and then would save."""
    accounts, n = found.problem.accounts, found.problem.n_periods
    return pl.DataFrame(
        {
            "place": [place for place, _ in accounts for _ in range(n)],
            "commodity": [commodity for _, commodity in accounts for _ in range(n)],
            "period": list(found.problem.periods) * len(accounts),
            "usd": found.price.ravel(),
        },
        schema={"place": pl.String, "commodity": pl.String, "period": pl.String, "usd": pl.Float64},
    )


def binding(found: Balance) -> pl.DataFrame:
    """List limits that bind: ``resource, period, use, most, usd``, in order of the worth of one more unit.

    A worth below 0 is a least use that binds: what one unit less of it would save. Without foresight there is none.
    """
    limits = found.problem.limits
    dear = np.abs(found.worth) > _NOTHING * max(float(np.nanmax(np.abs(found.worth), initial=0.0)), 1.0)
    at = np.flatnonzero(dear)
    table = pl.DataFrame(
        {
            "resource": [limits.ids[number] for number in at],
            "period": [limits.periods[number] for number in at],
            "use": found.use[at],
            "most": limits.most[at],
            "usd": found.worth[at],
        },
        schema={"resource": pl.String, "period": pl.String} | dict.fromkeys(("use", "most", "usd"), pl.Float64),
    )
    return table.sort(pl.col("usd").abs(), "resource", "period", descending=[True, False, False])
