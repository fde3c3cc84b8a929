"""Inputs over priors and posteriors, and what the model's answers at them are made of."""

from __future__ import annotations

import numpy as np
import pytest
from _shipped import INFORMED, shipped

from sscsim.errors import InputError
from sscsim.experiments import futures
from sscsim.experiments.futures import LUCK, discover_futures, sensitivity, space_of
from sscsim.parameters import default_parameters

TABLES = default_parameters()
ASKED = {"indicators": ["trade_within"], "groups": ["South"], "years": [2014]}


def test_a_single_parameter_takes_the_quantiles_of_its_prior() -> None:
    space = space_of("priors", ["trade_elasticity", "growth"])
    assert space.names[-1] == LUCK
    assert {"trade_elasticity"} < {*space.names}
    u = np.full((3, len(space.inputs)), 0.5)
    u[:, 0] = [0.1, 0.5, 0.9]
    points = space.points(u)
    name = space.inputs[0].members[0]
    prior = TABLES.definition(name)
    assert [p[name] for p in points] == pytest.approx([prior.quantile(q) for q in (0.1, 0.5, 0.9)])
    assert set(points[0]) == {n for one in space.inputs for n in one.members}


def test_groups_take_whole_rows_and_goals_move_together() -> None:
    space = space_of("priors", ["goals", "trade"], by_group=True)
    assert space.names == ("trade", "goals", LUCK) or space.names == ("goals", "trade", LUCK)
    goals = space.inputs[space.names.index("goals")]
    assert len(goals.members) > 50
    first, again, other = goals.values(np.array([0.3, 0.3, 0.7]))
    assert (first == again).all()
    assert (first != other).all()
    # Within a group the draws are those of the priors: independent of one another.
    rows = goals.values(np.linspace(0.0, 1.0, 2000, endpoint=False))
    assert np.abs(np.corrcoef(rows[:, :5], rowvar=False) - np.eye(5)).max() < 0.1
    together = space_of("priors", ["goals"], together=True)
    stems = [one for one in together.inputs if len(one.members) > 1]
    assert stems
    assert all(one.name == member.partition(".")[0] for one in stems for member in one.members)


def test_luck_is_a_seed_and_nothing_else() -> None:
    space = space_of("priors", ["trade"])
    u = np.full((3, len(space.inputs)), 0.5)
    u[:, -1] = [0.0, 0.5, 1.0]
    assert space.seeds(u, 7) == [7, 507, 1006]
    assert len({tuple(point.values()) for point in space.points(u)}) == 1


def test_a_posterior_gives_its_own_quantiles_and_holds_the_rest_at_its_centre(
    tmp_path, monkeypatch
) -> None:
    with shipped(tmp_path, monkeypatch) as posterior:
        space = space_of("posterior", ["informed"])
        assert space.names == (INFORMED, LUCK)
        assert space.base == {
            n: v for n, v in posterior.central_point.changed.items() if n in TABLES
        }
        column = posterior.values[:, posterior.names.index(INFORMED)]
        points = space.points(np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]]))
        assert [p[INFORMED] for p in points] == pytest.approx(
            [column.min(), np.median(column), column.max()]
        )
        both = space_of("posterior", ["trade", "growth"], by_group=True)
        assert both.tied is not None
        assert both.tied[0] > 0.5  # five draws are tied by chance alone
        rows = both.inputs[0].values(np.array([0.01, 0.99]))
        held = posterior.values[:, [posterior.names.index(n) for n in both.inputs[0].members]]
        assert (rows == held[[0, -1]]).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tables",), "nothing differs"),
        (("priors", ["trad"]), "did you mean 'trade'"),
        (("priors", ["trade_elasticty"]), "did you mean 'trade_elasticity'"),
    ],
)
def test_what_cannot_be_moved_is_said(arguments, said: str) -> None:
    with pytest.raises(InputError, match=said):
        space_of(*arguments)


def test_what_is_held_is_no_input() -> None:
    free = space_of("priors", ["trade"]).names
    assert [n for n in free if n != "trade_elasticity"] == [
        *space_of("priors", ["trade"], fixed=["trade_elasticity"]).names
    ]


@pytest.fixture
def made_up(monkeypatch):
    """Let outcomes be a function of parameters, scenario and seed, which needs no model."""
    asked = []

    def put(function) -> list:
        def of(self, each):
            asked.extend(each)
            many = len(self.scenarios)
            answers = np.array([function(member) for member in each]).reshape(-1, many)
            return (answers[:, -1] - answers[:, 0] if many == 2 else answers[:, 0])[None]

        monkeypatch.setattr(futures._Asked, "of", of)
        return asked

    return put


def effect(member) -> float:
    """Return an outcome that trade's cost moves in one scenario only, by the elasticity and a little luck."""
    level = 10.0 * member.parameters.get("trade_elasticity", TABLES["trade_elasticity"])
    luck = 0.1 * np.random.default_rng(member.seed).normal()
    return level + (level + luck if member.scenario.name != "baseline" else 0.0)


@pytest.mark.parametrize("method", ["sobol", "morris", "pawn"])
def test_what_moves_an_effect_is_named(made_up, tmp_path, method: str) -> None:
    asked = made_up(effect)
    found = sensitivity(
        ["baseline", "trade-integration"],
        method,
        size={"sobol": 64, "morris": 6, "pawn": 100}[method],
        source="priors",
        over=["trade"],
        by_group=False if method == "sobol" else None,
        store=tmp_path,
        draw_figures=False,
        **ASKED,
    )
    assert found.table["input"][0] == "trade_elasticity"
    [one] = found.indices
    told = [one.names[i] for i in one.order if one.matters[i]]
    assert "trade_elasticity" in told
    assert "gravity_south" not in told
    # With and without the scenario a point has the same parameters and the same seed.
    pairs = list(zip(asked[::2], asked[1::2], strict=True))
    assert all(a.parameters == b.parameters and a.seed == b.seed for a, b in pairs)
    assert {a.scenario.name for a, _ in pairs} == {"baseline"}
    assert one.runs == len(pairs)


def test_luck_is_found_where_it_is_all_there_is(made_up, tmp_path) -> None:
    made_up(lambda member: float(np.random.default_rng(member.seed).normal()))
    found = sensitivity(
        ["baseline"],
        "sobol",
        size=64,
        source="priors",
        store=tmp_path,
        over=["trade", "growth"],
        **ASKED,
    )
    assert found.table["input"].tolist()[0] == LUCK
    assert found.table["total"][0] == pytest.approx(1.0, abs=0.2)
    assert found.table["total"][1] == 0.0


def test_the_futures_in_which_an_effect_is_large_are_found(made_up, tmp_path) -> None:
    made_up(effect)
    prior = TABLES.definition("trade_elasticity")
    found = discover_futures(
        ["baseline", "trade-integration"],
        10.0 * prior.quantile(0.6),
        draws=200,
        source="priors",
        over=["trade"],
        store=tmp_path,
        draw_figures=False,
        **ASKED,
    )
    assert found.boxes is not None
    [box] = found.boxes.boxes
    assert [one.name for one in box.limits] == ["trade_elasticity"]
    assert box.limits[0].low == pytest.approx(prior.quantile(0.6), rel=0.05)
    assert box.density > 0.9
    everywhere = discover_futures(
        ["baseline", "trade-integration"],
        source="priors",
        over=["trade"],
        store=tmp_path,
        draw_figures=False,
        **ASKED,
    )
    assert everywhere.boxes is None
    assert everywhere.cases.all()


def test_a_lever_is_drawn_too_and_moved_in_the_scenario_alone(made_up, tmp_path) -> None:
    def function(member) -> float:
        settings = member.scenario.levers.get("aid_volume", ())
        return settings[-1].at(2030) if settings else 0.0

    asked = made_up(function)
    found = discover_futures(
        ["baseline", "trade-integration"],
        1.7,
        draws=100,
        source="priors",
        over=["trade"],
        levers={"aid_volume": (1.0, 2.0)},
        store=tmp_path,
        draw_figures=False,
        **ASKED,
    )
    assert found.names[-1] == "aid_volume"
    assert found.values[:, -1].tolist() == found.answers.tolist()
    assert (found.answers.min(), found.answers.max()) == pytest.approx((1.0, 2.0), abs=0.05)
    assert found.boxes is not None
    [limit] = found.boxes.boxes[0].limits
    assert (limit.name, limit.low) == ("aid_volume", pytest.approx(1.7, abs=0.03))
    assert not any("aid_volume" in m.scenario.levers for m in asked[::2])
    assert all("trade_cost" in m.scenario.levers for m in asked[1::2])
    assert asked[1].scenario.levers["aid_volume"][-1].at(2018) is None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: discover_futures(["baseline"], levers={"aid_volum": (1, 2)}, **ASKED),
            "did you mean 'aid_volume'",
        ),
        (
            lambda: discover_futures(["baseline"], levers={"aid_volume": (2, 1)}, **ASKED),
            "within its bounds",
        ),
        (lambda: sensitivity(["baseline"], "sobl", **ASKED), "did you mean 'sobol'"),
        (lambda: sensitivity(["baseline"], "morris", by_group=True, **ASKED), "one by one"),
        (lambda: sensitivity(["baseline", "baseline"], **ASKED), "against itself"),
        (lambda: sensitivity(["baseline"] * 3, **ASKED), "one scenario is looked at"),
        (lambda: sensitivity(["baseline"], indicators=["gdpp"]), "indicator"),
        (
            lambda: discover_futures(["baseline"], indicators=["gdp"], years=[2020, 2030]),
            "one number",
        ),
        (lambda: discover_futures(["baseline"], draws=20, **ASKED), "draws"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_runs(call, said: str) -> None:
    with pytest.raises(InputError, match=said):
        call()


@pytest.mark.slow
def test_real_runs_are_kept_and_not_made_again(tmp_path) -> None:
    counted = []

    def once() -> futures.Sensitivity:
        return sensitivity(
            ["baseline"],
            "morris",
            size=4,
            source="priors",
            over=["trade_elasticity", "deficit_persistence"],
            settings=futures.RunSettings(end=2014),
            store=tmp_path,
            progress=counted.append,
            **ASKED,
        )

    first = once()
    assert counted[-1].run > 0
    counted.clear()
    assert (once().answers == first.answers).all()
    assert counted[-1].run == 0
    assert first.table["input"][0] == "trade_elasticity"
