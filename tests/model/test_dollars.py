"""There is one valuation of output in dollars: the record's, then the model's own prices as exchange rates close."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sscsim
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario
from sscsim.policy.scenario import Setting
from sscsim.world.loading import load_world


def years(
    end: int, scenario: Scenario | str = "baseline", **options: object
) -> list[SouthSouthModel]:
    """Return the states of the years of a run."""
    model = SouthSouthModel(scenario, seed=3, end=end, **options)  # type: ignore[arg-type]
    states = []
    while model.running:
        model.step()
        states.append(model.state.copy())
    return states


def worst(states: list, where: np.ndarray) -> tuple[float, float]:
    """Return how far an economy and the world are from the record, 2013 to 2018."""
    record = load_world().gdp_in_dollars
    rows = [(s.gdp_current, record[s.year]) for s in states if s.year in record]
    assert len(rows) == 6
    return (
        max(np.abs(ours / theirs - 1)[where].max() for ours, theirs in rows),
        max(abs(ours.sum() / theirs.sum() - 1) for ours, theirs in rows),
    )


@pytest.mark.parametrize("scenario", ["baseline", "no-cooperation", "trade-integration"])
def test_output_in_dollars_is_the_records(scenario: str) -> None:
    one, world = worst(years(2018, scenario), np.ones(197, dtype=bool))
    assert one < 0.01
    assert world < 0.001


def test_what_policy_adds_to_volumes_it_adds_to_dollars() -> None:
    """The record is a price: output that a lever adds is worth what the rest is."""
    plain = years(2018)[-1]
    lever = Setting(value=0.01, **{"from": 2015})
    more = years(2018, Scenario("more", {"en": "More"}, levers={"productivity_growth": (lever,)}))[
        -1
    ]
    grown = more.gdp / plain.gdp
    assert np.median(grown) > 1.02
    np.testing.assert_allclose(more.gdp_current / plain.gdp_current, grown, rtol=1e-3)


def test_after_the_record_the_gap_closes_at_its_rate() -> None:
    states = {s.year: s for s in years(2021, set={"real_exchange_rate_persistence": 0.8})}
    for year in (2019, 2020, 2021):
        np.testing.assert_allclose(states[year].dollar_gap, 0.8 * states[year - 1].dollar_gap)
        assert states[year].dollar_level == states[2018].dollar_level
    assert np.abs(states[2018].dollar_gap).max() > 0.1


def test_whoever_reckons_with_output_reckons_in_these_dollars() -> None:
    """An economy whose output is worth twice as much invests and is lent by that, and a dollar buys half there."""
    world = load_world()
    brazil = world.position("BRA")
    dearer = {y: gdp.copy() for y, gdp in world.gdp_in_dollars.items()}
    dearer[2014][brazil] *= 2.0
    plain = years(2014, world=world)[-1]
    other = years(2014, world=replace(world, gdp_in_dollars=dearer))[-1]
    assert other.gdp[brazil] == plain.gdp[brazil]
    assert other.trade[brazil] == pytest.approx(plain.trade[brazil], rel=1e-9)  # hats of flows stay
    for name, ratio in {
        "gdp_current": 2.0,
        "fdi_outflow": 2.0,
        "other_finance_received": 2.0,
    }.items():
        assert getattr(other, name)[brazil] / getattr(plain, name)[brazil] == pytest.approx(
            ratio, rel=0.1
        ), name
    ratio = other.fdi_volume[brazil] / plain.fdi_volume[brazil]
    assert ratio == pytest.approx(other.fdi_inflow[brazil] / plain.fdi_inflow[brazil] / 2.0)


# Who may ask for the price level, and what for. Output is valued in one place; amounts agreed in dollars of one year
# follow the world's prices.
MAY_ASK = {
    (
        "steps/trade.py",
        "prices",
    ): 3,  # flows of trade, output at the model's own prices, the model to beat
    ("steps/finance.py", "prices"): 1,  # dollars of the day over the base year's
    ("steps/banking.py", "prices"): 1,  # budgets for reverse linkage
    (
        "steps/knowledge.py",
        "prices",
    ): 2,  # what projects cost, and governments' means in the same prices
    ("steps/banking.py", "deflator"): 2,  # what projects cost
    ("steps/submodel.py", "deflator"): 2,  # `Year.prices` itself
}


def test_nobody_values_output_beside_it() -> None:
    """Volumes times the price level is a second valuation: who asks for that level stands in a list, with why."""
    package = Path(sscsim.__file__).parent
    asked: dict[tuple[str, str], int] = {}
    for path in sorted((package / "steps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("prices", "deflator")
                and isinstance(node.value, ast.Name)
                and node.value.id in ("now", "self")
            ):
                key = (path.relative_to(package).as_posix(), node.attr)
                asked[key] = asked.get(key, 0) + 1
    assert asked == MAY_ASK
