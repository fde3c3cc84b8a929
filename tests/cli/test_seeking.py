"""`sscsim seek`: what is printed of an answer, and what is refused."""

from __future__ import annotations

import csv
import io

import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.cli.seeking import read_where
from sscsim.errors import InputError
from sscsim.experiments import seeking
from sscsim.policy import load_scenario


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli, ["seek", *map(str, args)])


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """Let the outcome be a function of the lever's value, which needs no model."""

    def ask(function, outcome: str, *more: object) -> Result:
        def number(store, member, question) -> float:
            settings = member.scenario.levers.get("bank_proposals", ())
            value = settings[-1].value if settings else 1.0
            return float(function(value) * (1.0 + 0.1 * member.draw))

        def limits(question, each):
            return (seeking.Limit("envelope", "what the bank may approve in the year", 2.2, True),)

        monkeypatch.setattr(seeking, "run_ensemble", lambda *args, **kwargs: None)
        monkeypatch.setattr(seeking, "_number", number)
        monkeypatch.setattr(seeking, "_limits", limits)
        moved = (seeking.Other("bank_capital", 3.0, 2.2, 9.9),)
        monkeypatch.setattr(seeking, "_others", lambda *args: moved)
        options = ["--lever", "bank_proposals", "--where", "bank=AIIB", "--draws", "3"]
        held = [
            "--source",
            "defaults",
            "--quiet",
            "--executor",
            "serial",
            "--store",
            tmp_path / "s",
        ]
        return invoke(outcome, *options, *held, *more)

    return ask


def test_the_value_its_interval_and_what_was_tried_are_printed(made_up, tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    result = made_up(lambda v: 4.0 * v, "bank_approvals AIIB 2026 = 11", "--save", path)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "bank_approvals, AIIB, 2026 = 11 bn USD, by bank_proposals of AIIB from 2019" in text
    assert (
        "bank_proposals at 2.5 (ratio) gives 11 bn USD as the median of 3 draws; 4.40 bn USD in baseline."
        in text
    )
    assert "Nine in ten single draws take 2.29" in text
    assert "3 draws at each value: parameters at the tables' values, the same in all." in text
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert load_scenario(path).levers["bank_proposals"][0].value == pytest.approx(2.5, rel=0.01)


def test_what_is_not_reached_says_how_near_it_comes_and_what_binds(made_up) -> None:
    result = made_up(lambda v: min(v, 2.0), "bank_approvals AIIB 2026 = 15")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "Not reached: with bank_proposals between 0 and 5 (ratio)" in text
    assert "the median comes to 2.20 bn USD at the nearest, 15 % of it" in text
    assert "what the bank may approve in the year 2.20 binds" in text
    assert "bank_capital 3 9.90 2.20" in text


def test_values_tried_are_a_table_for_programs(made_up) -> None:
    result = made_up(lambda v: 4.0 * v, "bank_approvals AIIB 2026 = 11", "--csv")
    head, *lines = csv.reader(io.StringIO(result.stdout))
    assert head == ["bank_proposals", "draw", "outcome"]
    tried = {(float(v), int(d)): float(o) for v, d, o in lines}
    for (value, draw), outcome in tried.items():
        assert outcome == pytest.approx(4.0 * value * (1.0 + 0.1 * draw))
    assert {draw for _, draw in tried} == {0, 1, 2}


def test_an_end_beyond_the_bounds_is_said(made_up) -> None:
    result = made_up(lambda v: 4.0 * v, "bank_approvals AIIB 2026 = 21")
    text = " ".join(result.stdout.split())
    assert "to beyond the upper bound." in text
    assert "In 33 % of the draws no value tried reaches it." in text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("gdp South 2030",), "an outcome reads"),
        (("gdp South 2030 = 2x", "--where", "AIIB"), "a place reads KEY=VALUE"),
        (("gdp South 2030 = 2x", "--where", "bnak=AIIB"), "did you mean 'bank'"),
        (("gdp South 2030 = 2x", "--save", "mine.txt"), "ends in .yaml"),
    ],
)
def test_slips_are_the_users(args, said) -> None:
    result = invoke(*args, "--lever", "cooperation")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_places_are_read_as_in_a_scenario() -> None:
    assert read_where(()) is None
    assert read_where(("countries=KEN, UGA", "group = LDC")) == {
        "countries": ["KEN", "UGA"],
        "group": "LDC",
    }
    with pytest.raises(InputError):
        read_where(("bank=",))
