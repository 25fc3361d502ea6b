"""Rows of the table ``trade`` that nobody counted follow the rules of `docs/explanation/estimates.md`."""

from __future__ import annotations

import polars as pl
import pytest

from jibek import Corridor
from jibek.trade import economies_of, matrix_of

ROUNDED = 6e-4  # values are written to four digits, the last one rounded
IN_NOTES = 0.011  # the notes print the factors to two or three digits


def observed(corridor: Corridor, prefix: str, year: int) -> dict[str, float]:
    """Yearly values of a kind of series in USD, by country."""
    series = corridor["series"].filter(pl.col("id") == prefix + pl.col("scope_id").str.to_lowercase())
    rows = corridor["observations"].filter(year=year, from_month=1, to_month=12)
    joined = rows.join(series.select("id", "scope_id"), left_on="series", right_on="id")
    return {country: 1e9 * value for country, value in joined.select("scope_id", "value").iter_rows()}


def rows_by(corridor: Corridor, rule: str) -> pl.DataFrame:
    return corridor["trade"].filter(pl.col("source").list.contains(rule))


def gdp_of(corridor: Corridor, year: int) -> dict[str, float]:
    """GDP by economy, of the members that are known."""
    sums: dict[str, float] = {}
    economy = economies_of(corridor, 2023)
    for country, usd in observed(corridor, "gdp-current-", year).items():
        if country in economy:
            sums[economy[country]] = sums.get(economy[country], 0.0) + usd
    return sums


@pytest.mark.parametrize("year", [2019, 2023])
def test_sales_at_home_are_output_less_exports_or_a_share_of_gdp(corridor: Corridor, year: int) -> None:
    economy = economies_of(corridor, year)
    gdp, then = observed(corridor, "gdp-current-", year), observed(corridor, "gdp-current-", 2022)
    output: dict[str, float] = {}
    for country, usd in observed(corridor, "gross-output-goods-", 2022).items():
        if country in gdp and country in economy:
            output[economy[country]] = output.get(economy[country], 0.0) + usd * gdp[country] / then[country]
    matrix = matrix_of(corridor, year).matrix
    exports = dict(zip(matrix.countries, (matrix.output - matrix.flows.diagonal()).tolist(), strict=True))
    rows = rows_by(corridor, "rule-trade-domestic-sales").filter(year=year)
    assert rows.height == 27
    kinds = set()
    for row in rows.iter_rows(named=True):
        code = row["exporter"]
        if row["reporter"] == "OECD-ICIO":
            kinds.add("output")
            assert row["usd"] == pytest.approx(output[code] - exports[code], rel=2e-3), code
        elif row["note"].endswith("of GDP"):
            kinds.add("gdp")
            assert row["usd"] == pytest.approx(0.50 * gdp[code], rel=IN_NOTES), code
        else:
            kinds.add("exports")
            assert row["usd"] == pytest.approx(3.67 * exports[code], rel=IN_NOTES), code
    assert kinds == {"output", "gdp", "exports"}


def test_what_is_carried_on_grows_with_the_gdp_of_the_importer(corridor: Corridor) -> None:
    rows = rows_by(corridor, "rule-trade-carried-on")
    assert set(rows["importer"]) <= {"RUS", "BLR", "IRN", "MNG", "TJK", "AFG"}
    before, gdp = matrix_of(corridor, 2019).matrix, [gdp_of(corridor, year) for year in (2019, 2023)]
    at = {code: row for row, code in enumerate(before.countries)}
    for exporter, importer, usd in rows.select("exporter", "importer", "usd").iter_rows():
        expected = before.flows[at[exporter], at[importer]] * gdp[1][importer] / gdp[0][importer]
        assert usd == pytest.approx(expected, rel=ROUNDED), (exporter, importer)


def test_every_estimated_cell_has_a_range_that_holds_it(corridor: Corridor) -> None:
    rows = corridor["trade"].filter(pl.col("reporter") == "estimate", pl.col("year").is_in([2019, 2023]))
    key = pl.concat_str(["reporter", "exporter", "importer", "group", "year"], separator="/")
    ranges = corridor["evidence"].filter(table="trade", column="usd").select("id", "low", "high")
    joined = rows.with_columns(id=key).join(ranges, on="id", how="left")
    assert joined["low"].null_count() == 0
    assert (joined["low"] <= joined["usd"]).all()
    assert (joined["usd"] <= joined["high"]).all()


@pytest.mark.parametrize(("side", "series"), [("exporter", "exports"), ("importer", "imports")])
def test_cells_below_the_floor_fill_what_the_balance_of_payments_leaves(
    corridor: Corridor, side: str, series: str
) -> None:
    """At most 0.8 of goods and services less the cells that are known, or a twentieth of that."""
    cells = matrix_of(corridor, 2023).cells.filter(pl.col("exporter") != pl.col("importer"))
    below = pl.col("source").list.contains("rule-trade-below-floor")
    totals = {}
    for year in (2022, 2023):  # that of Kyrgyzstan ends in 2022
        totals |= observed(corridor, f"{series}-goods-services-", year)
    for code in ("ARM", "AZE", "BLR", "GEO", "IRN", "KAZ", "KGZ", "MNG", "PAK", "RUS", "TJK", "TKM", "TUR", "UZB"):
        mine = cells.filter(pl.col(side) == code)
        known = mine.filter(~below)["usd"].sum()
        goods = 0.8 * totals[code]
        assert mine.filter(below)["usd"].sum() <= max(goods - known, 0.05 * goods) * (1 + 1e-3), code
