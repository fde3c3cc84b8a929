"""The generator's material: every observation has a known source and stands once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sscsim.world import load_world
from sscsim.world.columns import load_columns

FOLDER = Path(__file__).parents[2] / "tools" / "world_data" / "observations"


def test_observations_are_sourced_and_unique() -> None:
    tables = [
        pd.read_csv(path, keep_default_na=False, na_values=[""])
        for path in sorted(FOLDER.glob("*.csv"))
    ]
    table = pd.concat(tables, ignore_index=True)
    assert set(table["source"]) <= set(load_columns().sources)
    assert set(table["iso3"]) <= set(load_world().iso3)
    assert table["value"].notna().all()
    assert not table.duplicated(["iso3", "variable", "year"]).any()


def test_a_published_figure_reaches_the_table_unchanged() -> None:
    world = load_world()
    table = pd.read_csv(FOLDER / "economies.csv", keep_default_na=False)
    hdi = table[table["variable"] == "hdi"].set_index("iso3")["value"].astype(float)
    for code, value in hdi.items():
        assert world.base["hdi"][world.position(str(code))] == value
