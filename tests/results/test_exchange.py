"""Tables for other programs: what they read is what the run holds."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from sscsim import simulate, what_names_mean
from sscsim.errors import InputError
from sscsim.outcomes.indicators import indicator_table
from sscsim.results import Run
from sscsim.results.comparison import Comparison
from sscsim.results.formats.iamc import Iamc
from sscsim.results.tables import IndicatorTable, Named, RowTable
from sscsim.results.units import unit_of
from sscsim.results.words import Meaning, Words

WORDS = Words(
    "sscsim 9",
    indicators={
        "gdp": Meaning("Output", "bn 2015 USD", variable="GDP|MER"),
        "flow": Meaning("Trade", "bn USD", variable="Trade|Between"),
        "owed": Meaning("Debt", "bn USD", stock=True, variable="Debt"),
    },
    prices={2013: 0.8, 2014: 1.25},
)
LABELS = (
    ("South", "gdp", "bn 2015 USD"),
    ("North", "gdp", "bn 2015 USD"),
    ("South → North", "flow", "bn USD"),
    ("South", "owed", "bn USD"),
    ("South", "own", "fraction"),
)
VALUES = [[1.0, 2.0, 8.0, 16.0, 0.5], [3.0, np.nan, 10.0, 5.0, 0.25]]
TABLE = IndicatorTable.from_years(LABELS, [2013, 2014], [np.array(line) for line in VALUES])
NAMED = Named("baseline", 7)


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate("baseline", seed=1, end=2014)


def spoken(table: IndicatorTable | RowTable, name: str) -> dict[str, bytes]:
    form = Iamc()
    form.words = WORDS
    return form.files({name: table}, NAMED)


def iamc(name: str) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(spoken(TABLE, "indicators")[name]), keep_default_na=False)


def test_iamc_is_in_dollars_of_2015_and_says_so() -> None:
    long = iamc("iamc_long.csv")
    assert list(long) == ["model", "scenario", "region", "variable", "unit", "year", "value"]
    assert {*zip(long.model, long.scenario, strict=True)} == {("sscsim 9", "baseline")}
    found = {(r.region, r.variable, r.year): (r.unit, r.value) for r in long.itertuples()}
    assert found == {
        ("South", "GDP|MER", 2013): ("billion USD_2015/yr", 1.0),
        ("North", "GDP|MER", 2013): ("billion USD_2015/yr", 2.0),
        ("South>North", "Trade|Between", 2013): ("billion USD_2015/yr", 10.0),
        ("South", "Debt", 2013): ("billion USD_2015", 20.0),
        ("South", "Other|own", 2013): ("", 0.5),
        ("South", "GDP|MER", 2014): ("billion USD_2015/yr", 3.0),
        ("South>North", "Trade|Between", 2014): ("billion USD_2015/yr", 8.0),
        ("South", "Debt", 2014): ("billion USD_2015", 4.0),
        ("South", "Other|own", 2014): ("", 0.25),
    }


def test_wide_and_long_say_the_same() -> None:
    ends = ["model", "scenario", "region", "variable", "unit"]
    wide, long = iamc("iamc.csv"), iamc("iamc_long.csv")
    assert list(wide) == [*ends, "2013", "2014"]
    melted = wide.melt(ends, var_name="year")
    melted["value"], melted["year"] = pd.to_numeric(melted["value"]), melted["year"].astype(int)
    melted = melted.dropna(subset="value").set_index([*ends, "year"]).sort_index()
    pd.testing.assert_frame_equal(melted, long.set_index([*ends, "year"]).sort_index())


def test_draws_of_a_comparison_are_a_column_more() -> None:
    table = draws()
    files = spoken(table, "draws")
    wide = pd.read_csv(io.BytesIO(files["iamc.csv"]))
    assert list(wide) == ["model", "scenario", "region", "variable", "unit", "draw", "2013"]
    assert wide["draw"].tolist() == [0, 1, 0, 1]
    assert wide["2013"].tolist() == [1.0, 2.0, 3.0, 4.0]


def draws() -> RowTable:
    return RowTable(
        "draws",
        {
            "scenario": np.array([0, 0, 1, 1]),
            "draw": np.array([0, 1, 0, 1]),
            "year": np.full(4, 2013),
            "group": np.zeros(4, np.int64),
            "indicator": np.zeros(4, np.int64),
            "value": np.array([1.0, 2.0, 3.0, 4.0]),
            "unit": np.zeros(4, np.int64),
        },
        {
            "scenario": ("baseline", "other"),
            "group": ("South",),
            "indicator": ("gdp",),
            "unit": ("bn 2015 USD",),
        },
    )


def test_every_indicator_has_a_variable_of_its_own_and_a_unit_that_pint_reads() -> None:
    units = pytest.importorskip("iam_units")
    table = indicator_table().indicators
    variables = [one.variable for one in table.values()]
    assert all(variables)
    assert len({*variables}) == len(variables)
    for name, one in what_names_mean().indicators.items():
        unit = unit_of(one)
        read = units.registry.parse_units(unit)
        money = "USD" in table[name].unit
        assert ("[currency]" in str(read.dimensionality)) == money, name
        if money:
            assert "USD_2015" in unit
            assert ("[time]" in str(read.dimensionality)) == (not one.stock), name


def test_pyam_reads_both_forms(run, tmp_path) -> None:
    pyam = pytest.importorskip(
        "pyam"
    )  # caps libraries that are used here: in an environment of its own
    run.export(tmp_path / "iamc", "iamc")
    wide, long = (pyam.IamDataFrame(tmp_path / "iamc" / f) for f in ("iamc.csv", "iamc_long.csv"))
    assert wide.equals(long)
    one = wide.filter(variable="Trade|Exports", region="South", year=2014)
    price = what_names_mean().prices[2014]
    assert one.data["value"].item() == pytest.approx(run.value("exports", "South", 2014) / price)


def test_labelled_arrays_hold_the_runs_numbers(run) -> None:
    pytest.importorskip("xarray")
    held = run.to_xarray()
    for name, group, year in (("gdp", "South", 2013), ("goal_3", "LDC", 2014)):
        found = held[name].sel(group=group, time=str(year)).item()
        assert found == run.value(name, group, year)
    pair = "South → North"
    found = held["trade_between"].sel(pair=pair, time="2014").item()
    assert found == run.value("trade_between", pair, 2014)
    assert np.isnan(held["gdp_growth"].sel(group="South", time="2013").item())
    assert held["gdp"].attrs["units"] == "billion USD_2015/yr"
    assert held["fdi_inward_stock"].attrs["units"] == "billion USD"
    assert held["fdi_inward_stock"].attrs["prices"] == "current"
    assert held["goal_index"].attrs["units"] == "1"
    assert held["group_title"].sel(group="LDC").item() == "Least developed countries"
    countries = run.to_xarray("countries")
    line = run.countries.set_index(["iso3", "year"]).loc[("KEN", 2014)]
    for name in ("gdp", "goal_1"):
        assert countries[name].sel(country="KEN", time="2014").item() == line[name]
    assert countries["goal_1"].attrs["long_name"].endswith("Goal 1")
    trade = run.to_xarray("trade")["trade"]
    assert (
        trade.sel(origin="BRA", destination="CHN", time="2014").item()
        == run.trade(2014).loc["BRA", "CHN"]
    )


def test_netcdf_reads_back_with_the_attributes_of_cf(run, tmp_path) -> None:
    xarray = pytest.importorskip("xarray")
    folder = run.export(tmp_path / "nc", "netcdf")
    assert sorted(p.stem for p in folder.glob("*.nc")) == sorted(run.tables)
    for name in ("indicators", "trade", "banks"):
        with xarray.open_dataset(folder / f"{name}.nc", engine="scipy") as again:
            assert again.attrs["Conventions"].startswith("CF-")
            xarray.testing.assert_allclose(again.load(), run.to_xarray(name), rtol=0, atol=0)
    with xarray.open_dataset(folder / "indicators.nc", engine="scipy", decode_times=False) as raw:
        time = raw["time"].attrs
        assert (time["standard_name"], time["axis"], time["bounds"]) == ("time", "T", "time_bounds")
        assert time["units"].startswith("days since 2013-01-01")
        assert raw["time"].values.tolist() == [0, 365]
        assert raw["time_bounds"].values.tolist() == [[0, 365], [365, 730]]


def test_draws_become_a_dimension() -> None:
    pytest.importorskip("xarray")
    comparison = Comparison(
        {"reference": "baseline", "scenarios": ["other"], "seed": 1}, {"draws": draws()}
    )
    held = comparison.to_xarray()["gdp"]
    assert held.dims == ("scenario", "draw", "group", "time")
    assert held.squeeze().values.tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_a_workbook_has_a_sheet_a_table_and_says_what_names_mean(run, tmp_path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    folder = run.export(tmp_path / "book", "xlsx", tables=["indicators", "banks"])
    book = openpyxl.load_workbook(folder / "tables.xlsx", read_only=True)
    assert book.sheetnames == ["indicators", "banks", "words"]
    for name in ("indicators", "banks"):
        lines = list(book[name].values)
        table = run.table(name)
        assert list(lines[0]) == list(table)
        again = pd.DataFrame(lines[1:], columns=list(table)).astype(table.dtypes.to_dict())
        pd.testing.assert_frame_equal(again, table, rtol=1e-12)
    assert ("gdp", "Gross domestic product, volume") in [line[:2] for line in book["words"].values]


def test_a_text_that_begins_as_a_formula_stays_one(tmp_path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("xlsxwriter")
    from sscsim.results.formats.xlsx import Xlsx

    table = RowTable("odd", {"text": np.array([0, -1, 1])}, {"text": ("=1+1", "https://x.org")})
    book = openpyxl.load_workbook(io.BytesIO(Xlsx().files({"odd": table}, NAMED)["tables.xlsx"]))
    cells = [cell for (cell,) in book["odd"].iter_rows(min_row=2, max_row=4)]
    assert [cell.value for cell in cells] == ["=1+1", None, "https://x.org"]
    assert cells[0].data_type == "s"


@pytest.mark.parametrize(
    ("form", "tables", "message"),
    [
        ("iamc", ["banks"], "no room"),
        ("csv", ["bank"], "table of this name"),
        ("iamcc", None, "format of this name"),
    ],
)
def test_what_cannot_be_exported_is_said(run, tmp_path, form, tables, message) -> None:
    with pytest.raises(InputError, match=message):
        run.export(tmp_path / "x", form, tables=tables)
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_missing_is_named(run, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "xarray", None)
    with pytest.raises(InputError, match=r"needs the package xarray[^[]*sscsim\[exchange\]"):
        run.to_xarray()


def test_figures_are_methods_and_a_notebook_shows_the_run(run) -> None:
    figure = run.plot.growth()
    assert figure.axes
    assert "growth" in dir(run.plot)
    with pytest.raises(AttributeError, match="did you mean 'growth'"):
        run.plot.grwth()
    shown = run._repr_html_()
    assert "baseline, seed 1, 2013–2014" in shown
    assert f"{run.value('goal_index', 'South', 2014):,.4g}" in shown
