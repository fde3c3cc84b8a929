"""The page on neighbours: numbers are today's model's, words say what numbers do, rules are what they are called."""

from __future__ import annotations

import importlib.util
import json
import re

import numpy as np
import pytest

from benchmarks import neighbours
from benchmarks.neighbours import (
    ABOUT,
    CHANGES,
    DRIFT,
    LEVELS,
    MODEL,
    OWN_TREND,
    SIZE,
    STAYS,
    STRUCTURAL,
    Asked,
    Flows,
    observed,
    poisson,
    structural,
    trade_facts,
)
from sscsim import load_world, simulate
from sscsim.calibration.observables import OBSERVABLES
from tools import docs_neighbours
from tools.docs_neighbours import errors
from tools.docs_tables import document, mark

HOW = "python -m benchmarks.neighbours --write"


def test_the_numbers_are_of_the_model_as_it_is() -> None:
    assert json.loads(ABOUT.read_text("utf-8"))["numbers"] == mark(), HOW


# ------------------------------------------------------------------------------------------------- what the page says


def verdicts() -> dict[str, tuple[str, str]]:
    """Return who is nearer by means and by medians."""
    _, rows = docs_neighbours.verdicts()
    return {row[0]: (row[1].strip("*"), row[2].strip("*")) for row in rows}


def test_where_another_rule_wins_is_what_the_page_says() -> None:
    found = verdicts()
    assert {title: mean for title, (mean, _) in found.items() if mean != MODEL} == {
        "imports, dollars, economies": STRUCTURAL,
        "imports, share of the world, economies": STRUCTURAL,
        "facts on investment": STAYS,
        "facts on growth": STAYS,
        "facts on banks": STAYS,
        "growth 2015–2018": neighbours.COMMON,
        "growth 2018": STAYS,
    }
    medians = {title: median for title, (_, median) in found.items() if median not in (MODEL, "")}
    assert medians == {
        "trade of groups": STAYS,
        "facts on investment": STAYS,
        "facts on growth": STAYS,
    }


def test_who_wins_and_by_how_much_is_what_the_page_says() -> None:
    economies = errors("economies")
    exports, kept = (
        economies[f"exports, {what}"] for what in ("share of the world", "share, no great fall")
    )
    assert exports[SIZE] / exports[MODEL] > 1.2
    assert 1.0 < kept[SIZE] / kept[MODEL] < 1.15
    imports = economies["imports, share of the world"]
    assert max(imports[STRUCTURAL], imports[SIZE], imports[STAYS]) < imports[MODEL]
    topics = errors("topics")
    assert topics["investment, mean"][MODEL] > 2 * topics["investment, mean"][STAYS]
    assert topics["finance, mean"][MODEL] > 1.0
    growth = errors("growth")
    assert growth["2018"][STAYS] < growth["2018"][MODEL] < growth["2018"][OWN_TREND]
    told = errors("agreement")
    among, others = (told[what] for what in ("trade among members", "exports of members to others"))
    run, gravity = among["sscsim, at once in 2014"], among["gegravity, 50 economies"]
    assert 0.65 < run / gravity < 0.8
    assert others["sscsim, at once in 2014"] < 3 * others["gegravity, 50 economies"] < 0.0
    assert told[neighbours.APART]["gegravity, 50 economies"] < 1e-9


# --------------------------------------------------------------------------------------------------------- the rules


@pytest.fixture(scope="module")
def world():
    return load_world()


def test_facts_are_read_off_trade_as_observables_read_runs(world) -> None:
    run = simulate("baseline", seed=1, end=2015, keep="full")
    later = run.trade(2015).to_numpy()
    flows = Flows(run.trade(2013).to_numpy(), later, later)
    seen = set()
    for fact in trade_facts():
        known = OBSERVABLES[fact.observable].observe(run, 2015, fact.of)
        assert observed(world, fact, flows) == pytest.approx(known, rel=1e-9)
        seen.add(fact.observable)
    assert len(seen) == 4


def test_estimated_gravity_adds_up_and_knows_distance(world) -> None:
    flows = neighbours.opening(world).flows
    fitted, change = poisson(world, flows, 2013)
    abroad = ~np.eye(len(flows), dtype=bool)
    # Poisson's first order conditions: what is expected adds up, and so it does weighted by each column.
    assert fitted.sum() == pytest.approx(flows[abroad].sum(), rel=1e-8)
    logs = np.log(np.where(abroad, world.distance, 1.0))
    assert (fitted * logs).sum() == pytest.approx((flows * logs * abroad).sum(), rel=1e-7)
    np.testing.assert_allclose(change[abroad], 1.0)
    near, far = (fitted[world.position("FRA"), world.position(o)] for o in ("ITA", "KOR"))
    assert near > 3 * far


def test_structural_gravity_keeps_costs_and_meets_sizes(world) -> None:
    base = neighbours.opening(world)
    np.testing.assert_allclose(structural(world, base, 2013), base.flows, rtol=1e-6, atol=1e-9)
    later = structural(world, base, 2018)
    china, world_before = world.position("CHN"), base.flows.sum()
    assert later[china].sum() / later.sum() > base.flows[china].sum() / world_before
    a, b, c, d = (world.position(code) for code in ("CHN", "USA", "DEU", "BRA"))
    cross, before = (x[a, b] * x[c, d] / (x[a, d] * x[c, b]) for x in (later, base.flows))
    assert cross == pytest.approx(before, rel=1e-6)


def toy() -> Asked:
    """Return four economies, of which the first two are members."""
    generator = np.random.default_rng(1)
    sales = generator.uniform(1.0, 2.0, (4, 4)) + np.diag([20.0, 30.0, 40.0, 50.0])
    return Asked(sales, np.array([True, True, False, False]), 4.0)


def test_an_agreement_makes_trade_and_diverts_it() -> None:
    asked = toy()
    direct = asked.told(asked.sales * asked.freeness)
    for shares_at_base in (False, True):
        told = asked.told(asked.solved(shares_at_base=shares_at_base).flows)
        assert 0.0 < told["trade among members"] < direct["trade among members"]
        assert told["exports of members to others"] < 0.0 < told["trade of the world"]


def test_small_ones_are_gathered_and_nothing_is_lost(monkeypatch) -> None:
    monkeypatch.setattr(neighbours, "LARGEST", 1)
    asked = toy()
    few = asked.gathered()
    assert few.sales.sum() == pytest.approx(asked.sales.sum())
    assert few.members.tolist() == [True, True, False, False]
    assert few.sales[0, 0] == pytest.approx(asked.sales[1, 1]), "the larger member stands alone"


@pytest.mark.slow
def test_gegravity_finds_the_same_prices() -> None:
    """The equilibrium is compared with it in the tests of trade; this is the way that the benchmark asks."""
    pytest.importorskip("gegravity")
    asked = toy()
    sales, prices = neighbours.gegravity_answer(asked)
    ratio = prices / asked.solved(shares_at_base=True).wage
    assert ratio.max() / ratio.min() - 1.0 < 1e-8
    assert sales.shape == asked.sales.shape


def test_without_gegravity_the_page_is_left_alone(monkeypatch, capsys) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(neighbours, "everything", None)
    assert neighbours.main(["--write"]) == 1
    assert "gegravity is not installed" in capsys.readouterr().err


def test_every_rule_answers_every_fact() -> None:
    for found in (*errors("groups").values(), *errors("economies").values()):
        assert set(found) == {
            MODEL,
            SIZE,
            CHANGES,
            LEVELS,
            STRUCTURAL,
            neighbours.OWN,
            DRIFT,
            STAYS,
        }
        assert all(np.isfinite(value) for value in found.values())


# ------------------------------------------------------------------------------------------------- where lines are from


def test_every_line_on_a_neighbour_names_a_source_that_is_listed() -> None:
    text = document("neighbours").read_text("utf-8")
    lines, sources = text.partition("## The same questions")[0], text.partition("## Sources")[2]
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", sources, re.MULTILINE)]
    assert listed == list(range(1, len(listed) + 1))
    named: set[int] = set()
    for line in lines.splitlines():
        if line.startswith("| ") and not line.startswith(("| not checked", "| | |")):
            numbers = [int(number) for number in re.findall(r"\[(\d+)\]", line)]
            assert numbers, f"no source: {line}"
            named |= {*numbers}
        named |= {int(number) for number in re.findall(r"\[(\d+)\]", line)}
    assert named == {*listed}
