"""Members that begin alike run once to where they part, and are to the last bit what each by itself would be."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.experiments import executors
from sscsim.experiments.beginnings import by_beginning, run_together
from sscsim.experiments.members import Member, members
from sscsim.experiments.store import RunStore
from sscsim.model import SouthSouthModel
from sscsim.policy import Scenario, load_scenario
from sscsim.policy.scenario import Setting, Where


def scenario(name: str, lever: str, value: float, first: int, **where) -> Scenario:
    place = Where(**where) if where else None
    setting = Setting(value=value, where=place, **{"from": first})
    return Scenario(name, {"en": name}, levers={lever: (setting,)})


def apart(member: Member) -> str:
    return SouthSouthModel(member.settings).run().content_hash


@pytest.fixture
def years(monkeypatch) -> list[int]:
    """The years that models simulate."""
    seen: list[int] = []
    step = SouthSouthModel.step

    def counted(self) -> None:
        step(self)
        seen.append(self.year)

    monkeypatch.setattr(SouthSouthModel, "step", counted)
    return seen


PLAIN = Scenario("plain", {"en": "Plain"})
FLIGHTS = {
    "part in the first year": [
        PLAIN,
        scenario("early", "trade_cost", -0.1, 2013, group="ASEAN"),
        scenario("earlier", "cooperation", 0.0, 2013),
    ],
    "part twice": [
        scenario("late", "aid_volume", 2.0, 2017),
        PLAIN,
        scenario("later", "aid_volume", 2.0, 2018),
        scenario("other", "bank_capital", 1.5, 2017, bank="AIIB"),
    ],
    "ask for the same under two names": [
        scenario("one", "partner_budget", 3.0, 2016),
        scenario("two", "partner_budget", 3.0, 2016),
        scenario("default", "partner_budget", 1.0, 2016),
        PLAIN,
    ],
    "never part": [PLAIN, scenario("beyond", "training", 3.0, 2030)],
}


@pytest.mark.parametrize("name", list(FLIGHTS))
def test_what_is_shared_equals_what_is_not(name: str, years: list[int]) -> None:
    flight = members(FLIGHTS[name], draws=1, source="priors", end=2019, keep="full")
    assert by_beginning(flight) == [tuple(flight)]
    together = {m.scenario.name: model.recorded() for m, model in run_together(flight)}
    shared, years[:] = len(years), []
    for member in flight:
        run = together[member.scenario.name]
        assert run.content_hash == apart(member), member
        assert run.scenario == member.scenario.name
        assert run.manifest["scenario_hash"] == member.scenario.content_hash
    if name != "part in the first year":
        assert shared < len(years), "nothing was shared"


def test_shipped_scenarios_share_what_they_can(years: list[int]) -> None:
    chosen = ["baseline", "full-agenda", "no-cooperation", "triangular-scale-up"]
    flight = members(chosen, draws=1, source="defaults", end=2020)
    together = {m.scenario.name: model.recorded() for m, model in run_together(flight)}
    assert len(years) < 4 * 8 - 10
    assert {n: r.content_hash for n, r in together.items()} == {
        m.scenario.name: apart(m) for m in flight
    }


def test_other_parameters_seeds_and_years_share_nothing() -> None:
    held = Scenario("held", {"en": "Held"}, parameters={"trade_elasticity": 4.0})
    two = members([PLAIN, held], draws=2, source="priors", end=2015)
    assert [len(flight) for flight in by_beginning(two)] == [1, 1, 1, 1]
    later = members([PLAIN], draws=2, source="priors", end=2016)
    assert [len(flight) for flight in by_beginning([two[0], later[0]])] == [1, 1]


@pytest.mark.parametrize(
    ("workers", "sizes"), [(1, [6]), (2, [3, 3]), (4, [2, 1, 2, 1]), (9, [1] * 6)]
)
def test_no_worker_waits_for_what_is_shared(workers: int, sizes: list[int]) -> None:
    many = [scenario(f"s{i}", "aid_volume", 1.0 + i / 10, 2016) for i in range(6)]
    flights = by_beginning(members(many, draws=1, source="defaults"), workers)
    assert sorted(map(len, flights)) == sorted(sizes)
    assert sum(flights, ()) == tuple(members(many, draws=1, source="defaults"))


class Breaks(SouthSouthModel):
    """Fails in 2016 under one scenario."""

    def step(self) -> None:
        super().step()
        if self.year == 2016 and self.policy_scenario.name == "bad":
            raise ArithmeticError("breaks")


def test_one_that_fails_costs_the_others_nothing(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sscsim.model.SouthSouthModel", Breaks)
    flight = members(
        [
            PLAIN,
            scenario("bad", "aid_volume", 2.0, 2015),
            scenario("good", "aid_volume", 3.0, 2015),
        ],
        draws=1,
        source="defaults",
        end=2017,
    )
    outcomes = {
        o.member.scenario.name: o
        for o in executors.perform(tuple(flight), RunStore(tmp_path / "s"))
    }
    assert {name: o.status for name, o in outcomes.items()} == {
        "plain": "run",
        "good": "run",
        "bad": "failed",
    }
    assert outcomes["bad"].stage == "run"
    assert "breaks" in outcomes["bad"].error


def test_a_model_that_forked_goes_on_by_itself() -> None:
    model = SouthSouthModel("baseline", seed=3, end=2018)
    while model.year < 2016:
        model.step()
    before = {name: values.copy() for name, values in model.state}
    twin = model.fork(load_scenario("no-cooperation"))
    while twin.running:
        twin.step()
    assert model.year == 2016
    for name, values in model.state:
        assert (values == before[name]).all() or name == "goals", name
    assert twin.country("KEN").model is twin
    assert (
        model.run().content_hash == SouthSouthModel("baseline", seed=3, end=2018).run().content_hash
    )
