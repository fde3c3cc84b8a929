"""What is worked out from a world goes when the world goes, and is made anew where parameters that count differ."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary, ref

import numpy as np
import pytest

from sscsim.model import SouthSouthModel
from sscsim.names import FIRST_YEAR
from sscsim.parameters import Parameters, default_parameters
from sscsim.steps import agreements, banking, credit, finance, goals, growth, investment, trade
from sscsim.steps.opening import prepared
from sscsim.steps.plan import OPENING
from sscsim.steps.submodel import Given, Submodel, Submodels
from sscsim.world.capabilities import opening_capabilities
from sscsim.world.institutions import load_institutions
from sscsim.world.keeping import forget, kept_with_parameters, kept_with_world
from sscsim.world.loading import load_world
from sscsim.world.tables import World


def test_it_is_worked_out_once_for_each_world() -> None:
    asked: list[World] = []

    @kept_with_world
    def size(world: World) -> int:
        asked.append(world)
        return world.size

    one, other = load_world(), replace(load_world())
    assert [size(one), size(one), size(other), size(one)] == [one.size] * 4
    assert asked == [one, other]


@pytest.mark.parametrize(
    "function",
    [
        opening_capabilities,
        agreements.agreements_by_year,
        investment._events,
    ],
)
def test_no_world_is_kept_alive(function: Callable[[World], object]) -> None:
    world = replace(load_world())
    result = function(world)
    assert function(world) is result
    gone, _ = ref(world), result
    del world, result, _
    gc.collect()
    assert gone() is None


READ, OTHER = "trade_elasticity", "mirror_tolerance"


def reads_one(parameters: Parameters) -> float:
    return parameters[READ]


def reads_by_goal(parameters: Parameters) -> float:
    return float(parameters.by_goal("goal_drift").sum()) + parameters[READ]


def reads_all(parameters: Parameters) -> float:
    return sum(parameters.values()) - parameters[OTHER]


def changes_one(parameters: Parameters) -> float:
    return parameters.replace({OTHER: parameters[OTHER]})[READ]


def hashes(parameters: Parameters) -> float:
    return float(int(parameters.content_hash[:8], 16))


def moved(parameters: Parameters, name: str) -> Parameters:
    low, high = parameters.definition(name).bounds
    return parameters.replace({name: 0.5 * (parameters[name] + (low + high) / 2)})


def counted(
    look: Callable[[Parameters], float],
) -> tuple[Callable[..., list[object]], list[Parameters]]:
    calls: list[Parameters] = []

    @kept_with_parameters
    def made(world: World, parameters: Parameters, *others: object) -> list[object]:
        calls.append(parameters)
        return [look(parameters), *others]

    return made, calls


@pytest.mark.parametrize(
    ("look", "minds_the_other"),
    [
        (reads_one, False),
        (reads_by_goal, False),
        (reads_all, True),
        (changes_one, True),
        (hashes, True),
    ],
)
def test_it_is_made_anew_where_something_that_was_read_differs(
    look: Callable[[Parameters], float], minds_the_other: bool
) -> None:
    made, calls = counted(look)
    world, plain = load_world(), default_parameters()
    first = made(world, plain)
    assert made(world, plain.replace({})) is first
    assert (made(world, moved(plain, OTHER)) is not first) == minds_the_other
    before = len(calls)
    other = made(world, moved(plain, READ))
    assert other is not first
    assert other[0] == look(moved(plain, READ))
    assert len(calls) == before + 1


@pytest.mark.parametrize("others", [(np.ones(3),), ([],), (1.5e300, "text")])
def test_another_object_makes_it_anew(others: tuple[object, ...]) -> None:
    made, _ = counted(reads_one)
    world, plain = load_world(), default_parameters()
    first = made(world, plain, *others)
    assert made(world, plain, *others) is first
    again = made(world, plain, *(object() for _ in others))
    assert again is not first
    assert made(world, plain, *others) is first


def bases(world: World) -> list[object]:
    """Return the bases of all submodels that are kept."""
    parameters, files = default_parameters(), load_institutions()
    markets, funds = trade._base(world, parameters), investment._base(world, parameters)
    grown = growth._base(world, parameters, funds.fdi.net)
    scores = goals._base(world, parameters, grown[0], grown[2])
    lines = credit.prepare(world, parameters, markets.flows, files)
    banks = banking._base(world, parameters, files)
    return [markets, funds, grown, scores, finance._base(world, parameters), lines, banks]


def test_no_world_is_kept_alive_by_a_base() -> None:
    world = replace(load_world())
    result = bases(world)
    assert all(one is other for one, other in zip(bases(world), result, strict=True))
    gone = ref(world)
    del world
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    "kind",
    [
        trade.Trade,
        investment.Investment,
        growth.Growth,
        goals.Goals,
        credit.Credit,
        banking.Banking,
    ],
)
def test_models_of_one_world_share_what_it_gives_them(kind: type[Submodel]) -> None:
    given = Given(load_world(), default_parameters(), FIRST_YEAR)
    one, other = (vars(prepared(OPENING, given).of(kind)) for _ in range(2))
    assert one["base"] is other["base"]


@pytest.mark.parametrize("name", ["trade_elasticity", "gravity_distance", "deficit_cap"])
def test_the_base_of_trade_is_that_of_its_parameters(name: str) -> None:
    world, plain, files = load_world(), default_parameters(), load_institutions()

    def base(parameters: Parameters) -> trade.Trade:
        return trade.Trade(Given(world, parameters, 2013, files, False), Submodels())

    other = moved(plain, name)
    assert base(plain).base is base(moved(plain, "credit_volume")).base
    found, alone = base(other).base, base(other.replace({"bank_expenses": plain["bank_expenses"]}))
    assert found is alone.base
    assert found is not base(plain).base
    if name != "trade_elasticity":
        assert not np.array_equal(found.flows, base(plain).base.flows)


def test_what_is_kept_can_be_dropped() -> None:
    asked = []

    @kept_with_world
    def size(world: World) -> int:
        asked.append(world)
        return world.size

    world = load_world()
    for _ in range(2):
        assert size(world) == world.size
    assert len(asked) == 1
    forget()
    assert size(world) == world.size
    assert len(asked) == 2


def test_nothing_that_a_model_keeps_with_its_world_is_left() -> None:
    """Laid files, masks and books of indicators among it: every dictionary by world in the package is emptied."""
    SouthSouthModel(end=2013).close()
    world = load_world()
    kept = [one for one in gc.get_objects() if type(one) is WeakKeyDictionary and world in one]
    assert len(kept) > 5
    forget()
    assert not [one for one in kept if world in one]


def test_what_an_inner_base_reads_its_outer_one_has_read() -> None:
    """Else the outer one would be kept where a parameter differs that only the inner one asks for."""
    name = "trade_elasticity"

    @kept_with_parameters
    def inner(world: World, parameters: Parameters) -> float:
        return parameters[name]

    @kept_with_parameters
    def outer(world: World, parameters: Parameters) -> float:
        return 2.0 * inner(world, parameters)

    world, plain = load_world(), default_parameters()
    other = plain.replace({name: plain[name] + 1.0})
    for parameters in (plain, other, plain, other):
        assert outer(world, parameters) == 2.0 * parameters[name]
