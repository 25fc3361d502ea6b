"""Results of balances as tables: in names, units and periods that a reader knows, from the arrays of the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek import balances
from jibek.corridor import leaves
from jibek.study.relief import capacities_ahead, relieved_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jibek.balances import Balance, Growth, System
    from jibek.corridor import Corridor
    from jibek.errors import Fault

__all__ = [
    "balance_sheet",
    "binding",
    "carried",
    "fault_rows",
    "growth",
    "needs",
    "passes",
    "prices",
    "solution",
    "stocks",
    "systems_of",
]

Pass = tuple[int, int, int, float | None, float]

_NOTHING = 1e-9  # of what is wanted: rounding of the solver
_NAMES = {"m3": "million m3", "MWh": "GWh"}


def systems_of(world: Corridor) -> dict[str, str]:
    """Give the system of each commodity that is balanced."""
    system = dict(world["commodities"].select("id", "system").iter_rows())
    return {each: system[each] for each in leaves(world["commodities"]) if system[each] is not None}


def balance_sheet(world: Corridor, system: System, found: Balance) -> pl.DataFrame:
    """Take a balance apart: what each activity brings to a place (+) or takes there (-), and in which period.

    Returns
    -------
    polars.DataFrame
        ``system, kind, id, direction, place, commodity, period, quantity, unit``, sorted.
    """
    problem, acts = found.problem, found.problem.activities
    quantity = acts.amount * found.level[acts.activity]
    entry, leaves_in = np.nonzero(quantity)
    period = leaves_in + acts.delay[entry]
    names = [acts.ids[number].split("/") for number in acts.activity[entry]]
    places = [problem.accounts[number] for number in acts.account[entry]]
    table = pl.DataFrame(
        {
            "kind": [name[0] for name in names],
            "id": [name[1] for name in names],
            "direction": [name[2] if name[0] in {"links", "terminals"} else None for name in names],
            "place": [place.split("/")[0] for place, _ in places],
            "commodity": [commodity for _, commodity in places],
            "number": period % problem.n_periods,
            "quantity": quantity[entry, leaves_in],
        },
        schema_overrides=dict.fromkeys(("kind", "id", "direction", "place", "commodity"), pl.String),
    )
    key = ("system", "kind", "id", "direction", "place", "commodity", "number", "unit")
    return (
        table.join(_unit_of(world, system), on="commodity")
        .group_by(key)
        .agg(comes=pl.col("quantity").clip(0).sum(), goes=pl.col("quantity").clip(None, 0).sum())
        .unpivot(["comes", "goes"], index=key, value_name="quantity")
        .filter(pl.col("quantity") != 0)
        .sort(*key, "quantity")
        .select(
            *key[:6],
            pl.col("number").replace_strict(dict(enumerate(problem.periods)), return_dtype=pl.String).alias("period"),
            *("quantity", "unit"),
        )
    )


def carried(world: Corridor, found: Balance, sheet: pl.DataFrame) -> pl.DataFrame:
    """List what links and terminals carry, from a balance and its sheet.

    Returns
    -------
    polars.DataFrame
        ``system, kind, id, direction, from_place, to_place, mode, commodity, period, quantity, unit, load_share``:
        what enters, and how full the fullest resource is that it uses.
    """
    links = world["links"].select("id", "from_place", "to_place", "mode", kind=pl.lit("links"))
    changes = world["terminals"].select(
        "id", from_place="place", to_place="place", mode="from_mode", kind=pl.lit("terminals")
    )
    turned = pl.col("direction") == "backward"
    key = ("kind", "id", "direction", "commodity", "period")
    return (
        sheet.filter(pl.col("kind").is_in(["links", "terminals"]) & (pl.col("quantity") < 0))
        .join(pl.concat([links, changes]), on=["kind", "id"], how="left")
        .join(_loads(found), on=key, how="left")
        .select(
            *("system", "kind", "id", "direction"),
            from_place=pl.when(turned).then("to_place").otherwise("from_place"),
            to_place=pl.when(turned).then("from_place").otherwise("to_place"),
            mode="mode",
            commodity="commodity",
            period="period",
            quantity=-pl.col("quantity"),
            unit="unit",
            load_share="load_share",
        )
        .sort(key)
    )


def _loads(found: Balance) -> pl.DataFrame:
    """Say how full the fullest limit is that a link or terminal uses."""
    acts, limits = found.problem.activities, found.problem.limits
    share = np.divide(found.use, limits.most, out=np.ones_like(found.use), where=limits.most > 0)
    names = [acts.ids[number].split("/") for number in limits.activity]
    ways = [number for number, name in enumerate(names) if name[0] in {"links", "terminals"}]
    columns = {
        part: [names[number][place] for number in ways]
        for place, part in enumerate(("kind", "id", "direction", "commodity"))
    }
    rows = pl.DataFrame(
        columns | {"number": limits.period[ways], "load_share": share[limits.limit[ways]]},
        schema_overrides=dict.fromkeys(columns, pl.String),
    )
    period = pl.col("number").replace_strict(dict(enumerate(found.problem.periods)), return_dtype=pl.String)
    return rows.group_by(*columns, period=period).agg(pl.col("load_share").max())


def _unit_of(world: Corridor, system: System) -> pl.DataFrame:
    """Name the system of each commodity that is balanced here, and the unit that its quantities have."""
    rows = [
        (each, of, _NAMES[unit] if system.scale[each] != 1 else unit)
        for each, of in systems_of(world).items()
        if each in system.scale
        for unit in world["commodities"].filter(id=each)["unit"]
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("commodity", "system", "unit"), pl.String), orient="row")


def needs(world: Corridor, system: System, found: Balance) -> pl.DataFrame:
    """List needs and markets by period.

    Returns
    -------
    polars.DataFrame
        ``system, need, place, commodity, priority, period, wanted, delivered, short, usd, unit``; ``usd`` is what the
        missing quantity would have been worth. A priority of 0 is a market, which is never short.
    """
    acts, periods = found.problem.activities, found.problem.periods
    rows = [number for number, name in enumerate(acts.ids) if name.startswith("needs/")]
    wanted, came = acts.most[rows], found.level[rows]
    short = np.where(acts.priority[rows][:, None] > 0, np.maximum(wanted - came, 0.0), 0.0)
    short = np.where(short > _NOTHING * np.maximum(wanted, 1.0), short, 0.0)
    n = len(periods)
    table = pl.DataFrame(
        {
            "need": np.repeat(np.array([acts.ids[row].split("/")[1] for row in rows], dtype=str), n),
            "priority": np.repeat(acts.priority[rows], n),
            "period": list(periods) * len(rows),
            "wanted": wanted.ravel(),
            "delivered": came.ravel(),
            "short": short.ravel(),
            "usd": (-acts.usd[rows] * short).ravel(),
        },
        schema_overrides={"need": pl.String, "period": pl.String},
    )
    return (
        table.join(world["needs"].select("id", "place", "commodity"), left_on="need", right_on="id")
        .join(_unit_of(world, system), on="commodity")
        .select(
            *("system", "need", "place", "commodity", "priority", "period", "wanted", "delivered", "short", "usd"),
            "unit",
        )
        .sort("need", "period")
    )


def stocks(world: Corridor, system: System, found: Balance) -> pl.DataFrame:
    """List contents at the end of periods.

    Returns
    -------
    polars.DataFrame
        ``system, store, place, commodity, period, content, dead, capacity, unit``.
    """
    return (
        balances.stocks(found)
        .with_columns(pl.col("store").str.strip_prefix("stores/"))
        .join(world["stores"].select("id", "place", "commodity", "dead", "capacity"), left_on="store", right_on="id")
        .join(_unit_of(world, system), on="commodity")
        .select("system", "store", "place", "commodity", "period", "content", "dead", "capacity", "unit")
        .sort("store", "period")
    )


def prices(world: Corridor, system: System, found: Balance) -> pl.DataFrame:
    """List what one more unit would save: ``system, place, commodity, period, usd_per_unit``."""
    scale = pl.DataFrame(
        {"commodity": list(system.scale), "scale": list(system.scale.values())},
        schema={"commodity": pl.String, "scale": pl.Float64},
    )
    return (
        balances.prices(found)
        .filter(~pl.col("place").str.contains("/"))
        .join(_unit_of(world, system), on="commodity")
        .join(scale, on="commodity")
        .select("system", "place", "commodity", "period", usd_per_unit=pl.col("usd") / pl.col("scale"))
        .sort("commodity", "place", "period")
    )


def _of_limits(world: Corridor, system: System) -> pl.DataFrame:
    """Say in which systems each limit is, and for which goods: ``limit, system, commodities``.

    A turbine's is in that of power and in that of water.
    """
    problem, of = system.problem, systems_of(world)
    acts, limits = problem.activities, problem.limits
    goods: dict[int, set[str]] = {}
    for activity, account in zip(acts.activity.tolist(), acts.account.tolist(), strict=True):
        goods.setdefault(activity, set()).update({problem.accounts[account][1]} & of.keys())
    rows = {
        (limits.ids[limit], of[each], each)
        for limit, activity in zip(limits.limit.tolist(), limits.activity.tolist(), strict=True)
        for each in goods.get(activity, ())
    }
    table = pl.DataFrame(sorted(rows), schema=dict.fromkeys(("limit", "system", "commodity"), pl.String), orient="row")
    return table.group_by("limit", "system", maintain_order=True).agg(commodities=pl.col("commodity"))


def _named(world: Corridor, table: pl.DataFrame) -> pl.DataFrame:
    """Add what tables tell of the resource of each limit; a limit of one member is named by it too."""
    told = world["resources"].select("id", "name", "kind", "unit", "grade")
    return table.with_columns(resource=pl.col("limit").str.split("/").list.first()).join(
        told, left_on="resource", right_on="id", how="left"
    )


def binding(world: Corridor, system: System, found: Balance) -> pl.DataFrame:
    """List limits that bind, the dearest first.

    Returns
    -------
    polars.DataFrame
        ``system, commodities, limit, resource, name, kind, unit, period, use, most, usd_per_unit, usd, grade,
        relieved_by``; ``usd`` is the worth of one per cent more in that period.
    """
    dear = balances.binding(found).rename({"resource": "limit", "usd": "usd_per_unit"})
    return (
        _named(world, dear.join(_of_limits(world, system), on="limit"))
        .join(relieved_by(world), left_on="resource", right_on="id", how="left")
        .with_columns(usd=pl.col("usd_per_unit") * pl.col("most") / 100)
        .select(
            *("system", "commodities", "limit", "resource", "name", "kind", "unit", "period", "use", "most"),
            *("usd_per_unit", "usd", "grade", "relieved_by"),
        )
        .sort(pl.col("usd").abs(), "system", "limit", "period", descending=[True, False, False, False])
    )


def growth(world: Corridor, system: System, growth: Growth) -> pl.DataFrame:
    """List limits that would have to grow to serve all that room can serve.

    Returns
    -------
    polars.DataFrame
        ``system, limit, resource, name, kind, unit, per, capacity, needed, share, announced, projects, suffices``, the
        greatest share first; capacities as the table has them, ``announced`` the most that projects ahead would make.
    """
    shares = pl.DataFrame(
        {"limit": list(growth.share), "share": list(growth.share.values())},
        schema={"limit": pl.String, "share": pl.Float64},
    ).filter(pl.col("share") > _NOTHING)
    ahead = (
        capacities_ahead(world).group_by("resource").agg(announced=pl.col("capacity").max(), projects=pl.col("project"))
    )
    told = world["resources"].select(
        resource="id", per="per", capacity="capacity", background=pl.col("background").fill_null(0.0)
    )
    usable = pl.col("capacity") - pl.col("background")
    return (
        _named(world, shares.join(_of_limits(world, system), on="limit"))
        .join(told, on="resource")
        .join(ahead, on="resource", how="left")
        .with_columns(needed=pl.col("background") + usable * (1 + pl.col("share")))
        .select(
            *("system", "limit", "resource", "name", "kind", "unit", "per", "capacity", "needed", "share", "announced"),
            "projects",
            suffices=(pl.col("announced") >= pl.col("needed")).fill_null(value=False),
        )
        .sort("share", "system", "limit", descending=[True, False, False])
    )


def solution(found: Balance, year: int) -> pl.DataFrame:
    """Say what was solved and how well: ``status, year`` (of supplies and needs), sizes, and the certificate."""
    problem, certificate = found.problem, found.certificate
    return pl.DataFrame(
        {
            "status": ["optimal"],
            "year": [year],
            "periods": [problem.n_periods],
            "accounts": [len(problem.accounts)],
            "activities": [len(problem.activities.ids)],
            "limits": [len(problem.limits.ids)],
            "usd": [found.usd],
            "imbalance": [certificate.imbalance],
            "excess": [certificate.excess],
            "gap": [certificate.gap],
        }
    )


def passes(rows: Iterable[Pass]) -> pl.DataFrame:
    """List how flows and balances came to agree.

    Returns
    -------
    polars.DataFrame
        ``pass, limits`` (of the balances that flows narrow), ``loaded`` (resources of flows that balances load),
        ``largest_change`` (of what flows take of a limit against the pass before, as a share of its capacity), ``usd``
        (cost of the balances).
    """
    schema = {"pass": pl.Int64, "limits": pl.Int64, "loaded": pl.Int64, "largest_change": pl.Float64, "usd": pl.Float64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def fault_rows(faults: Iterable[Fault]) -> pl.DataFrame:
    """List what is at odds: ``table, row, column, value, expected, remedy``."""
    names = ("table", "row", "column", "value", "expected", "remedy")
    rows = [tuple(getattr(fault, name) for name in names) for fault in faults]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
