"""`sscsim cost`: what is printed, and what is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.costs import comparing
from sscsim.costs.comparing import Costs, Gain, Priced
from sscsim.costs.ratios import price_ratio
from sscsim.experiments.ensemble import Tally
from sscsim.policy import lever_table
from sscsim.results.comparison import Comparison


def invoke(*args: object) -> Result:
    return CliRunner().invoke(cli, ["cost", *map(str, args)])


def made_up(*, items: bool = True) -> Costs:
    """Return costs that need no model: 1 to 3 bn for two points, and years of poverty in half of the draws."""
    drawn = np.array([[1.0, 3.0], [1.0, 3.0]])
    item = Priced(
        name="projects",
        title="Cooperation projects",
        counted="bn USD of projects",
        payer="providers, and others",
        source="Somebody (2017)",
        from_memory=True,
        price=(1.0, 3.0),
        unit="USD a USD",
        amount=np.ones(2),
        cost=drawn,
    )
    return Costs(
        reference="baseline",
        scenario="mine",
        title="My own",
        levers=("partner_budget", "third_party_cost"),
        items=(item,) if items else (),
        unpriced={"third_party_cost": "Nobody knows"},
        total=drawn if items else np.zeros((2, 2)),
        gains=tuple(
            Gain(name, "LDC", effect, price_ratio(drawn, effect, np.full(2, outside)), (1.0, 10.0))
            for name, effect, outside in (
                ("goal_point", np.array([2.0, 2.0]), 1.25),
                ("person_year", np.array([0.0, 4.0]), 0.1),
            )
        ),
        last=2030,
        draws=2,
        source="priors",
        tally=Tally(4, run=4),
    )


@pytest.fixture
def asked(monkeypatch):
    """Ask for costs that are made up."""

    def ask(*more: object, **how: bool) -> Result:
        monkeypatch.setattr(comparing, "cost", lambda *args, **kwargs: [made_up(**how)])
        return invoke("baseline", "mine", "--quiet", *more)

    return ask


def test_every_lever_is_listed_with_its_price() -> None:
    result = invoke("--prices")
    assert result.exit_code == 0, result.output
    assert all(
        any(line.startswith(name) for line in result.stdout.splitlines()) for name in lever_table()
    )
    assert max(map(len, result.stdout.splitlines())) <= WIDTH


def test_the_price_of_a_lever_comes_with_its_source_or_a_reason() -> None:
    text = " ".join(invoke("--prices", "trade_facilitation", "trade_cost").stdout.split())
    assert "4.6 to 25.3 million USD for 0.143 of the lever" in text
    assert "Moïsé 2013" in text
    assert "without a price Whether tariffs are forgone" in text


def test_a_lever_that_there_is_not_is_said() -> None:
    result = invoke("--prices", "platfrom")
    assert result.exit_code == 2
    assert "did you mean 'platform'" in result.stderr


def test_costs_gains_and_what_has_no_price_are_printed(asked) -> None:
    result = asked("--sources")
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    text = " ".join(lines)
    assert "mine against baseline, to 2030: My own" in lines
    assert any(line.startswith("together 2,000 1,000 … 3,000") for line in lines)
    assert "Without a price, or not in all: third_party_cost – nobody knows." in lines
    assert "1 to 3 USD a USD, from memory. Somebody (2017)" in text
    # 1 or 3 bn for two points: 500 or 1,500 million each, beside 1,000 to 10,000 elsewhere.
    assert "+2.00 100 % 1,500 500 … 1,500 1,000 … 10,000 50 %" in text
    # Half of the draws gain nothing for the money.
    assert "+2.00 50 % no gain 250 … no gain 1,000 … 10,000 0 %" in text


def test_where_nothing_has_a_price_nothing_is_divided(asked) -> None:
    text = asked(items=False).stdout
    assert "Nothing of it has a price." in text
    assert "elsewhere" not in text.split("Intervals")[0]


def test_lines_of_the_csv_have_all_columns_and_a_sum(asked) -> None:
    lines = list(csv.DictReader(io.StringIO(asked("--csv").stdout)))
    assert all(None not in line and None not in line.values() for line in lines)
    assert [line["kind"] for line in lines] == ["item", "total", "gain", "gain", "no price"]
    assert lines[0]["median"] == lines[1]["median"] == "2.0"
    assert lines[0]["payer"] == "providers, and others"
    assert (lines[3]["low"], lines[3]["high"], lines[3]["gains"]) == ("0.25", "inf", "0.5")


def test_one_scenario_alone_is_refused() -> None:
    result = invoke("baseline")
    assert result.exit_code == 2
    assert "another scenario" in result.stderr


def test_costs_stand_below_the_effects_of_a_comparison_and_are_saved(monkeypatch, tmp_path) -> None:
    asked = []

    def cost(reference, scenarios, **how) -> list[Costs]:
        asked.append((reference, scenarios, how["groups"], how["draws"], how["year"]))
        return [replace(made_up(), scenario="trade-integration")]

    monkeypatch.setattr(comparing, "cost", cost)
    told = ["baseline", "trade-integration", "--draws", "2", "--end", "2014", "--quiet"]
    told += ["--executor", "serial", "--store", str(tmp_path / "store")]
    place = tmp_path / "saved"
    result = CliRunner().invoke(cli, ["compare", *told, "--cost", "--out", str(place)])
    assert result.exit_code == 0, result.output
    # Those whose Goals are compared, and the members of the comparison.
    assert asked == [("baseline", ("trade-integration",), ("South", "LDC"), 2, 2014)]
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    text = " ".join(lines)
    assert max(map(len, result.stdout.splitlines())) <= WIDTH
    assert (
        "2,000 million USD (90 % of draws and prices: 1,000 … 3,000), of what has a price." in lines
    )
    assert "third_party_cost – nobody knows" in text
    assert "+2.00 100 % 1,500 500 … 1,500 1,000 … 10,000 50 %" in text
    assert text.index("What trade-integration costs") < text.index("Who gains and who loses")
    saved = Comparison.load(place).table("costs")
    assert saved["kind"].tolist() == ["item", "total", "gain", "gain", "no price"]
    assert saved["high"].tolist()[3] == np.inf
    plain = CliRunner().invoke(cli, ["compare", *told])
    assert "costs against" not in plain.stdout
    assert len(asked) == 1
