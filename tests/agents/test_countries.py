"""Countries are Mesa agents: selected, collected, subclassed, copied, pickled, forgotten; their writes count."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import mesa
import numpy as np
import pytest
from _worlds import random_world

from sscsim.agents import Country, FromState, SscAgent
from sscsim.errors import InputError
from sscsim.model import SouthSouthModel, simulate
from sscsim.steps.plan import variables
from sscsim.world.state import State

WINDOWS = sorted(n for n, v in vars(Country).items() if isinstance(v, FromState))


@pytest.fixture
def model() -> SouthSouthModel:
    return SouthSouthModel(seed=1, end=2016)


# ------------------------------------------------------------------------------------------------------ Mesa is real


def test_model_and_countries_are_mesas(model) -> None:
    assert isinstance(model, mesa.Model)
    assert len(model.agents_by_type[Country]) == len(model.world.iso3) == 197
    assert {kind.__name__ for kind in model.agent_types} >= {
        "Country",
        "DevelopmentBank",
        "Partner",
    }
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)
    assert [c.iso3 for c in model.countries] == list(model.world.iso3)
    assert sorted(a.unique_id for a in model.agents) == list(range(1, len(model.agents) + 1))
    assert model.steps == 0
    model.step()
    assert model.steps == 1
    assert model.year == 2013


def test_agent_sets_select_get_and_aggregate(model) -> None:
    model.step()
    countries = model.agents_by_type[Country]
    large = countries.select(lambda c: c.gdp > 1000.0)
    assert {"USA", "CHN", "DEU"} <= {c.iso3 for c in large}
    assert len(large) == int((model.state.gdp > 1000.0).sum())
    assert np.array_equal(model.countries.get("gdp"), model.state.gdp)
    assert countries.agg("gdp", np.sum) == pytest.approx(model.state.gdp.sum(), rel=1e-12)
    order = countries.sort("gdp")
    assert next(iter(order)).iso3 == model.world.iso3[int(np.argmax(model.state.gdp))]


def test_agents_attributes_are_windows_of_the_state(model) -> None:
    model.step()
    names = {v.name for v in variables()}
    brazil = model.country("BRA")
    row = model.world.position("BRA")
    assert len(WINDOWS) > 20
    for name in WINDOWS:
        assert name in names
        assert np.array_equal(getattr(brazil, name), getattr(model.state, name)[row])
    assert isinstance(brazil.gdp, float)
    assert brazil.goals.shape == (17,)
    assert brazil.exports == pytest.approx(model.state.trade[row].sum(), rel=1e-9)
    assert brazil.imports == pytest.approx(model.state.trade[:, row].sum(), rel=1e-9)
    assert brazil.fdi_inflow == pytest.approx(model.state.fdi[:, row].sum(), rel=1e-9)
    assert brazil.fdi_outflow == pytest.approx(model.state.fdi[row].sum(), rel=1e-9)
    assert repr(brazil) == "Country(BRA)"


def test_a_window_follows_the_array_when_a_step_replaces_it(model) -> None:
    brazil = model.country("BRA")
    model.step()
    before = brazil.gdp
    model.step()
    assert brazil.gdp != before
    assert brazil.gdp == model.state.gdp[brazil.index]


def test_an_unknown_country_is_refused_with_the_nearest_name(model) -> None:
    with pytest.raises(InputError) as caught:
        model.country("Brazi")
    assert caught.value.suggestion == "BRA"
    assert model.country("Brasil").iso3 == model.country("BR").iso3 == "BRA"


def test_data_collector_collects(model) -> None:
    collector = mesa.DataCollector(
        model_reporters={"year": "year", "world_gdp": lambda m: float(m.state.gdp.sum())},
        agenttype_reporters={Country: {"gdp": "gdp", "iso3": "iso3"}},
    )
    for _ in range(3):
        model.step()
        collector.collect(model)
    world = collector.get_model_vars_dataframe()
    assert world["year"].tolist() == [2013, 2014, 2015]
    countries = collector.get_agenttype_vars_dataframe(Country)
    assert len(countries) == 3 * 197
    assert countries["iso3"].notna().all()
    sums = countries["gdp"].astype(float).groupby("Step").sum()
    assert np.allclose(sums, world["world_gdp"].to_numpy())


def test_collecting_changes_nothing() -> None:
    model = SouthSouthModel(seed=1, end=2016)
    collector = mesa.DataCollector(agenttype_reporters={Country: {"gdp": "gdp", "goals": "goals"}})
    while model.running:
        model.step()
        collector.collect(model)
        model.agents.shuffle_do(
            "advance"
        )  # Mesa's own generator, which no process of the model draws from
    assert model.recorded().content_hash == simulate(seed=1, end=2016).content_hash


# ----------------------------------------------------------------------------------------------- writing and deciding


def test_what_an_agent_writes_is_seen_by_the_next_step() -> None:
    plain, other = (SouthSouthModel(seed=1, end=2016) for _ in range(2))
    plain.step()
    other.step()
    other.country("BRA").investment_share = 0.5
    plain.step()
    other.step()
    row = plain.world.position("BRA")
    invested = "private_investment", "infrastructure_investment"
    share = sum(getattr(other.state, n)[row] for n in invested) / other.state.real_income[row]
    assert share == pytest.approx(0.5, abs=0.05)  # plus the part of FDI that comes on top
    for name in invested:
        assert getattr(other.state, name)[row] > getattr(plain.state, name)[row]
        others = np.arange(197) != row
        assert np.array_equal(
            getattr(other.state, name)[others], getattr(plain.state, name)[others]
        )
    assert (
        other.state.gdp[row] == plain.state.gdp[row]
    )  # this year's output stands on last year's capital
    plain.step()
    other.step()
    assert other.state.gdp[row] > plain.state.gdp[row]


def test_a_write_between_steps_of_one_year_is_seen_within_the_year(model) -> None:
    from sscsim.steps.submodel import Submodel

    class Decree(Submodel):
        name = "decree"

        def run(self, now) -> None:
            model.country("VNM").host_attraction = np.log(3.0)

    plain = SouthSouthModel(seed=1, end=2016)
    position = [s.name for s in model.plan].index("investment")
    model.plan = (
        *model.plan[:position],
        Decree(None, None),
        *model.plan[position:],
    )
    for _ in range(2):
        plain.step()
        model.step()
    assert model.country("VNM").fdi_inflow > 2.0 * plain.country("VNM").fdi_inflow


def test_a_row_of_goals_is_written_through(model) -> None:
    model.step()
    model.country("FRA").goals = np.full(17, 50.0)
    model.country("DEU").goals[2] = 12.5
    assert (model.state.goals[model.world.position("FRA")] == 50.0).all()
    assert model.state.goals[model.world.position("DEU"), 2] == 12.5


class Thrifty(Country):
    """India saves half its income; all others decide as before."""

    @classmethod
    def invest(cls, state: State) -> np.ndarray:
        planned = Country.invest(state)
        planned[cls.row] = 0.5 * state.real_income[cls.row]
        return planned

    row = 0


class Homebound(Country):
    """Nobody invests abroad after 2013."""

    @classmethod
    def invest_abroad(cls, state: State) -> np.ndarray:
        return np.zeros_like(state.gdp)


def test_a_subclass_that_invests_otherwise_changes_what_it_should(model) -> None:
    Thrifty.row = model.world.position("IND")
    thrifty = SouthSouthModel(seed=1, end=2016, country_class=Thrifty)
    assert Thrifty in thrifty.agent_types
    assert Country not in thrifty.agent_types
    for _ in range(2):
        model.step()
        thrifty.step()
    india, other = model.country("IND"), thrifty.country("IND")
    assert other.gdp > india.gdp
    rest = [c.index for c in model.countries if c.iso3 != "IND"]
    # What others produce a year later stands on their own capital and technology, which India's saving left alone.
    assert np.array_equal(model.state.gdp[rest], thrifty.state.gdp[rest])
    assert not np.array_equal(model.state.trade, thrifty.state.trade)


def test_a_subclass_that_stays_at_home_sends_nothing_abroad(model) -> None:
    home = SouthSouthModel(seed=1, end=2014, country_class=Homebound)
    home.step()
    model.step()
    assert np.array_equal(home.state.fdi, model.state.fdi)  # the base year's flows are observed
    home.step()
    assert home.state.fdi.max() == 0.0
    assert -home.state.fdi.sum() == pytest.approx(home.state.fdi_disinvestment.sum())
    assert home.state.fdi_inward_stock.sum() < model.state.fdi_inward_stock.sum()


def test_a_class_that_decides_the_same_gives_the_same_bytes() -> None:
    class Same(Country):
        """Decides as before."""

    plain = simulate(seed=1, end=2016)
    assert simulate(seed=1, end=2016, country_class=Same).content_hash == plain.content_hash


# ------------------------------------------------------------------------------------------- copies, pickles, memory


def test_a_deep_copy_goes_its_own_way(model) -> None:
    model.step()
    twin = copy.deepcopy(model)
    assert twin.country("BRA").model is twin
    assert len(twin.agents) == len(model.agents)
    twin.country("BRA").gdp = 1.0
    assert model.country("BRA").gdp > 1.0
    twin = copy.deepcopy(model)
    while model.running:
        model.step()
    while twin.running:
        twin.step()
    assert twin.recorded().content_hash == model.recorded().content_hash


def test_a_copy_has_what_an_agent_of_ones_own_holds() -> None:
    class Remembering(Country):
        """Holds plans of its own, one in a slot."""

        __slots__ = ("plan",)

        def __init__(self, *args) -> None:
            super().__init__(*args)
            self.plan, self.partners, self.motto = ["roads"], {"MOZ": 2}, "order"

    class Careful(Country):
        """Says itself what is copied."""

        def __getstate__(self):
            return {**vars(self), "seen": 1}

        def __setstate__(self, held) -> None:
            vars(self).update(held, revived=True)

    for kind in (Remembering, Careful):
        model = SouthSouthModel(seed=1, end=2014, country_class=kind)
        brazil = model.country("BRA")
        twin = copy.deepcopy(model)
        copied = twin.country("BRA")
        assert type(copied) is kind
        assert copied.model is twin
        assert copied.unique_id == brazil.unique_id
        if kind is Careful:
            assert (copied.seen, copied.revived) == (1, True)
            continue
        assert (copied.plan, copied.partners, copied.motto) == (["roads"], {"MOZ": 2}, "order")
        copied.plan.append("ports")
        copied.partners["MOZ"] = 3
        assert (brazil.plan, brazil.partners) == (["roads"], {"MOZ": 2})


@pytest.mark.parametrize("year", [None, 2013, 2016, 2018, 2023])
def test_a_pickled_model_resumes_to_the_same_bytes(year: int | None) -> None:
    whole = SouthSouthModel("global-slowdown", seed=4, end=2024, keep="full")
    stopped = SouthSouthModel("global-slowdown", seed=4, end=2024, keep="full")
    while year is not None and (stopped.steps == 0 or stopped.year < year):
        stopped.step()
    revived = pickle.loads(pickle.dumps(stopped))
    assert revived.steps == stopped.steps
    assert revived.run().content_hash == whole.run().content_hash


def test_a_revived_model_takes_new_agents_under_new_numbers(model) -> None:
    revived = pickle.loads(pickle.dumps(model))
    count = len(model.agents)
    assert SscAgent(revived, 0).unique_id == count + 1
    assert SscAgent(model, 0).unique_id == count + 1
    assert len(revived.agents) == count + 1


def test_a_model_that_nobody_holds_is_forgotten() -> None:
    world = random_world(1)
    model = SouthSouthModel(seed=1, world=world, end=2014)
    model.step()
    trace = weakref.ref(model)
    array = weakref.ref(model.state.trade)
    del model
    gc.collect()
    assert trace() is None, (
        "Mesa keeps a dictionary of models: a run of an ensemble must not stay in memory"
    )
    assert array() is None


def test_two_models_in_one_process_do_not_meet() -> None:
    one, other = SouthSouthModel(seed=1, end=2015), SouthSouthModel(seed=2, end=2015)
    for _ in range(3):
        one.step()
        other.step()
    assert one.recorded().content_hash == simulate(seed=1, end=2015).content_hash
    assert other.recorded().content_hash == simulate(seed=2, end=2015).content_hash
