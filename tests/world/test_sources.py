"""The world's figures for people: nothing is shown without unit and source."""

from __future__ import annotations

from pathlib import Path

import pytest

from sscsim.errors import InputError
from sscsim.world import load_world
from sscsim.world.sources import describe_country, memberships_of, sources_table


def test_every_figure_of_an_economy_has_unit_and_publisher() -> None:
    world = load_world()
    table = describe_country(world, "AFG")
    assert table.set_index("column").loc["capital_output_ratio", "imputed"]
    table = describe_country(world, "BRA")
    assert (table["unit"].str.len() > 0).all()
    assert (table["publisher"].str.len() > 0).all()
    assert set(world.base) <= set(table["column"])
    gdp = table.set_index("column").loc["gdp_current_busd"]
    assert gdp["value"] == pytest.approx(2472.8, abs=0.1)
    assert gdp["year"] == "2013"
    assert not gdp["imputed"]
    marked = table[table["imputed"]]
    assert "population_m" in set(marked["column"])
    assert (marked["method"].str.len() > 10).all()


def test_growth_is_marked_by_year() -> None:
    table = describe_country(load_world(), "MAC")
    growth = table[table["column"] == "growth_pct"].set_index("year")
    assert growth.loc["2015", "imputed"]
    assert "hand" in growth.loc["2015", "method"]


def test_a_users_figure_is_the_users(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("iso3,column,value,year\nBRA,gini,0.5,\nBRA,growth_pct,1,2020\n")
    table = describe_country(load_world(path), "BRA")
    assert table.set_index("column").loc["gini", "publisher"] == "user"
    growth = table[table["column"] == "growth_pct"].set_index("year")["publisher"]
    assert growth["2020"] == "user"
    assert growth["2019"] != "user"


def test_unknown_economy() -> None:
    with pytest.raises(InputError, match="BRA"):
        describe_country(load_world(), "brazil")


def test_memberships() -> None:
    groups = memberships_of(load_world(), "BRA")
    assert {"BRICS", "IBSA", "MERCOSUR", "CELAC", "G77", "IBERO_AMERICA"} <= set(groups)
    assert "EU" not in groups


def test_sources_table_names_publisher_edition_and_licence() -> None:
    table = sources_table()
    for column in ("publisher", "edition", "licence", "unit", "description"):
        assert (table[column].str.len() > 0).all(), column
    by_name = table.set_index(["table", "column"])
    assert by_name.loc[("base_year.csv", "oda_received_busd"), "imputed_cells"] == 0
    assert by_name.loc[("population.csv", "population_m"), "imputed_cells"] == 197 * 22
    assert by_name.loc[("goals_2016.csv", "goal_*"), "imputed_cells"] > 600
    # A column whose gaps were filled says how.
    filled = table[table["imputed_cells"] > 0]
    assert (filled["imputation"].str.len() > 0).all()
