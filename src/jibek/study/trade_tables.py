"""The stage of trade: what is traded, what a scenario makes of it, and how sure that is, as result tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from jibek.errors import TradeError
from jibek.study.trade import agree
from jibek.study.trade_costs import carried_in
from jibek.study.trade_economies import knows_growth
from jibek.study.trade_forecast import forecast, hindcast_scores, outlook, trade_hindcast
from jibek.study.trade_terms import CARRIAGE, TERMS, carriage, terms
from jibek.trade import ELASTICITY, counterfactual_draws, economies_of, matrix_of, trade_years

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from jibek.study.case import Case
    from jibek.study.trade import Agreement
    from jibek.study.trade_costs import Carried
    from jibek.trade import Interval, TradeRecords

    Floats = NDArray[np.float64]

__all__ = ["trade_tables"]

Tables = dict[str, pl.DataFrame]

TOTAL = "total"
OTHER = "other"
"""Group of trade that the demand does not carry."""

_DRAWS = 200
_NUMBER, _TEXT = pl.Float64, pl.String
_PAIRS = {
    "exporter": _TEXT,
    "importer": _TEXT,
    "group": _TEXT,
    "baseline_usd": _NUMBER,
    "baseline_low": _NUMBER,
    "baseline_high": _NUMBER,
    "counterfactual_usd": _NUMBER,
    "low": _NUMBER,
    "high": _NUMBER,
    "cost_change": _NUMBER,
    "quantity_change": _NUMBER,
    "tonnes": _NUMBER,
    "usd_factor": _NUMBER,
    "reporter": _TEXT,
    "grade": _TEXT,
    "others": _TEXT,
}
_COUNTRIES = {
    "id": _TEXT,
    "sold_at_home_usd": _NUMBER,
    "exports_usd": _NUMBER,
    "imports_usd": _NUMBER,
    "counterfactual_exports_usd": _NUMBER,
    "counterfactual_imports_usd": _NUMBER,
    "real_income_change": _NUMBER,
    "low": _NUMBER,
    "high": _NUMBER,
}
_TRACE = {
    "pass": pl.Int64,
    "step": _NUMBER,
    "largest_change": _NUMBER,
    "exporter": _TEXT,
    "importer": _TEXT,
    "trade_usd": _NUMBER,
    "trade_change": _NUMBER,
    "tonnes": _NUMBER,
    "delay_usd": _NUMBER,
    "flow_residual": _NUMBER,
}
_CERTIFICATE = {
    "year": pl.Int64,
    "matrix_year": pl.Int64,
    "converged": pl.Boolean,
    "reason": _TEXT,
    "passes": pl.Int64,
    "largest_change": _NUMBER,
    "elasticity": _NUMBER,
    "elasticity_low": _NUMBER,
    "elasticity_high": _NUMBER,
    "draws": pl.Int64,
    "clearing": _NUMBER,
    "prices": _NUMBER,
    "shares": _NUMBER,
    "imbalances": _NUMBER,
    "least_price": _NUMBER,
}
_LEFT_OUT = {"exporter": _TEXT, "importer": _TEXT, "group": _TEXT, "reason": _TEXT, "tonnes": _NUMBER}


def trade_tables(case: Case) -> Tables:
    """Say who trades what with whom, and what the scenario makes of it.

    Without a scenario there is the trade of the last year that is known, and nothing else is worked out.

    Returns
    -------
    dict of polars.DataFrame
        ``trade_pairs``
            By ``exporter, importer, group`` (``total``, each commodity of the demand, ``other`` for what it does not
            carry): ``baseline_usd`` with its range ``baseline_low, baseline_high``, ``counterfactual_usd, low, high``
            (5th and 95th percentile over elasticities, at the costs of the central one), ``cost_change,
            quantity_change`` (after over before), ``tonnes`` (of the demand, in the year of the matrix),
            ``usd_factor`` (trade over the value of the demand), ``reporter, grade, others`` (what else is counted).
            Sales at home are left out. The columns of the scenario are null without one.
        ``trade_countries``
            By ``id``: ``sold_at_home_usd, exports_usd, imports_usd, counterfactual_exports_usd,
            counterfactual_imports_usd, real_income_change`` (a fraction), ``low, high``.
        ``trade_terms``, ``trade_carriage``
            As `jibek.study.trade_terms` has them, before any scenario.
        ``trade_trace``
            As `jibek.study.trade.Agreement` has it; empty without a scenario.
        ``trade_certificate``
            One row: ``year, matrix_year, converged, reason, passes, largest_change, elasticity, elasticity_low,
            elasticity_high, draws``, then those of `jibek.trade.Certificate`.
        ``trade_left_out``
            ``exporter, importer, group, reason, tonnes``: pairs without a value, rows between no economies, goods that
            another part decides, pairs of places that lost or gained their only route.
        ``trade_forecast``, ``trade_outlook``, ``trade_hindcast``, ``trade_hindcast_scores``
            As `jibek.study.trade_forecast` has them; there are none where no trade or no growth of GDP is known.
    """
    world = case.world
    years = [year for year in trade_years(world) if year <= world.year]
    if not years:
        empty: dict[str, Mapping[str, type[pl.DataType]]] = {"pairs": _PAIRS, "countries": _COUNTRIES}
        empty |= {"terms": TERMS, "carriage": CARRIAGE, "trace": _TRACE, "certificate": _CERTIFICATE}
        tables = {f"trade_{name}": pl.DataFrame(schema=schema) for name, schema in empty.items()}
        return tables | {"trade_left_out": _nothing_known(world.year)}
    records = matrix_of(world, years[-1])
    economy = economies_of(world, years[-1])
    then = case.in_year(years[-1], as_of=case.scenario.as_of if case.scenario else None)
    carried = carried_in(then, records.matrix, economy)
    answer = agree(case, records, economy, carried) if case.scenario else None
    flows, income = _draws(case, records, answer) if answer else (None, None)
    ahead, missing = _forecasts(case, records, economy, answer)
    left_out = _left_out(case, records, carried, answer)
    return ahead | {
        "trade_pairs": _pairs(records, carried, answer, flows),
        "trade_countries": _countries(records, answer, income),
        "trade_terms": terms(world, economy),
        "trade_carriage": carriage(case.base, economy),
        "trade_trace": answer.trace if answer else pl.DataFrame(schema=_TRACE),
        "trade_certificate": _certificate(case, records, answer),
        "trade_left_out": pl.concat([left_out, _reason(missing)]) if missing else left_out,
    }


def _forecasts(
    case: Case, records: TradeRecords, economy: dict[str, str], answer: Agreement | None
) -> tuple[Tables, str]:
    """Look ahead from the last matrix, and back at forecasts of the past; say why if that is impossible."""
    world = case.world
    if not knows_growth(world, economy):
        return {}, "no growth of GDP is known: no forecast"
    try:
        forecasts = forecast(world, records, economy, answer)
        looked_back = trade_hindcast(world)
    except TradeError as error:
        return {}, f"no forecast: {error.faults[0]}"
    return {
        "trade_forecast": forecasts,
        "trade_outlook": outlook(world, forecasts, economy),
        "trade_hindcast": looked_back,
        "trade_hindcast_scores": hindcast_scores(looked_back, seed=case.seed),
    }, ""


def _nothing_known(year: int) -> pl.DataFrame:
    return _reason(f"the table trade has no sales at home in {year} or before")


def _reason(reason: str) -> pl.DataFrame:
    """Say in a row why something is missing altogether."""
    return pl.DataFrame([(None, None, TOTAL, reason, None)], schema=_LEFT_OUT, orient="row")


def _draws(case: Case, records: TradeRecords, answer: Agreement) -> tuple[Interval, Interval]:
    """Repeat the last pass of trade under other elasticities, drawn triangularly from their range."""
    generator = np.random.default_rng(case.seed)
    elasticities = generator.triangular(ELASTICITY.low, ELASTICITY.value, ELASTICITY.high, _DRAWS)
    return counterfactual_draws(records.matrix, elasticities, lambda _: answer.cost_change)


def _pairs(records: TradeRecords, carried: Carried, answer: Agreement | None, flows: Interval | None) -> pl.DataFrame:
    """Write pairs of economies, in total and by what the demand carries between them."""
    before = records.matrix.flows
    n = len(before)
    with np.errstate(invalid="ignore"):
        columns: dict[str, Floats] = {
            "counterfactual_usd": answer.after.flows if answer else np.full((n, n), np.nan),
            "low": flows.low * before if flows else np.full((n, n), np.nan),
            "high": flows.high * before if flows else np.full((n, n), np.nan),
            "cost_change": answer.cost_change if answer else np.full((n, n), np.nan),
            "quantity_change": answer.quantity_change if answer else np.full((n, n), np.nan),
            "usd_factor": carried.factor,
            "share": carried.share,
        }
    names = pl.Series(records.matrix.countries)
    ends = np.indices((n, n)).reshape(2, -1)
    found = pl.DataFrame(
        {"exporter": names.gather(ends[0]), "importer": names.gather(ends[1])}
        | {name: values.ravel() for name, values in columns.items()}
    ).with_columns(pl.selectors.float().fill_nan(None))
    cells = records.cells.select(
        *("exporter", "importer", "reporter", "grade", "others"),
        *(pl.col("usd").alias("baseline_usd"), pl.col("low").alias("baseline_low")),
        pl.col("high").alias("baseline_high"),
    )
    key = ["exporter", "importer"]
    pairs = cells.join(found, on=key).filter(pl.col("exporter") != pl.col("importer"))
    weights = carried.goods.group_by(key).agg(pl.col("tonnes").sum())
    total = pairs.join(weights, on=key, how="left").with_columns(group=pl.lit(TOTAL))
    parts = pairs.join(_parts(carried.goods, pairs.select(*key, "share")), on=key, how="inner").filter(
        pl.col("of_pair") > 0
    )
    amounts = ("baseline_usd", "baseline_low", "baseline_high", "counterfactual_usd", "low", "high")
    parts = parts.with_columns(pl.col(amounts) * pl.col("of_pair"))
    return pl.concat([total.select(_PAIRS), parts.select(_PAIRS)]).sort("exporter", "importer", "group")


def _parts(goods: pl.DataFrame, share: pl.DataFrame) -> pl.DataFrame:
    """Give what part of a pair's trade each group of goods is, ``of_pair``: those of the demand, and all else."""
    key = ["exporter", "importer"]
    of_demand = pl.col("usd") / pl.col("usd").sum().over(key)
    carried = goods.join(share, on=key).select(
        *key, pl.col("commodity").alias("group"), "tonnes", of_pair=of_demand * pl.col("share")
    )
    rest = share.filter((pl.col("share") > 0) & (pl.col("share") < 1)).select(
        *key,
        pl.lit(OTHER).alias("group"),
        pl.lit(None, dtype=pl.Float64).alias("tonnes"),
        of_pair=1 - pl.col("share"),
    )
    return pl.concat([carried, rest])


def _countries(records: TradeRecords, answer: Agreement | None, income: Interval | None) -> pl.DataFrame:
    flows = records.matrix.flows
    after = answer.after.flows if answer else np.full_like(flows, np.nan)
    nothing = np.full(len(flows), np.nan)
    frame = pl.DataFrame(
        {
            "id": records.matrix.countries,
            "sold_at_home_usd": flows.diagonal(),
            "exports_usd": flows.sum(axis=1) - flows.diagonal(),
            "imports_usd": flows.sum(axis=0) - flows.diagonal(),
            "counterfactual_exports_usd": after.sum(axis=1) - after.diagonal(),
            "counterfactual_imports_usd": after.sum(axis=0) - after.diagonal(),
            "real_income_change": answer.after.real_income_change - 1 if answer else nothing,
            "low": income.low - 1 if income else nothing,
            "high": income.high - 1 if income else nothing,
        },
        schema=_COUNTRIES,
    )
    return frame.with_columns(pl.selectors.float().fill_nan(None))


def _certificate(case: Case, records: TradeRecords, answer: Agreement | None) -> pl.DataFrame:
    row: dict[str, object] = {"year": case.world.year, "matrix_year": records.year}
    row |= {"elasticity": ELASTICITY.value, "elasticity_low": ELASTICITY.low, "elasticity_high": ELASTICITY.high}
    if answer:
        last = answer.trace.row(-1, named=True)
        certificate = answer.after.certificate
        row |= {"converged": answer.converged, "reason": answer.reason, "draws": _DRAWS}
        row |= {"passes": last["pass"], "largest_change": last["largest_change"]}
        row |= {
            name: getattr(certificate, name) for name in ("clearing", "prices", "shares", "imbalances", "least_price")
        }
    return pl.DataFrame([row], schema=_CERTIFICATE)


def _left_out(case: Case, records: TradeRecords, carried: Carried, answer: Agreement | None) -> pl.DataFrame:
    """Name what stands in no figure of the stage."""
    unknown = records.left_out.with_columns(group=pl.lit(TOTAL), tonnes=pl.lit(None, dtype=pl.Float64))
    unvalued = carried.goods.join(
        records.cells.filter(pl.col("usd") > 0).select("exporter", "importer"), on=["exporter", "importer"], how="anti"
    ).select(
        *("exporter", "importer", pl.col("commodity").alias("group")),
        pl.lit("demand between economies without a value of trade").alias("reason"),
        "tonnes",
    )
    elsewhere = (
        case.world["commodities"]
        .filter(pl.col("decided_by") == "balances")
        .select(
            *(pl.lit(None, dtype=pl.String).alias(end) for end in ("exporter", "importer")),
            pl.col("id").alias("group"),
            pl.lit("left to balances: no change of cost").alias("reason"),
            pl.lit(None, dtype=pl.Float64).alias("tonnes"),
        )
    )
    parts = [unknown, unvalued, elsewhere]
    if answer:
        lost = (
            pl.when(pl.col("change") == "lost")
            .then(pl.lit("the last route is lost"))
            .otherwise(pl.lit("the first route is gained"))
        )
        parts.append(
            answer.incomparable.select(
                "exporter", "importer", pl.col("commodity").alias("group"), lost.alias("reason"), "tonnes"
            )
        )
    return pl.concat([part.select(_LEFT_OUT) for part in parts]).sort("exporter", "importer", "group", nulls_last=True)
