"""What a run remembers, and how it is told from another."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.results import KEEP, Recorder, Run

ISO3 = ("BRA", "CHN", "IND")
ROWS = (
    ("World", "gdp", "bn 2015 USD"),
    ("South", "gdp", "bn 2015 USD"),
    ("World", "gdp_growth", "fraction"),
    ("South → North", "trade_between", "bn USD"),
    ("Nobody", "gdp", "bn 2015 USD"),
)
VARIABLES = [
    SimpleNamespace(name="gdp", axes=("country",)),
    SimpleNamespace(name="goals", axes=("country", "goal")),
    SimpleNamespace(name="growth", axes=("country", "sector")),
    SimpleNamespace(name="trade", axes=("origin", "destination")),
    SimpleNamespace(name="cycle", axes=("world",)),
]


def make_state(year, seed=0):
    rng = np.random.default_rng([seed, year])
    goals = rng.uniform(0, 100, (3, 17))
    goals[1, 13] = np.nan
    trade = rng.random((3, 3))
    np.fill_diagonal(trade, 0.0)
    fdi = np.zeros((3, 3))
    fdi[0, 1] = rng.standard_normal()
    return SimpleNamespace(
        year=year,
        gdp=rng.random(3),
        goals=goals,
        growth=rng.random((3, 2)),
        trade=trade,
        fdi=fdi,
        cycle=rng.random(1),
    )


def make_recorder(keep="standard", years=range(2013, 2035), seed=0, **changes):
    recorder = Recorder(
        iso3=ISO3,
        rows=ROWS,
        variables=VARIABLES,
        keep=keep,
        labels={"sector": ("energy", "water")},
        **{"scenario": "baseline", "seed": 1, **changes},
    )
    for year in years:
        state = make_state(year, seed)
        growth = 0.1 if len(recorder.years) else math.nan
        values = np.array([state.gdp.sum(), state.gdp[0], growth, -0.0, math.nan])
        recorder.record(state, values)
    return recorder


def make_run(keep="standard", manifest=None, **changes):
    return make_recorder(keep, **changes).run(manifest)


@pytest.mark.parametrize("keep", KEEP)
def test_the_long_table(keep):
    run = make_run(keep)
    table = run.indicators
    assert list(table.columns) == [
        "scenario",
        "seed",
        "year",
        "group",
        "indicator",
        "value",
        "unit",
    ]
    assert len(table) == 22 * 4 - 1  # no growth in the first year, nothing of nobody
    assert table["value"].notna().all()
    assert set(table["scenario"]) == {"baseline"}
    assert list(table["year"]) == sorted(table["year"])
    first = table.iloc[0]
    assert (first["group"], first["indicator"], first["unit"]) == ROWS[0]
    assert first["value"] == make_state(2013).gdp.sum()


def test_outcomes_are_what_countries_gain_or_lose_by_in_four_years():
    table, whole = make_run("outcomes").countries, make_run().countries
    assert list(table.columns) == ["iso3", "year", "gdp", *(f"goal_{g}" for g in range(1, 18))]
    assert sorted(set(table["year"])) == [2013, 2018, 2030, 2034]
    rows = whole[whole["year"].isin([2013, 2018, 2030, 2034])].reset_index(drop=True)
    assert table.equals(rows[table.columns])
    assert make_run("outcomes").matrix_years() == ()


def test_the_table_of_countries():
    run = make_run()
    table = run.countries
    assert list(table.columns) == [
        "iso3",
        "year",
        "gdp",
        *(f"goal_{g}" for g in range(1, 18)),
        "growth_energy",
        "growth_water",
    ]
    assert len(table) == 3 * 22
    state = make_state(2020)
    line = table[(table["iso3"] == "CHN") & (table["year"] == 2020)].iloc[0]
    assert line["gdp"] == state.gdp[1]
    assert line["goal_3"] == state.goals[1, 2]
    assert math.isnan(line["goal_14"])
    assert line["growth_water"] == state.growth[1, 1]


@pytest.mark.parametrize(
    ("keep", "years"),
    [("indicators", ()), ("standard", (2013, 2030, 2034)), ("full", tuple(range(2013, 2035)))],
)
def test_matrices_of_the_years_that_were_kept(keep, years):
    run = make_run(keep)
    assert run.matrix_years("trade") == years
    for year in years:
        frame = run.trade(year)
        assert list(frame.index) == list(frame.columns) == list(ISO3)
        assert (frame.to_numpy() == make_state(year).trade).all()
        assert run.fdi(year).loc["BRA", "CHN"] == make_state(year).fdi[0, 1]
    with pytest.raises(InputError, match=r"no matrix of trade"):
        run.trade(2012)


def test_a_matrix_handed_out_is_a_copy():
    run = make_run()
    frame = run.trade(2013)
    frame.iloc[0, 1] = 99.0
    assert run.trade(2013).iloc[0, 1] == make_state(2013).trade[0, 1]


def test_a_short_run_keeps_its_first_and_last_year():
    assert make_run(years=[2013]).matrix_years() == (2013,)
    assert make_run(years=range(2013, 2016)).matrix_years() == (2013, 2015)
    assert make_run(years=range(2013, 2032)).matrix_years() == (2013, 2030, 2031)


def test_single_values():
    run = make_run()
    assert run.value("gdp", year=2013) == make_state(2013).gdp.sum()
    assert run.value("gdp", "South") == make_state(2034).gdp[0]
    assert math.isnan(run.value("gdp_growth", year=2013))
    assert math.isnan(run.value("gdp", "Nobody"))
    series = run.series("gdp_growth")
    assert list(series.index) == list(run.years)
    assert series.isna().sum() == 1


def test_what_a_run_does_not_have():
    run = make_run("indicators")
    with pytest.raises(InputError, match="did you mean 'gdp_growth'"):
        run.value("gdp_growht")
    with pytest.raises(InputError, match="did you mean 'South'"):
        run.value("gdp", "Sout")
    with pytest.raises(InputError, match="2013 to 2034"):
        run.value("gdp", year=2040)
    with pytest.raises(InputError, match="standard or full"):
        _ = run.countries
    with pytest.raises(InputError, match="did you mean 'full'"):
        make_recorder("ful")


def test_the_recorder_minds_the_order_of_years_and_the_number_of_rows():
    recorder = make_recorder(years=[2013])
    with pytest.raises(ValueError, match="does not follow"):
        recorder.record(make_state(2015), np.zeros(5))
    with pytest.raises(ValueError, match="4 measurements for 5 rows"):
        recorder.record(make_state(2014), np.zeros(4))


def test_the_recorder_copies():
    recorder = make_recorder(years=[])
    state, values = make_state(2013), np.ones(5)
    recorder.record(state, values)
    values[:] = 0.0
    state.gdp[:] = 0.0
    state.trade[:] = 0.0
    run = recorder.run()
    assert run.value("gdp") == 1.0
    assert (run.countries["gdp"] > 0).all()
    assert run.trade(2013).to_numpy().any()


def test_a_recorder_pickled_mid_run_goes_on():
    recorder = make_recorder(years=range(2013, 2020))
    again = pickle.loads(pickle.dumps(recorder))
    for year in range(2020, 2035):
        state = make_state(year)
        again.record(state, np.array([state.gdp.sum(), state.gdp[0], 0.1, -0.0, math.nan]))
    assert again.run() == make_run()


def test_the_hash_is_of_the_content():
    run = make_run()
    assert run == make_run(manifest={"duration_seconds": 3.2, "timings": {"trade": 1.0}})
    assert hash(run) == hash(make_run())
    assert run != make_run(seed=5)  # another seed's name, the same numbers
    assert run != make_run(scenario="other")
    assert run != make_run(years=range(2013, 2034))
    assert run != make_run("full")
    assert run.content_hash != make_run("indicators").content_hash
    assert (
        run.manifest["tables"]["indicators"]
        == make_run("indicators").manifest["tables"]["indicators"]
    )
    assert run != "run"


@pytest.mark.parametrize("table", ["gdp", "goals", "trade", "fdi"])
def test_the_hash_sees_every_number(table):
    def made(change):
        recorder = make_recorder(years=[])
        state = make_state(2013)
        if change:
            array = getattr(state, table)
            array.flat[1] = np.nextafter(array.flat[1], np.inf)
        recorder.record(state, np.zeros(5))
        return recorder.run()

    assert made(False) == made(False)
    assert made(False) != made(True)


def test_one_zero_and_one_nan():
    def made(zero, nan):
        recorder = make_recorder(years=[])
        state = make_state(2013)
        state.gdp[:] = [zero, nan, 1.0]
        recorder.record(state, np.full(5, zero))
        return recorder.run()

    other_nan = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    assert made(0.0, np.nan) == made(-0.0, other_nan)


def test_a_run_is_pickled_without_its_data_frames():
    run = make_run()
    _ = run.indicators, run.countries, run.content_hash
    again = pickle.loads(pickle.dumps(run))
    assert "indicators" not in again.__dict__
    assert again == run
    assert again.indicators.equals(run.indicators)
    assert again.countries.equals(run.countries)


def test_the_manifest_says_what_was_run():
    manifest = make_run(manifest={"data_hash": "abc", "scenario": {"name": "baseline"}}).manifest
    assert manifest["data_hash"] == "abc"
    assert (manifest["start"], manifest["end"], manifest["seed"]) == (2013, 2034, 1)
    assert set(manifest["tables"]) == {"indicators", "countries", "trade", "fdi"}
    assert manifest["platform"]["numpy"] == np.__version__
    assert "baseline" in repr(make_run())


def test_heavy_packages_are_left_alone():
    code = (
        "import sys, sscsim.results; from sscsim.results import Run; "
        "print([m for m in ('pandas', 'pyarrow', 'mesa', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_an_empty_run():
    run = make_run(years=[])
    assert isinstance(run, Run)
    assert len(run.indicators) == 0
    assert run.years == ()
    assert len(run.countries) == 0
