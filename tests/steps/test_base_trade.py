"""The trade matrix of the base year, on each of the sources it may rest on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from _worlds import random_world
from numpy.typing import NDArray

from sscsim.errors import InputError
from sscsim.flows import trade
from sscsim.parameters import default_parameters
from sscsim.steps.submodel import Given, Submodels
from sscsim.steps.trade import Trade, TradeBase
from sscsim.world.base_trade import BASE_TRADE
from sscsim.world.loading import load_world
from sscsim.world.tables import World

Array = NDArray[np.float64]


@lru_cache(maxsize=3)
def the_world(choice: str) -> World:
    return load_world(base_trade=choice)


@lru_cache(maxsize=3)
def base(choice: str) -> TradeBase:
    return Trade(Given(the_world(choice), default_parameters(), 2013), Submodels()).base


def flow(choice: str, exporter: str, importer: str) -> float:
    world = the_world(choice)
    return float(base(choice).flows[world.position(exporter), world.position(importer)])


def groups(world: World) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of the South without China that the shares know, and all pairs that they know."""
    shares = world.trade_shares
    assert shares is not None
    known = ~np.isnan(shares) & (shares > 0.0)
    south = world.membership("south_unctad_2014").copy()
    south[world.position("CHN")] = False
    return known & np.outer(south, south), known


@pytest.mark.parametrize("choice", BASE_TRADE)
def test_every_matrix_adds_up_to_the_same_totals(choice: str) -> None:
    economy, flows = base(choice).economy, base(choice).flows
    np.testing.assert_allclose(flows.sum(axis=1), economy.exports, rtol=1e-8)
    np.testing.assert_allclose(flows.sum(axis=0), economy.imports, rtol=1e-8)
    assert (np.diagonal(flows) == 0.0).all()
    assert (flows >= 0.0).all()
    world = the_world(choice)
    # Who is near the record of its own goods: all but those whose accounts are closed by a cap.
    recorded = world.base["goods_imports_busd"]
    assert (np.abs(economy.imports / recorded - 1.0) < 0.05).mean() > 0.9


def test_the_matrix_is_that_of_the_shares() -> None:
    world = the_world("itpde")
    pairs, _ = groups(world)
    shares = np.nan_to_num(world.trade_shares)
    # Balanced to the same totals, the shares alone.
    exports = world.base["goods_exports_busd"]
    plain = shares * exports[:, None]
    correlation = {
        choice: np.corrcoef(np.log(base(choice).flows[pairs]), np.log(plain[pairs]))[0, 1]
        for choice in BASE_TRADE
    }
    assert correlation["itpde"] > 0.95
    assert correlation["gravity"] < correlation["factbook"] < 0.9
    both = 2.0 * np.minimum(base("itpde").flows, plain)[pairs].sum()
    assert both / (base("itpde").flows + plain)[pairs].sum() > 0.9


def test_what_the_shares_lack_comes_from_elsewhere() -> None:
    world = the_world("itpde")
    basis = base("itpde").basis
    assert basis is not None
    strangers = np.isnan(world.trade_shares).all(axis=1)
    assert {c for c, s in zip(world.iso3, strangers, strict=True) if s} == {
        "HKG",
        "MAC",
        "MCO",
        "TLS",
    }
    elsewhere = trade.BASIS.index("elsewhere")
    assert ((basis == elsewhere) == (strangers[:, None] | strangers[None, :])).all()
    assert flow("itpde", "CHN", "HKG") > 200.0
    assert (
        flow("itpde", "CHN", "USA") < 440.0
    )  # what goes to Hong Kong SAR is not spread over others
    rough = basis == trade.BASIS.index("shares of all sectors")
    assert rough[world.position("TWN")].sum() > 150


@pytest.mark.parametrize(
    ("exporter", "importer", "least", "most"),
    [
        ("IRN", "TUR", 7.0, 12.0),  # gas: both sides print it
        ("VEN", "CUB", 3.0, 8.0),  # oil: both sides print it
        ("QAT", "ARE", 4.0, 10.0),  # gas by pipeline: nearer to gravity than next to nothing
        ("VEN", "TWN", 0.0, 15.0),  # no list has room for 23 bn
        ("DZA", "EGY", 0.0, 1.0),  # what the Factbook's edition says of Algeria is refused
        ("KOR", "JPN", 30.0, 40.0),
    ],
)
def test_oddities_are_judged(exporter: str, importer: str, least: float, most: float) -> None:
    assert least <= flow("itpde", exporter, importer) <= most


def test_trade_within_the_south_is_that_of_the_report() -> None:
    world = the_world("itpde")
    south = world.membership("south_unctad_2014")
    without = south & ~world.membership("hubs")
    flows = base("itpde").flows
    assert 4_700.0 < flows[np.ix_(south, south)].sum() < 5_300.0
    assert 2_800.0 < flows[np.ix_(without, without)].sum() < 3_400.0


def test_a_choice_is_another_world_and_an_unknown_one_is_refused() -> None:
    assert len({the_world(choice).data_hash for choice in BASE_TRADE}) == 3
    assert the_world("itpde") is load_world()
    with pytest.raises(InputError, match="factbook"):
        load_world(base_trade="factbok")


def test_a_world_without_shares_rests_on_lists_and_gravity() -> None:
    world = random_world(4)
    assert world.trade_shares is None
    made = Trade(Given(world, default_parameters(), 2013), Submodels()).base
    assert made.basis is not None
    assert (made.basis == trade.BASIS.index("elsewhere")).all()
