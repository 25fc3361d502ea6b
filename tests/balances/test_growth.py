"""How much room is missing: answers worked out by hand, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from balanced_systems import System

from jibek.balances import Problem, balance, least_growth
from jibek.errors import BalanceError

PRICE = {"short line": 1.0, "long line": 1.0}


def two_lines(*, needed: float, short: float = 5.0, long: float = 4.0) -> Problem:
    """A field and a town with a short line, and a dearer one in two stretches."""
    system = System(2)
    system.act("field", {"field": 1.0}, most=100.0)
    system.act("needs/town", {"town": -1.0}, most=needed, usd=-10.0, priority=1)
    direct = system.act("short", {"field": -1.0, "town": 1.0}, usd=1.0)
    first = system.act("first", {"field": -1.0, "halfway": 1.0}, usd=1.0)
    second = system.act("second", {"halfway": -1.0, "town": 1.0}, usd=1.0)
    system.limit("short line", {direct: 1.0}, most=short)
    system.limit("long line", {first: 1.0, second: 1.0}, most=long)
    return system.problem()


def test_nothing_grows_where_all_are_served() -> None:
    assert least_growth(two_lines(needed=7.0), PRICE).share == {}


def test_the_line_that_is_cheaper_to_enlarge_grows() -> None:
    """Five by the short line and two by the long one, whose stretches count twice; ten more need room for three."""
    found = least_growth(two_lines(needed=10.0), PRICE)
    assert found.share == pytest.approx({"short line": 3 / 5})
    dear = least_growth(two_lines(needed=10.0), {"short line": 9.0, "long line": 1.0})
    assert dear.share == pytest.approx({"long line": 6 / 4}), "a tonne takes two of its units"


def test_what_may_not_grow_does_not() -> None:
    found = least_growth(two_lines(needed=10.0), {"long line": 1.0})
    assert set(found.share) == {"long line"}
    assert least_growth(two_lines(needed=10.0), {}).share == {}


def test_grown_limits_serve_what_was_short_and_no_less_would_do() -> None:
    """The balance with the limits so enlarged has no shortage; with a hundredth less it has."""
    share = least_growth(two_lines(needed=10.0), PRICE).share["short line"]
    enough = balance(two_lines(needed=10.0, short=5.0 * (1 + share)))
    town = enough.problem.activities.ids.index("needs/town")
    assert enough.level[town] == pytest.approx([10.0, 10.0])
    less = balance(two_lines(needed=10.0, short=5.0 * (1 + 0.99 * share)))
    assert (less.level[town] < 10.0).all()


def test_one_share_holds_in_all_periods() -> None:
    """A line is built for the fullest period."""
    system = System(2)
    system.act("field", {"field": 1.0}, most=100.0)
    system.act("needs/town", {"town": -1.0}, most=[4.0, 9.0], usd=-10.0, priority=1)
    line = system.act("line", {"field": -1.0, "town": 1.0})
    system.limit("line", {line: 1.0}, most=6.0)
    assert least_growth(system.problem(), {"line": 1.0}).share == pytest.approx({"line": 0.5})


def test_growth_does_not_depend_on_units() -> None:
    """A line counted in cubic metres instead of millions grows by the same share."""
    shares = []
    for scale in (1.0, 1e6):
        system = System()
        system.act("field", {"field": 1.0}, most=100.0)
        system.act("needs/town", {"town": -1.0}, most=9.0, usd=-10.0, priority=1)
        line = system.act("line", {"field": -1.0, "town": 1.0})
        system.limit("line", {line: scale}, most=6.0 * scale)
        shares.append(least_growth(system.problem(), {"line": 1.0 / scale}).share["line"])
    assert shares == pytest.approx([0.5, 0.5])


def test_a_market_calls_for_no_growth() -> None:
    system = System()
    system.act("field", {"field": 1.0}, most=100.0)
    system.act("needs/market", {"town": -1.0}, most=9.0, usd=-10.0)
    line = system.act("line", {"field": -1.0, "town": 1.0})
    system.limit("line", {line: 1.0}, most=6.0)
    assert least_growth(system.problem(), {"line": 1.0}).share == {}


def test_what_no_growth_mends_is_explained() -> None:
    system = System()
    system.act("field", {"field": 1.0}, most=3.0)
    system.act("needs/town", {"field": -1.0}, least=5.0, most=5.0, priority=1)
    with pytest.raises(BalanceError, match="field"):
        least_growth(system.problem(), {})


def test_prices_of_small_units_are_told_from_rounding() -> None:
    """A second aim must not move what a price of a cubic metre holds beside prices of a million of them."""
    system = System()
    system.act("river", {"river": 1.0}, most=10.0)
    system.act("needs/field", {"field": -1.0}, most=9.0, usd=-0.05e6, priority=1)
    system.act("needs/town", {"town": -1.0}, most=2.0, usd=-0.9e6, priority=1)
    canal = system.act("canal", {"river": -1.0, "field": 1.0})
    system.act("pipe", {"river": -1.0, "town": 1.0})
    system.limit("canal", {canal: 1e6}, most=7e6)
    found = balance(system.problem())
    field = found.problem.activities.ids.index("needs/field")
    assert found.level[field, 0] == pytest.approx(7.0)
    assert found.certificate.gap < 1e-9
    assert np.isfinite(found.worth).all()
