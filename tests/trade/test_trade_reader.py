"""Files of UN Comtrade and of CEPII as they are downloaded, whole and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jibek.errors import TradeError
from jibek.trade import read_trade

if TYPE_CHECKING:
    from pathlib import Path

# The header of comtradeplus.un.org; its rows end in a comma more than the header has.
COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
    "partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,partner2Desc,classificationCode,"
    "classificationSearchCode,isOriginalClassification,cmdCode,cmdDesc,aggrLevel,isLeaf,customsCode,customsDesc,mosCode,"
    "motCode,motDesc,qtyUnitCode,qtyUnitAbbr,qty,isQtyEstimated,altQtyUnitCode,altQtyUnitAbbr,altQty,isAltQtyEstimated,"
    "netWgt,isNetWgtEstimated,grossWgt,isGrossWgtEstimated,cifvalue,fobvalue,primaryValue,legacyEstimationFlag,"
    "isReported,isAggregate"
)
CEPII = "year,country_id_o,country_id_d,iso3_o,iso3_d,dist,tradeflow_comtrade_o,tradeflow_comtrade_d,tradeflow_baci"


def line(
    reporter: str, flow: str, partner: str, value: object, *, year: object = 2023, code: str = "TOTAL", month: str = "A"
) -> str:
    front = (
        f"C,{month},20230101,{year},52,2023,0,{reporter},Somewhere,{flow},Flow,0,{partner},Elsewhere,0,W00,World,H6,HS"
    )
    amounts = "C00,All,0,0,All,-1,N/A,0,False,-1,N/A,0,False,0,False,0,False,,"
    return f"{front},True,{code},All,0,False,{amounts},{value},0,False,True,"


def comtrade(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "TradeData.csv"
    path.write_text("\n".join([COMTRADE, *lines, ""]), encoding="latin-1")
    return path


def cepii(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "Gravity_V202211.csv"
    path.write_text("\n".join([CEPII, *lines, ""]))
    return path


def test_both_sides_of_comtrade_are_kept_by_who_counted(tmp_path: Path) -> None:
    found = read_trade(comtrade(tmp_path, line("KAZ", "M", "CHN", 16.8e9), line("CHN", "X", "KAZ", 24.7e9)))
    assert found.rows.select("reporter", "exporter", "importer", "group", "year", "usd").rows() == [
        ("CHN", "CHN", "KAZ", "total", 2023, 24.7e9),
        ("KAZ", "CHN", "KAZ", "total", 2023, 16.8e9),
    ]
    assert found.left_out.is_empty()


def test_what_is_of_no_use_is_counted_by_reason(tmp_path: Path) -> None:
    lines = (
        line("KAZ", "M", "W00", 9e9), line("KAZ", "M", "S19", 1e8), line("KAZ", "RM", "CHN", 1e6),
        line("KAZ", "M", "CHN", 5.0, code="27"), line("KAZ", "M", "CHN", 5.0, month="M"), line("CHN", "M", "CHN", 7.0),
        line("KAZ", "M", "CHN", 5e9),
    )  # fmt: skip
    found = read_trade(comtrade(tmp_path, *lines))
    assert found.rows["usd"].to_list() == [5e9]
    assert dict(found.left_out.iter_rows()) == {
        "a partner that is no country, such as the world": 2,
        "goods that come back": 1,
        "neither imports nor exports": 1,
        "parts of a total: months, commodities, means of transport": 2,
    }


def test_cepii_counts_in_thousands_and_blanks_say_nothing(tmp_path: Path) -> None:
    found = read_trade(cepii(tmp_path, "2019,KAZ,CHN,KAZ,CHN,4000,7800,8900,8000", "2019,CHN,KAZ,CHN,KAZ,4000,,6800,"))
    assert found.rows.select("reporter", "exporter", "importer", "year", "usd").rows() == [
        ("CHN", "KAZ", "CHN", 2019, 8.9e6),
        ("KAZ", "CHN", "KAZ", 2019, 6.8e6),
        ("KAZ", "KAZ", "CHN", 2019, 7.8e6),
    ]


def test_every_fault_is_named_with_line_and_column(tmp_path: Path) -> None:
    lines = (
        line("KAZ", "M", "CHN", "much"), line("UZB", "M", "CHN", -5), line("KGZ", "M", "CHN", 1.0, year="last"),
        line("TJK", "M", "CHN", ""), line("AZE", "M", "CHN", 1.0), line("AZE", "M", "CHN", 2.0),
        line("GEO", "M", "CHN", "inf"),
    )  # fmt: skip
    with pytest.raises(TradeError) as raised:
        read_trade(comtrade(tmp_path, *lines))
    told = {(fault.row, fault.column, fault.value) for fault in raised.value.faults}
    assert told == {
        ("line 2", "primaryValue", "much"),
        ("line 3", "primaryValue", "-5"),
        ("line 4", "refYear", "last"),
        ("line 5", "primaryValue", ""),
        ("line 7", "", "CHN to AZE in 2023, counted by AZE"),
        ("line 8", "primaryValue", "inf"),
    }
    assert all(fault.table == "TradeData.csv" and fault.remedy for fault in raised.value.faults)


def test_a_file_of_somebody_else_or_none_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(TradeError, match=r"other.csv, line 1: found 'a, b', expected the columns refYear"):
        read_trade(other)
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(TradeError, match=r"empty.csv, line 1"):
        read_trade(tmp_path / "empty.csv")
    with pytest.raises(TradeError, match=r"missing.csv: found 'No such file"):
        read_trade(tmp_path / "missing.csv")


def test_a_number_with_a_comma_and_a_file_of_nothing_are_refused(tmp_path: Path) -> None:
    lines = "2019,KAZ,CHN,KAZ,CHN,4000,7800,8900,8000,,", "2019,CHN,KAZ,CHN,KAZ,4000,7,8,6800,5"
    with pytest.raises(TradeError, match=r"line 3: found '10 cells', expected 9 as in the header") as raised:
        read_trade(cepii(tmp_path, *lines))
    assert len(raised.value.faults) == 1
    with pytest.raises(TradeError, match=r"found '0 rows, none of use'"):
        read_trade(comtrade(tmp_path))
    with pytest.raises(TradeError, match=r"a reporter that is no country: KAZAKHSTAN \(1\)"):
        read_trade(comtrade(tmp_path, line("KAZAKHSTAN", "M", "CHN", 5e9)))


def test_faults_come_by_line(tmp_path: Path) -> None:
    with pytest.raises(TradeError) as raised:
        read_trade(comtrade(tmp_path, *(line("KAZ", "M", "CHN", "much", year=2000 + i) for i in range(12))))
    assert [fault.row for fault in raised.value.faults] == [f"line {number}" for number in range(2, 14)]
