"""`sscsim compare` and `sscsim scenario levers`: what is printed, and what is refused."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sscsim.choices import in_words
from sscsim.cli import effects
from sscsim.cli.effects import print_uninformed
from sscsim.cli.main import cli
from sscsim.cli.printing import WIDTH
from sscsim.experiments.identification import Identification, identify
from sscsim.experiments.pairs import Question
from sscsim.policy import lever_table

ARGUMENTS = ["--draws", "3", "--end", "2016", "--executor", "serial", "--quiet"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compare") / "store"


def invoke(store: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["compare", *args, *ARGUMENTS, "--store", str(store)])


def ok(store: Path, *args: str) -> str:
    result = invoke(store, *args)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_effects_gainers_ranking_and_what_they_mean(store) -> None:
    text = ok(store, "baseline", "trade-integration", "global-slowdown")
    assert max(map(len, text.splitlines())) <= WIDTH
    words = " ".join(text.split())
    assert "Trade cost within the South falls: trade-integration against baseline, 2016 " in words
    assert "P(effect>0)" in words
    assert "Ranking by median effect, 2016" in text
    assert "Who gains and who loses: global-slowdown, 2016" in text
    assert f"90 % of 3 pairs: {in_words('posterior')}, luck of the seeds 1 to 3." in words
    # From 2019 on, so there is nothing to be seen yet.
    trade = words[words.index("Trade within the group, South") :]
    assert " – no effect: the same in every pair" in trade[:120]
    assert "Real income: none of 197 countries gains or loses noticeably." in words
    assert "pairing" not in text  # only with --method
    assert "9 members: 0 were in the store, 9 run now." in text
    again = ok(store, "baseline", "trade-integration", "global-slowdown")
    assert again.splitlines()[:-1] == text.splitlines()[:-1]
    assert again.endswith("9 members: 9 were in the store, 0 run now.\n")


@pytest.mark.slow
def test_what_moved_the_goals_stands_below_the_effects_and_is_saved(store, tmp_path) -> None:
    from sscsim.results.comparison import Comparison

    place = tmp_path / "saved"
    told = ("--why", "--group", "LDC", "--indicator", "goal_index", "--out", str(place))
    scenario = tmp_path / "loss.yaml"
    scenario.write_text(
        "name: loss\ntitle: {en: Loss}\nextends: baseline\nlevers: {goal_loss: {from: 2014, value: 1.0}}\n",
        encoding="utf-8",
    )
    how = ("--draws", "2", "--end", "2014", "--executor", "serial", "--quiet")
    asked = ["compare", "baseline", str(scenario), *told, *how, "--store", str(store)]
    result = CliRunner().invoke(cli, asked)
    assert result.exit_code == 0, result.output
    text = result.stdout
    assert text.index("loss against baseline: Index of the Goals") < text.index("Who gains and")
    channels = Comparison.load(place).table("channels")
    assert {*channels["scenario"]} == {"loss"}
    by_driver = channels.set_index("driver")["mean"]
    # Half of the points are for good, and all of them are the shock's.
    assert by_driver["shocks"] < -0.1
    assert by_driver["together"] == pytest.approx(by_driver.drop("together").sum())


def test_the_usual_numbers_hold_cooperation_banks_and_reporting(store) -> None:
    text = " ".join(ok(store, "baseline", "trade-integration").split())
    for title in (
        "Index of the Goals, Least developed countries",
        "Disbursements of development banks, World (bn USD)",
        "Cooperation projects received, South (projects)",
        "Countries that report on their cooperation, South (%)",
    ):
        whole = title in text
        parts = all(word in text for word in title.split())
        assert whole or parts, title


def test_intervals_of_luck_alone_are_called_that(store) -> None:
    text = ok(store, "baseline", "trade-integration", "--source", "tables")
    words = " ".join(text.split())
    assert (
        "3 pairs: seeds only, parameters at the tables' values, luck of the seeds 1 to 3." in words
    )
    assert "What is not known of parameters is not in them" in words


def test_names_years_and_pairing_are_printed(store, tmp_path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "name: mine\ntitle: Mine\nextends: baseline\n"
        "levers: {guarantee_capacity: {from: 2014, value: 0.2, where: {group: LDC}}}\n"
    )
    asked = [
        "--indicator",
        "fdi_inflow",
        "--group",
        "LDC",
        "--group",
        "SIDS",
        "--year",
        "2015",
        "--year",
        "2016",
    ]
    text = ok(store, "baseline", str(mine), *asked, "--method")
    words = " ".join(text.split())
    for year in (2015, 2016):
        assert words.count(f" {year} ") >= 4, year  # two groups, in two tables
    assert "since 2013" in words  # these runs end before 2018
    assert "×" in text
    assert "pairing: factor by which" in words
    assert "Ranking" not in text  # of one scenario there is none


def test_a_country_a_list_and_a_body_are_whom_one_asks_about(store) -> None:
    asked = ["--country", "Kenya", "--group", "EAC", "--group", "AUDA-NEPAD", "--indicator", "gdp"]
    text = ok(store, "baseline", "trade-integration", *asked)
    words = " ".join(text.split())
    for whom in ("EAC", "AU", "Kenya"):
        assert f"Gross domestic product, volume, {whom} (bn 2015 USD)" in words


def test_effects_by_country_stand_in_a_table_csv_and_map(store, tmp_path) -> None:
    asked = ["baseline", "global-slowdown", "--indicator", "gdp", "--group", "EAC"]
    text = ok(store, *asked, "--by-country")
    table = text[text.index("country by country, 2016") :]
    assert "Kenya" in table
    assert "Brazil" not in table
    file = tmp_path / "map.png"
    result = invoke(store, *asked, "--csv", "countries", "--map", str(file))
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len({row["iso3"] for row in rows}) == 197
    assert {row["indicator"] for row in rows} >= {"gdp", "real_income", "goal_index"}
    assert result.stderr == f"Map: {file}\n"
    assert file.read_bytes().startswith(b"\x89PNG")


def test_two_sources_of_parameters_stand_side_by_side(store) -> None:
    asked = ["--indicator", "gdp", "--source", "tables", "--beside", "priors"]
    words = " ".join(ok(store, "baseline", "private-partnership", *asked).split())
    assert "and with parameters drawn from their priors" in words
    told = words[words.index("P(effect>0) width") :]
    assert re.search(r" tables ([+−0]|no change)", told)
    assert re.search(r" priors ([+−0]|no change)", told)
    assert "share of that with priors" in words


@pytest.mark.parametrize("columns", [70, 80])
def test_no_word_is_broken_on_a_narrow_terminal(store, monkeypatch, columns) -> None:
    """What is printed holds the same words as in a wide one, and no line is longer than the terminal."""
    args = ["baseline", "trade-integration", "global-slowdown", "--method"]
    wide = ok(store, *args)
    monkeypatch.setattr(effects, "width", lambda: columns)
    monkeypatch.setattr("sscsim.cli.printing.width", lambda: columns)
    narrow = ok(store, *args)
    assert max(map(len, narrow.splitlines())) <= columns
    assert set(narrow.split()) <= set(wide.split()) | {"─" * columns}


@pytest.mark.parametrize("table", ["effects", "yardsticks", "ranking", "countries", "losers"])
def test_tables_as_csv(store, table) -> None:
    text = ok(store, "baseline", "trade-integration", "--csv", table)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows
    assert {
        "effects": "narrowed",
        "yardsticks": "of_progress",
        "ranking": "best",
        "countries": "iso3",
        "losers": "worse_low",
    }[table] in rows[0]


def test_effects_are_drawn_beside_the_tables(store, tmp_path) -> None:
    file = tmp_path / "new" / "effects.png"
    asked = ["baseline", "trade-integration", "--figure", str(file)]
    result = invoke(store, *asked, "--csv")
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Figure: {file}\n"
    assert result.stdout.startswith("scenario,")
    assert file.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["baseline"], "at least one other"),
        (["baseline", "trade-integratio"], "trade-integration"),
        (["baseline", "trade-integration", "--indicator", "trade_withn"], "trade_within"),
        (["baseline", "trade-integration", "--group", "LDCs"], "LDC"),
        (["baseline", "trade-integration", "--year", "2030"], "2013 to 2016"),
        (["baseline", "trade-integration", "--source", "prior"], "priors"),
        (["baseline", "trade-integration", "--precision", "0"], "precision"),
        (["baseline", "trade-integration", "--csv", "loser"], "losers"),
        (["baseline", "trade-integration", "--figure", "effects.jpg"], ".png"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_slips_are_one_message_and_exit_2(tmp_path, args, words) -> None:
    result = invoke(tmp_path / "store", *args)
    assert result.exit_code == 2, result.output
    assert words in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "store").exists()


def test_levers_are_a_table() -> None:
    result = CliRunner().invoke(cli, ["scenario", "levers"])
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    for name, lever in lever_table().items():
        assert lever.description in text
        line = next(row for row in result.stdout.splitlines() if row.startswith(f"{name} "))
        assert f"{lever.default:g} ({lever.bounds[0]:g} to {lever.bounds[1]:g})" in line
    assert max(map(len, result.stdout.splitlines())) <= WIDTH


def test_sizes_are_shown_with_their_source() -> None:
    result = CliRunner().invoke(cli, ["scenario", "show", "african-continental-area"])
    assert result.exit_code == 0
    assert "6.1 %" in result.stdout
    assert "非洲大陆自由贸易区" in result.stdout


def test_diff_tells_every_year_with_its_paragraph() -> None:
    result = CliRunner().invoke(cli, ["scenario", "diff", "baseline", "african-continental-area"])
    lines = [line for line in result.stdout.splitlines() if line.startswith("trade_cost")]
    assert [line.split()[1] for line in lines] == [*map(str, range(2022, 2030)), "2030–2034"]
    assert all("agreement AfCFTA" in line and line.endswith("79, 98") for line in lines)


@pytest.mark.parametrize(("count", "told"), [(200, True), (20, False)])
def test_what_the_variance_of_effects_on_goals_comes_from_is_printed(count, told, capsys) -> None:
    """Two thirds of the variance are one parameter's; few draws tell nothing; other numbers are left alone."""
    generator = np.random.default_rng(3)
    drawn = {name: generator.normal(size=count) for name in ("response", "growth")}
    effect = 2.0 * drawn["response"] + drawn["growth"] + generator.normal(size=count)
    asked: list[tuple[str, str, int]] = []

    def found(scenario: str, *question: Any) -> Identification:
        asked.append(question)
        groups = {"response": "goals", "growth": "growth"}
        values = np.column_stack(list(drawn.values()))
        return identify(effect, values, list(drawn), groups, informed={"growth": 0.5})

    questions = [
        Question("gdp", "South", 2030, "bn 2015 USD"),
        Question("goal_index", "LDC", 2030, "0 to 100"),
    ]
    compared: Any = SimpleNamespace(
        drawn=drawn,
        draws=count,
        questions=questions,
        identify=found,
        title=lambda question: f"{question.indicator} of {question.group}",
    )
    print_uninformed(compared, "x")
    words = " ".join(capsys.readouterr().out.split())
    assert asked == ([("goal_index", "LDC", 2030)] if told else [])
    assert ("goal_index of LDC" in words) is told
    if told:
        share = int(re.search(r"does not inform: goal_index of LDC: (\d+) %", words)[1])
        assert share == pytest.approx(67, abs=10)
        assert re.search(r"\(most: response (\d+) %\)", words)


EXPONENT = re.compile(r"[0-9]e[-−+]?[0-9]")


def on_countries(changes: list[float], spread: float = 0.0) -> Any:
    """Return a comparison of four countries of an income of 100 each, and of their sum."""
    from sscsim.experiments.gathering import Countries
    from sscsim.experiments.pairs import Effects
    from sscsim.types import Array

    luck: Array = np.linspace(-1.0, 1.0, 20)[:, None]
    reference = np.full((20, 4), 100.0)
    held = np.stack([reference, reference + np.array(changes) + spread * luck])
    world = {"World": np.ones(4, dtype=bool)}
    codes, names = ("AAA", "BBB", "CCC", "DDD"), ("Aland", "Bland", "Cland", "Dland")
    kinds, units = ("real_income", "goal_index"), ("bn 2015 USD", "0 to 100")
    return Effects(
        reference="base",
        scenarios=("mine",),
        titles={"mine": "Mine"},
        questions=(Question("real_income", "World", 2030, "bn 2015 USD"),),
        values=held.sum(axis=2)[None],
        losses=(),
        tally=None,  # type: ignore[arg-type]
        source="priors",
        seeds=(1, 20),
        left_out=0,
        precision=0.05,
        absolute=False,
        drawn={},
        countries=(Countries(2030, codes, names, world, kinds, units, np.stack([held, held])),),
    )


def test_who_gains_nothing_that_is_noticed_is_not_named(capsys) -> None:
    """Every change has one sign in all draws, and none is a tenth of a per cent."""
    effects.print_gains(on_countries([4.3e-6, 6.6e-6, -2e-5, 3e-4]), "mine")
    text = capsys.readouterr().out
    assert "Real income: none of 4 countries gains or loses noticeably." in text
    assert "land" not in text
    assert "most" not in text


def test_a_side_on_which_no_country_moves_noticeably_is_said_in_words(capsys) -> None:
    effects.print_gains(on_countries([1.0, 2e-5, -1e-6, 0.0]), "mine")
    up = capsys.readouterr().out
    assert "Real income: 1 of 4 countries gains noticeably, none loses." in up
    assert "gain most: Aland +1.00 % (+1.00 … +1.00)" in up
    assert "lose most" not in up
    effects.print_gains(on_countries([1e-5, 0.0, -1e-6, -1.0]), "mine")
    down = capsys.readouterr().out
    assert "Real income: none of 4 countries gains noticeably, 1 loses." in down
    assert "lose most: Dland" in down
    assert "gain most" not in down


@pytest.mark.parametrize(
    ("changes", "spread", "told"),
    [
        # Of one sign in every draw, and nothing is left of it.
        ([1e-6] * 4, 0.0, "400 no change – – no change: less than 0.0001 either way"),
        # Of either sign.
        ([1e-7] * 4, 1e-4, "400 no change −0.0004 … +0.0004 50 % no effect seen"),
        # Of one sign, with an end that the last decimal does not show.
        ([5e-5] * 4, 4.9e-5, "400 +0.0002 +<0.0001 … +0.0004 100 %"),
        ([0.0] * 4, 0.0, "400 no change – – no effect: the same in every pair"),
    ],
)
def test_what_is_too_small_to_count_is_said_without_exponents(
    capsys, changes: list[float], spread: float, told: str
) -> None:
    compared = on_countries(changes, spread)
    effects.print_effects(compared, "mine")
    effects.print_by_country(compared, "mine")
    effects.print_method(compared, "mine")
    text = capsys.readouterr().out
    assert told in " ".join(text.split())
    assert not EXPONENT.search(text)
    assert not re.search(r"[+−]?0\.0+(?![0-9])", text)  # nought is 0


def test_tables_for_programs_have_every_digit() -> None:
    table = on_countries([1e-6] * 4).table
    assert table["median"].iloc[0] == pytest.approx(4e-6, rel=1e-3)
