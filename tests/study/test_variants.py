"""Many small changes of one scenario against the runs of each by itself."""

from __future__ import annotations

import pytest

from jibek.corridor import Entry, Scenario
from jibek.errors import RunError
from jibek.study.assignment import assigned
from jibek.study.case import Case
from jibek.study.flow_comparison import users_benefit
from jibek.study.variants import evaluate_variants
from small_corridor import make_corridor
from small_flows import DAYS, EXACT, first_link, resource, user, ways_between

NEAR = 1e-6  # of the benefit: shares of two equilibria, each to a residual of 1e-10
VARIANTS = [
    Scenario(name="wider", scale={"resources/gate-0/capacity": 2.0}),
    Scenario(name="slower", scale={f"links/{first_link(1)}/hours": 1.5}),
    Scenario(name="closed", close=(Entry(id=first_link(0)),)),
    Scenario(name="cut", close=tuple(Entry(id=first_link(i)) for i in (0, 1))),
    Scenario(name="same"),
]


@pytest.fixture(scope="module")
def case() -> Case:
    gates = {
        "resources": [resource(f"gate-{i}", 40.0) for i in (0, 1)],
        "resource_users": [user(f"gate-{i}", "links", first_link(i)) for i in (0, 1)],
    }
    return Case(make_corridor(**ways_between([16.0, 18.0], quantity=100.0 * DAYS, **gates)), None)


def test_a_variant_is_worth_what_a_run_of_its_own_says(case: Case) -> None:
    result = assigned(case, residual=EXACT)
    found = evaluate_variants(case, result, VARIANTS, residual=EXACT)
    assert found["variant"].to_list() == [variant.name for variant in VARIANTS]
    assert found["converged"].all()
    for variant, row in zip(VARIANTS, found.iter_rows(named=True), strict=True):
        alone = assigned(case.beside(variant), residual=EXACT)
        assert row["benefit_usd"] == pytest.approx(users_benefit(result.tables, alone.tables), rel=NEAR, abs=1e-3)
        assert row["delay_usd"] == pytest.approx(alone.tables["flow_stations"]["usd_delay"].sum(), rel=NEAR)
        assert row["lost"] == alone.tables["flow_unrouted"].height
    worth = dict(found.select("variant", "benefit_usd").iter_rows())
    assert worth["wider"] > 0 > worth["slower"] > worth["closed"]
    assert (worth["same"], worth["cut"]) == (pytest.approx(0.0, abs=1e-3), 0.0)
    assert found.filter(variant="cut")["lost"].item() == 1


def test_the_benefit_is_the_change_of_the_certificates(case: Case) -> None:
    result = assigned(case, residual=EXACT)
    row = evaluate_variants(case, result, VARIANTS[:1], residual=EXACT).row(0, named=True)
    after = assigned(case.beside(VARIANTS[0]), residual=EXACT).certificate
    assert row["benefit_usd"] == pytest.approx(after.benefit_usd - result.certificate.benefit_usd, rel=NEAR)


def test_order_and_company_of_variants_change_nothing(case: Case) -> None:
    result = assigned(case)
    together = evaluate_variants(case, result, VARIANTS)
    assert together.equals(evaluate_variants(case, result, VARIANTS[::-1])[::-1])
    assert together.tail(1).equals(evaluate_variants(case, result, VARIANTS[-1:]))


def test_a_variant_of_another_year_is_refused(case: Case) -> None:
    later = Scenario(name="later", year=2031)
    with pytest.raises(RunError, match="later"):
        evaluate_variants(case, assigned(case), [VARIANTS[0], later])
