"""Time trade and flows until they agree, and set growth over the Caspian beside the World Bank's.

    python benchmarks/trade_loop.py [SCENARIO]

SCENARIO is the name of a packaged one, ``under-construction-2030`` if none is given; it is compared with 2021.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import polars as pl

from jibek.corridor import Corridor, packaged_scenarios, read_corridor
from jibek.flows import Flows, flow_tables
from jibek.study.assignment import assigned_in
from jibek.study.case import Case
from jibek.study.flow_measures import link_flows
from jibek.study.trade import agree
from jibek.study.trade_costs import carried_in
from jibek.study.trade_economies import nominal_change, people_change, real_growth
from jibek.trade import economies_of, grown, matrix_of

GOAL = 120.0
THREE = ("AZE", "GEO", "KAZ")
STUDY = {
    "over the Caspian, tonnes": 3.09,
    "trade of the three": 1.37,
    "of the three with the EU": 1.28,
    "China – EU": 1.30,
}


def over_the_caspian(world: Corridor, flows: Flows) -> float:
    """Tonnes a year between Kazakhstan or Turkmenistan and Azerbaijan."""
    country = world["places"].select("id", "country")
    ends = world["links"].join(country, left_on="from_place", right_on="id")
    ends = ends.join(country, left_on="to_place", right_on="id", suffix="_to")
    east, west = (pl.col(side).is_in(["KAZ", "TKM"]) for side in ("country", "country_to"))
    across = (east & (pl.col("country_to") == "AZE")) | (west & (pl.col("country") == "AZE"))
    carried = link_flows(flow_tables(flows, world))
    return float(carried.filter(pl.col("id").is_in(ends.filter(across)["id"].implode()))["tonnes"].sum())


def between(flows: np.ndarray, codes: tuple[str, ...], ones: tuple[str, ...], others: tuple[str, ...]) -> float:
    """Trade of two sets of economies, both ways."""
    one, other = (np.isin(codes, names) for names in (ones, others))
    chosen = (one[:, None] & other[None, :]) | (other[:, None] & one[None, :])
    return float(flows[chosen & ~np.eye(len(codes), dtype=bool)].sum())


def main() -> None:
    """Print times and ratios."""
    begin = time.perf_counter()
    corridor = read_corridor()
    scenarios = packaged_scenarios(None, corridor)
    name = sys.argv[1] if len(sys.argv) > 1 else "under-construction-2030"
    case = Case(corridor, {each.name: each for each in scenarios}[name], scenarios)
    records, economy = matrix_of(case.world, 2023), economies_of(case.world, 2023)
    carried = carried_in(case.in_year(2023), records.matrix, economy)
    sought = time.perf_counter()
    case.routes  # noqa: B018 - found when first asked for
    found = time.perf_counter()
    answer = agree(case, records, economy, carried)
    done = time.perf_counter()
    print(f"{name}: {answer.trace.height} passes, converged: {answer.converged} {answer.reason}")
    first, last = (answer.trace["trade_change"][row] for row in (0, -1))
    print(f"trade {first:+.2%} in the first pass, {last:+.2%} in the last")
    print(f"{'routes, s':40}{found - sought:10.1f}")
    print(f"{'flows before, and the loop, s':40}{done - found:10.1f}")
    print(f"{'all, s':40}{done - begin:10.1f}{GOAL:10.0f}")
    codes = records.matrix.countries
    before = assigned_in(case, 2021)
    then = grown(matrix_of(case.world, 2019).matrix, nominal_change(case.world, economy, codes, 2019, 2021)).flows
    growth = real_growth(case.world, economy, codes, known_to=case.corridor.year)["base"]
    people = people_change(case.world, economy, codes, records.year, case.world.year)
    ahead = grown(records.matrix, (1 + growth) ** (case.world.year - records.year) * people).flows
    today, after = (between(flows, codes, THREE, ("EU27",)) for flows in (records.matrix.flows, answer.after.flows))
    print(f"of the three with the EU {after / today - 1:+.2%} by the scenario alone")
    ahead = ahead * answer.after.flows / np.where(records.matrix.flows > 0, records.matrix.flows, np.inf)
    sides = {"trade of the three": (THREE, THREE), "of the three with the EU": (THREE, ("EU27",))}
    sides |= {"China – EU": (("CHN",), ("EU27",))}
    start = over_the_caspian(before.world, before.flows)
    print(f"over the Caspian in 2021, million t{start / 1e6:16.2f}{3.56:10}")
    ratios = {"over the Caspian, tonnes": over_the_caspian(case.world, answer.flows) / start}
    ratios |= {what: between(ahead, codes, *ends) / between(then, codes, *ends) for what, ends in sides.items()}
    print(f"\n{case.world.year} over 2021{'':27}{'model':>10}{'study':>10}")
    for what, study in STUDY.items():
        print(f"{what:40}{ratios[what]:10.2f}{study:10.2f}")


if __name__ == "__main__":
    main()
