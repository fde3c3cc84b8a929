"""Outcomes that are asked for: what a text says, what is refused, and small real searches."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments import seek, seeking
from sscsim.experiments.seeking import read_wanted
from sscsim.policy import load_scenario
from sscsim.policy.scenario import Where

QUICK = {"draws": 3, "source": "tables"}


@pytest.mark.parametrize(
    ("text", "question", "value", "of_reference"),
    [
        ("bank_approvals AIIB 2026 = 15", ("bank_approvals", "AIIB", 2026), 15.0, False),
        ("  bank_approvals  AIIB 2026=1.5e1 ", ("bank_approvals", "AIIB", 2026), 15.0, False),
        ("trade_within_share South 2030 = 60 %", ("trade_within_share", "South", 2030), 0.6, False),
        ("trade_within_share South 2030 = 0.6", ("trade_within_share", "South", 2030), 0.6, False),
        (
            "goal_index Latin America and the Caribbean 2030 = +10 %",
            ("goal_index", "Latin America and the Caribbean", 2030),
            1.1,
            True,
        ),
        (
            "projects_received_triangular World 2030 = 3x",
            ("projects_received_triangular", "World", 2030),
            3.0,
            True,
        ),
        ("gdp South 2030 = -2.5%", ("gdp", "South", 2030), 0.975, True),
    ],
)
def test_an_outcome_is_read(text, question, value, of_reference) -> None:
    wanted = read_wanted(text)
    assert wanted.question[:3] == question
    assert wanted.value == pytest.approx(value)
    assert wanted.of_reference == of_reference


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bank_approvals AIIB = 15", "an outcome reads"),
        ("bank_approvals 2026 = 15", "an outcome reads"),
        ("bank_aprovals AIIB 2026 = 15", "did you mean 'bank_approvals'"),
        ("bank_approvals AIB 2026 = 15", "did you mean 'AIIB'"),
        ("bank_approvals South 2026 = 15", "not given for this group"),
        ("bank_approvals AIIB 2026 = much", "no value of an outcome"),
        ("bank_approvals AIIB 2026 = 15 %", "no value of an outcome"),
    ],
)
def test_what_is_no_outcome_is_said(text, said) -> None:
    with pytest.raises(InputError, match=said):
        read_wanted(text)


@pytest.mark.parametrize(
    ("lever", "options", "said"),
    [
        ("bank_proposal", {}, "did you mean 'bank_proposals'"),
        ("bank_proposals", {"where": {"group": "LDC"}}, "takes no such place"),
        ("partner_budget", {"where": {"group": "LDC"}}, "takes no such place"),
        ("cooperation", {"where": {"origin": "LDC"}}, "takes no such place"),
        ("bank_proposals", {"bounds": (0.0, 6.0)}, "within its bounds"),
        ("bank_proposals", {"bounds": (2.0, 1.0)}, "within its bounds"),
        ("bank_proposals", {"first": 2027}, "first"),
        ("bank_proposals", {"end": 2025}, "year"),
        ("bank_proposals", {"where": {"bank": "AIB"}}, "AIIB"),
    ],
)
def test_what_cannot_be_sought_is_said_before_anything_runs(tmp_path, lever, options, said) -> None:
    with pytest.raises(InputError, match=said):
        seek("bank_approvals AIIB 2026 = 15", lever, store=tmp_path, **QUICK, **options)
    assert not list(tmp_path.glob("*/*/member.json"))


@pytest.fixture
def made_up(monkeypatch):
    """Let outcomes be a function of the lever's value, which needs no model."""

    def put(function) -> None:
        class Nothing:
            pass

        def number(store, member, question) -> float:
            settings = member.scenario.levers.get("bank_proposals", ())
            value = settings[-1].value if settings else 1.0
            return float(function(value) * (1.0 + 0.1 * member.draw))

        monkeypatch.setattr(seeking, "run_ensemble", lambda *args, **kwargs: Nothing())
        monkeypatch.setattr(seeking, "_number", number)
        monkeypatch.setattr(seeking, "_limits", lambda question, each: ())

    return put


def sought(tmp_path, outcome: str, **options):
    place = {"bank": "AIIB"}
    return seek(outcome, "bank_proposals", where=place, store=tmp_path, **QUICK, **options)


def test_the_value_is_found_and_told_as_a_scenario(made_up, tmp_path) -> None:
    made_up(lambda value: 4.0 * value)
    answer = sought(tmp_path, "bank_approvals AIIB 2026 = 11")
    assert answer.reached
    assert answer.reference == pytest.approx(4.4)
    assert answer.solution.value == pytest.approx(2.5, rel=0.01)
    assert answer.solution.low == pytest.approx(11 / 4.8, rel=0.01)
    assert answer.solution.high == pytest.approx(11 / 4.0, rel=0.01)
    assert not answer.others
    path = tmp_path / "mine.yaml"
    path.write_text(answer.as_yaml("mine"), encoding="utf-8")
    [setting] = load_scenario(path).levers["bank_proposals"]
    assert setting.value == answer.solution.value
    assert (setting.first, setting.where) == (2019, Where(bank="AIIB"))


def test_where_nothing_need_be_moved_the_scenario_moves_nothing(made_up, tmp_path) -> None:
    made_up(lambda value: 4.0 * value)
    answer = sought(tmp_path, "bank_approvals AIIB 2026 = 4.4")
    assert answer.solution.value == 1.0
    path = tmp_path / "mine.yaml"
    path.write_text(answer.as_yaml("mine"), encoding="utf-8")
    assert load_scenario(path).levers == load_scenario("baseline").levers


def test_a_multiple_is_of_each_draw(made_up, tmp_path) -> None:
    made_up(lambda value: 2.0 + value)
    answer = sought(tmp_path, "bank_approvals AIIB 2026 = 1.5x")
    assert answer.solution.value == pytest.approx(2.5, rel=0.01)
    assert answer.target == pytest.approx(1.5 * 3.0 * 1.1)
    assert answer.solution.low == pytest.approx(
        answer.solution.high
    )  # the draws differ by a factor alone


def test_what_cannot_be_reached_is_told_with_how_near_it_comes(made_up, tmp_path) -> None:
    made_up(lambda value: min(value, 2.0))
    answer = sought(tmp_path, "bank_approvals AIIB 2026 = 15")
    assert not answer.reached
    assert answer.solution.median == pytest.approx(2.2)
    assert answer.solution.value <= 3.0


def test_other_levers_are_those_that_move_it_towards_the_target() -> None:
    moves = {("bank_capital", 3.0): 30.0, ("bank_lending", 0.5): 1.0, ("bank_ramp_up", 2.5): 12.0}
    found = seeking._others(
        "bank_proposals",
        15.0,
        lambda lever, value: np.full(3, moves.get((lever, value), 10.0)),
        np.full(3, 10.0),
    )
    assert [(one.lever, one.after) for one in found] == [
        ("bank_capital", 30.0),
        ("bank_ramp_up", 12.0),
    ]


@pytest.mark.slow
def test_lending_of_a_bank_is_found_or_what_binds_is_named(tmp_path) -> None:
    held = {"where": {"bank": "AIIB"}, "store": tmp_path, "draws": 2, "source": "tables"}
    answer = seek("bank_approvals AIIB 2017 = 1.2", "bank_lending", first=2016, **held)
    assert answer.reached
    assert answer.solution.median == pytest.approx(1.2, rel=0.01)
    assert 0.0 < answer.solution.low <= answer.solution.high < 1.0
    answer = seek("bank_approvals AIIB 2017 = 40", "bank_proposals", first=2016, **held)
    assert not answer.reached
    assert {one.name for one in answer.limits if one.binds} == {"envelope"}
    assert "bank_capital" in {one.lever for one in answer.others}


@pytest.mark.slow
def test_triangular_projects_grow_with_the_money_of_partners(tmp_path) -> None:
    answer = seek(
        "projects_received_triangular World 2017 = 1.3x",
        "partner_budget",
        first=2014,
        store=tmp_path,
        draws=2,
        source="tables",
    )
    assert answer.reached
    assert 1.0 < answer.solution.value < 10.0
