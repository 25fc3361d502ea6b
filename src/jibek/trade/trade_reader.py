"""From a CSV file of UN Comtrade or of CEPII's Gravity, as downloaded, to rows of the table ``trade``.

UN Comtrade (comtradeplus.un.org): yearly goods, all commodities together, by reporter and partner, in US dollars. What
a reporter says of its imports is its count as importer, of its exports that as exporter. CEPII Gravity (cepii.fr): the
columns ``tradeflow_comtrade_o`` and ``tradeflow_comtrade_d``, the same two counts in thousands of US dollars.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jibek.corridor import countries
from jibek.errors import Fault, TradeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["ReadTrade", "read_trade"]

_COMTRADE = ("refYear", "reporterISO", "flowCode", "partnerISO", "cmdCode", "primaryValue")
_TOTALS = {"freqCode": "A", "cmdCode": "TOTAL", "partner2Code": "0", "motCode": "0", "customsCode": "C00"}
"""What a column of UN Comtrade says where a row is no part of another; a column that is not there says nothing."""
_FLOWS = {"M": "import", "X": "export"}
_CEPII = ("year", "iso3_o", "iso3_d")
_SIDES = {"tradeflow_comtrade_o": "iso3_o", "tradeflow_comtrade_d": "iso3_d"}
"""Columns of CEPII with a count, and the column that says who counted."""
_THOUSAND = 1000.0
_TABLE = ("reporter", "exporter", "importer", "group", "year", "usd", "source", "grade", "note")
_KEY = ["reporter", "exporter", "importer", "year"]


@dataclass(frozen=True)
class ReadTrade:
    """What a file says of trade.

    Attributes
    ----------
    rows : polars.DataFrame
        In the columns of the table ``trade``, group ``total``, USD, sorted.
    left_out : polars.DataFrame
        ``reason, rows``: how many rows of the file are of no use, and why.
    """

    rows: pl.DataFrame
    left_out: pl.DataFrame


def read_trade(path: Path) -> ReadTrade:
    """Read trade from a file as it was downloaded; its header says whose it is.

    Parameters
    ----------
    path
        A CSV file of UN Comtrade or of CEPII's Gravity.

    Raises
    ------
    TradeError
        If the file cannot be read, has neither header, has a line with more cells than its header or no row of use, or
        a value is no number, negative, or given twice: all faults at once, with line and column.
    """
    header = _header(path)
    if header and (faults := _long_lines(path, len(header))):
        raise TradeError(faults)
    if set(_COMTRADE) <= set(header):
        return _checked(path, _comtrade(path, header), "UN Comtrade, as downloaded")
    if {*_CEPII, *_SIDES} <= set(header):
        return _checked(path, _cepii(path), "CEPII Gravity, as downloaded")
    shown = ", ".join(header[:8]) + ("" if len(header) <= 8 else ", …")
    expected = f"the columns {', '.join(_COMTRADE)} (UN Comtrade), or {', '.join((*_CEPII, *_SIDES))} (CEPII Gravity)"
    raise TradeError(
        [_fault(path, "line 1", "", shown, expected, "Name a file as it was downloaded, with all columns.")]
    )


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            return next(csv.reader(file), [])
    except OSError as error:
        remedy = "Name a file that can be read."
        raise TradeError([_fault(path, "", "", error.strerror or str(error), "a CSV file", remedy)]) from error


def _long_lines(path: Path, columns: int) -> list[Fault]:
    """Name lines with more cells than the header, such as of values with a comma; empty ones at the end do no harm."""
    whole = pl.read_csv(
        path, separator="\x1f", has_header=False, new_columns=["text"], quote_char=None, infer_schema=False,
        encoding="utf8-lossy", truncate_ragged_lines=True,
    )  # fmt: skip
    many = pl.col("text").str.count_matches(",", literal=True) >= columns
    remedy = "Write numbers with a point, and texts with a comma in quotes."
    return [
        _fault(path, f"line {line}", "", f"{len(cells)} cells", f"{columns} as in the header", remedy)
        for line, text in whole.with_row_index("line", offset=1).filter(many).iter_rows()
        if any((cells := next(csv.reader([text])))[columns:])
    ]


def _texts(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Read columns as text, with the line of each row; a comma at the end of every line does no harm."""
    frame = pl.read_csv(
        path, columns=list(columns), infer_schema=False, encoding="utf8-lossy", truncate_ragged_lines=True
    )
    return frame.with_columns(pl.all().str.strip_chars().replace("", None)).with_row_index("line", offset=2)


def _comtrade(path: Path, header: Sequence[str]) -> pl.DataFrame:
    """Give each row of UN Comtrade its ends and the reason why it is of no use, if it is of none."""
    known = [column for column in _TOTALS if column in header]
    texts = _texts(path, sorted({*_COMTRADE, *known}))
    is_total = pl.all_horizontal(pl.col(column).fill_null(_TOTALS[column]) == _TOTALS[column] for column in known)
    buys = pl.col("flowCode") == "M"
    seller, buyer = pl.when(buys).then("partnerISO").otherwise("reporterISO"), pl.when(buys).then("reporterISO")
    return texts.select(
        "line",
        pl.when(~is_total)
        .then(pl.lit("parts of a total: months, commodities, means of transport"))
        .when(~pl.col("flowCode").is_in(list(_FLOWS)))
        .then(pl.lit("neither imports nor exports"))
        .alias("reason"),
        reporter="reporterISO",
        exporter=seller,
        importer=buyer.otherwise("partnerISO"),
        year_text="refYear",
        usd_text="primaryValue",
        factor=pl.lit(1.0),
        column=pl.lit("primaryValue"),
        year_column=pl.lit("refYear"),
    )


def _cepii(path: Path) -> pl.DataFrame:
    """Give each count of CEPII's rows a row of its own; a blank one says nothing."""
    texts = _texts(path, (*_CEPII, *_SIDES))
    sides = [
        texts.drop_nulls(column).select(
            "line",
            pl.lit(None, dtype=pl.String).alias("reason"),
            reporter=who,
            exporter="iso3_o",
            importer="iso3_d",
            year_text="year",
            usd_text=column,
            factor=pl.lit(_THOUSAND),
            column=pl.lit(column),
            year_column=pl.lit("year"),
        )
        for column, who in _SIDES.items()
    ]
    return pl.concat(sides)


def _checked(path: Path, found: pl.DataFrame, source: str) -> ReadTrade:
    """Turn texts into numbers, name every fault, and leave out what is between no countries."""
    iso = list(countries())
    parsed = found.with_columns(
        year=pl.col("year_text").cast(pl.Int64, strict=False),
        usd=pl.col("usd_text").cast(pl.Float64, strict=False) * pl.col("factor"),
        reason=pl.coalesce(
            "reason",
            pl.when(~pl.col("reporter").is_in(iso).fill_null(value=False)).then(
                "a reporter that is no country: " + pl.col("reporter").fill_null("a blank cell")
            ),
            pl.when(~(pl.col("exporter").is_in(iso) & pl.col("importer").is_in(iso)).fill_null(value=False)).then(
                pl.lit("a partner that is no country, such as the world")
            ),
            pl.when(pl.col("exporter") == pl.col("importer")).then(pl.lit("goods that come back")),
        ),
    )
    used = parsed.filter(pl.col("reason").is_null())
    if used.is_empty():
        reasons = [f"{reason} ({number})" for reason, number in _counted(parsed).iter_rows()]
        told = ": ".join([f"{parsed.height} rows, none of use", *(["; ".join(reasons)] if reasons else [])])
        remedy = "Ask for yearly totals of all goods, by country."
        raise TradeError([_fault(path, "", "", told, "rows of trade between two countries", remedy)])
    faults = [*_wrong_years(path, used), *_wrong_values(path, used), *_repeated(path, used)]
    if faults:
        raise TradeError(faults)
    rows = used.select(
        *("reporter", "exporter", "importer", "year", "usd"),
        group=pl.lit("total"),
        source=pl.lit([source]),
        grade=pl.lit("observed"),
        note=pl.lit(None, dtype=pl.String),
    )
    return ReadTrade(rows.select(_TABLE).sort(_KEY), _counted(parsed))


def _counted(parsed: pl.DataFrame) -> pl.DataFrame:
    """Count rows that are of no use by the reason why."""
    return parsed.drop_nulls("reason").group_by("reason").agg(rows=pl.len().cast(pl.Int64)).sort("reason")


def _wrong_years(path: Path, used: pl.DataFrame) -> list[Fault]:
    wrong = used.filter(~pl.col("year").is_between(1800, 2200).fill_null(value=False)).unique("line").sort("line")
    return [
        _fault(path, f"line {line}", column, text or "", "a year", "Correct the cell, or take the row out.")
        for line, column, text in wrong.select("line", "year_column", "year_text").iter_rows()
    ]


def _wrong_values(path: Path, used: pl.DataFrame) -> list[Fault]:
    good = (pl.col("usd").is_finite() & (pl.col("usd") >= 0)).fill_null(value=False)
    return [
        _fault(path, f"line {line}", column, text or "", "US dollars, 0 or more", "Correct the cell.")
        for line, column, text in used.filter(~good).sort("line").select("line", "column", "usd_text").iter_rows()
    ]


def _repeated(path: Path, used: pl.DataFrame) -> list[Fault]:
    """Name rows that count the same trade of a year a second time."""
    again = used.sort("line").filter(pl.struct(_KEY).is_duplicated() & ~pl.struct(_KEY).is_first_distinct())
    remedy = "Keep one of them; ask for totals without a breakdown."
    return [
        _fault(path, f"line {line}", "", f"{one} to {other} in {year}, counted by {who}", "each count once", remedy)
        for line, who, one, other, year in again.select("line", *_KEY).iter_rows()
    ]


def _fault(path: Path, row: str, column: str, value: str, expected: str, remedy: str) -> Fault:
    return Fault("fault", path.name, row, column, value, expected, remedy)
