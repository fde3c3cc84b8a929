"""The tables that ship: who is there, what adds up, what the row order must not change."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from sscsim.errors import InputError
from sscsim.world import GOALS, World, load_world
from sscsim.world.columns import load_columns, overlay_columns
from sscsim.world.loading import TABLES
from sscsim.world.tables import DATA
from sscsim.world.validation import GROUP_COUNTS, PARTITIONS, check


@pytest.fixture(scope="module")
def world() -> World:
    return load_world()


def test_every_un_member_and_four_economies(world: World) -> None:
    assert world.size == 197
    assert world.membership("un_member").sum() == 193
    others = [c for c, m in zip(world.iso3, world.membership("un_member"), strict=True) if not m]
    assert others == ["HKG", "MAC", "PSE", "TWN"]
    assert list(world.iso3) == sorted(set(world.iso3))
    assert world.countries["m49"].is_unique


@pytest.mark.parametrize(("group", "number"), GROUP_COUNTS.items())
def test_groups_have_as_many_members_as_are_known(world: World, group: str, number: int) -> None:
    assert world.membership(group).sum() == number


def test_memberships_of_the_report(world: World) -> None:
    def members(group: str, year: int = 2018) -> set[str]:
        mask = world.membership(group, year)
        return {code for code, is_in in zip(world.iso3, mask, strict=True) if is_in}

    assert {"KOR", "TWN", "HKG", "SGP", "CHN"} <= members("south_unctad_2014")
    assert not members("south_unctad_2014") & members("transition_unctad_2014")
    assert "RUS" in members("BRICS") & members("transition_wir_2018")
    assert {"CHL", "MEX", "TUR"} <= members("developing_wir_2018")
    assert "CHN" in members("G77")
    assert not {"MEX", "KOR", "TUR", "RUS"} & members("G77")
    assert "VUT" in members("LDC")
    assert "GNQ" not in members("LDC")
    assert "GNQ" in members("LDC", 2013)
    assert {"ESP", "PRT"}.isdisjoint(members("IBERO_AMERICA"))
    assert members("BBIN") == {"BGD", "BTN", "IND", "NPL"}
    assert members("hubs") == {"ARE", "HKG", "PAN", "SGP"}
    assert members("IBERO_AMERICA") <= members("CELAC")


@pytest.mark.parametrize("lists", PARTITIONS)
def test_the_lists_of_a_source_hold_every_economy_once(world: World, lists: tuple[str]) -> None:
    assert (np.sum([world.membership(group) for group in lists], axis=0) == 1).all()


def test_report_regions_are_exclusive_and_complete(world: World) -> None:
    regions = set(world.countries["report_region"])
    assert regions == {
        "Africa",
        "Arab States",
        "Asia-Pacific",
        "Europe and others",
        "Latin America and the Caribbean",
    }
    arab = world.countries["report_region"] == "Arab States"
    assert (arab.to_numpy() == world.membership("LAS")).all()
    latin = world.countries["report_region"] == "Latin America and the Caribbean"
    assert (latin.to_numpy() == world.membership("CELAC")).all()


def test_membership_has_years(world: World) -> None:
    croatia, britain = world.position("HRV"), world.position("GBR")
    assert not world.membership("EU", 2012)[croatia]
    assert world.membership("EU", 2013)[croatia]
    assert not world.membership("EU", 2020)[britain]


def test_unknown_names_suggest_the_nearest(world: World) -> None:
    with pytest.raises(InputError, match="ASEAN"):
        world.membership("ASAEN")
    with pytest.raises(InputError, match="BRA"):
        world.position("BRZ")
    with pytest.raises(InputError, match="AfCFTA"):
        world.agreement_members("AfCFT")


def test_world_totals(world: World) -> None:
    base = world.base
    assert 76_000 < base["gdp_current_busd"].sum() < 78_500
    assert 69_000 < base["gdp_constant_2015_busd"].sum() < 72_000
    assert base["goods_exports_busd"].sum() == pytest.approx(
        base["goods_imports_busd"].sum(), rel=0.03
    )
    assert base["population_m"].sum() == pytest.approx(7_200, rel=0.02)
    south = world.membership("developing_wir_2018")
    assert base["fdi_inflow_busd"][south].sum() == pytest.approx(650, rel=0.1)
    # The dollar rose against the rouble and the real: the two prices of one year differ by as much.
    ratio = base["gdp_current_busd"] / base["gdp_constant_2015_busd"]
    assert ratio[world.position("RUS")] == pytest.approx(1.65, abs=0.05)
    assert ratio[world.position("BRA")] == pytest.approx(1.33, abs=0.05)


def test_output_in_dollars_is_one_edition_from_the_base_year_on(world: World) -> None:
    assert list(world.gdp_in_dollars) == list(range(2013, 2019))
    np.testing.assert_allclose(world.gdp_in_dollars[2013], world.base["gdp_current_busd"])
    totals = [values.sum() for values in world.gdp_in_dollars.values()]
    # World Bank, world in current dollars: 77.7, 79.8, 75.3, 76.5, 81.5, 86.6 trn.
    np.testing.assert_allclose(totals, [77_700, 79_800, 75_300, 76_500, 81_500, 86_600], rtol=0.004)
    assert world.gdp_in_dollars[2015][world.position("RUS")] == pytest.approx(1_363, rel=1e-3)
    where = world.is_imputed("gdp_dollars", "gdp_busd.2018")
    marked = {code for code, imputed in zip(world.iso3, where, strict=True) if imputed}
    assert marked == {"ERI", "PRK", "SSD", "TWN", "VEN"}


def test_no_gap_in_any_array(world: World) -> None:
    for name, values in world.base.items():
        assert np.isfinite(values).all(), name
    for values in (world.growth_record, world.population, world.fdi_inflows, world.fdi_outflows):
        assert np.isfinite(values).all()
    assert world.growth_years.tolist() == list(range(2013, 2025))
    assert world.population_years.tolist() == list(range(2013, 2036))
    assert world.growth_years[world.growth_is_forecast].tolist() == list(range(2019, 2025))
    assert (world.population[:, 0] == world.base["population_m"]).all()


def test_flows_of_the_base_year_are_the_means_of_the_record(world: World) -> None:
    years = world.fdi_years <= 2013
    assert world.base["fdi_inflow_busd"] == pytest.approx(
        world.fdi_inflows[:, years].mean(axis=1), rel=1e-4, abs=1e-6
    )


def test_goal_14_is_missing_for_landlocked_economies_only(world: World) -> None:
    landlocked = world.attributes["landlocked"] == 1
    absent = np.isnan(world.goals_2016)
    water = GOALS.index("goal_14")
    assert (absent[:, water] == landlocked).all()
    assert not np.delete(absent, water, axis=1).any()
    assert {"BOL", "AFG", "CHE", "ZMB", "PRY"} <= set(world.countries.index[landlocked])
    known = ~absent
    assert ((world.goals_2016[known] >= 0) & (world.goals_2016[known] <= 100)).all()
    for moves in (world.goal_deviation, world.goal_trend):
        assert np.isnan(moves[landlocked, water]).all()
        assert np.isfinite(moves).any(axis=1).sum() == 166


def test_distances(world: World) -> None:
    def km(one: str, other: str) -> float:
        return float(world.distance[world.position(one), world.position(other)])

    assert 11_000 < km("USA", "CHN") < 12_000
    assert 650 < km("FRA", "DEU") < 900
    assert km("BRA", "ARG") == km("ARG", "BRA")
    assert 1_000 < km("BRA", "BRA") < 2_000
    assert km("SGP", "SGP") < 30
    assert world.distance.max() < 20_038
    assert world.distance.min() > 0


def test_ties(world: World) -> None:
    def tied(matrix: np.ndarray, one: str, other: str) -> bool:
        return bool(matrix[world.position(one), world.position(other)])

    assert tied(world.contiguity, "BRA", "PER")
    assert not tied(world.contiguity, "BRA", "CHL")
    assert not world.contiguity.diagonal().any()
    assert tied(world.common_language, "BRA", "MOZ")
    assert tied(world.common_language, "NGA", "GHA")
    assert not tied(world.common_language, "BRA", "ARG")
    assert tied(world.colonial_tie, "BRA", "PRT")
    assert tied(world.colonial_tie, "GBR", "IND")
    assert tied(world.colonial_tie, "EST", "RUS")
    assert tied(world.colonial_tie, "IDN", "NLD")
    assert not tied(world.colonial_tie, "THA", "GBR")


def test_agreements_bind_pairs_from_their_year(world: World) -> None:
    def bound(one: str, other: str, year: int, kinds: tuple[str, ...] = ("FTA", "CU")) -> bool:
        matrix = world.agreement_in_force(year, kinds)
        return bool(matrix[world.position(one), world.position(other)])

    assert bound("BRA", "ARG", 2013)
    assert bound("DEU", "KOR", 2013)
    assert not bound("DEU", "JPN", 2018)
    assert bound("DEU", "JPN", 2019)
    assert not bound("KEN", "NGA", 2018)
    assert bound("KEN", "NGA", 2021)
    assert not bound("CHN", "JPN", 2021)
    assert bound("CHN", "JPN", 2022)
    assert bound("DEU", "GBR", 2018)
    assert bound("DEU", "GBR", 2021)
    # Partners of one hub are not bound to each other by the hub's agreements.
    assert not bound("KOR", "ZAF", 2018)
    assert not bound("IND", "BRA", 2018)
    assert bound("IND", "BRA", 2018, ("FTA", "CU", "PTA"))
    for year in (2013, 2034):
        matrix = world.agreement_in_force(year)
        assert (matrix == matrix.T).all()
        assert not matrix.diagonal().any()


def test_parties_of_an_agreement(world: World) -> None:
    assert world.agreement_members("AfCFTA").sum() == 53
    assert world.agreement_members("AfCFTA", 2018).sum() == 0
    assert world.agreement_members("MERCOSUR", 2013)[world.position("VEN")]
    assert not world.agreement_members("MERCOSUR", 2018)[world.position("VEN")]


def test_published_shares(world: World) -> None:
    exports, imports = world.published_export_share, world.published_import_share
    brazil, china = world.position("BRA"), world.position("CHN")
    assert 0.1 < exports[brazil, china] < 0.3
    assert 0.1 < imports[china, brazil] < 0.3
    assert (np.nansum(exports, axis=1) <= 1.02).all()
    assert (np.nansum(imports, axis=0) <= 1.02).all()
    cells = np.isfinite(exports).sum() + np.isfinite(imports).sum()
    assert cells > 1_750
    assert not np.isfinite(exports.diagonal()).any()


def test_deflator_is_the_record_then_two_percent(world: World) -> None:
    assert world.price_level(2015) == 1.0
    # The dollar rose against most currencies from 2014 to 2016: world output became cheaper in it.
    assert world.price_level(2013) == pytest.approx(1.097, abs=0.005)
    in_dollars = world.base["gdp_current_busd"].sum()
    assert world.base["gdp_constant_2015_busd"].sum() * world.price_level(2013) == pytest.approx(
        in_dollars, rel=0.01
    )
    for year in (2020, 2034, 2040, 2045):
        assert world.price_level(year) / world.price_level(year - 1) == pytest.approx(1.02, 1e-5)
    with pytest.raises(InputError, match="reach back"):
        world.price_level(1990)


def test_every_column_is_described(world: World) -> None:
    columns = load_columns()
    codes = set(columns.sources)
    for table, entries in columns.tables.items():
        assert (DATA / table).is_file(), table
        for name, column in entries.items():
            assert set(column.source) <= codes, (table, name)
            assert column.description, (table, name)
            assert column.unit, (table, name)
    for name in TABLES:
        if name.endswith(".csv"):
            header = (DATA / name).read_text("utf-8").split("\n", 1)[0].split(",")
        elif name.endswith(".parquet"):
            header = [str(c) for c in pd.read_parquet(DATA / name).columns]
        else:
            continue
        for column_name in header:
            assert columns.find(name, column_name) is not None, (name, column_name)
        stars = {"*", "goal_*"}
        assert set(columns.tables[name]) - stars <= set(header), name


def test_imputed_cells_are_marked(world: World) -> None:
    marks = world.imputed
    assert set(marks["iso3"]) <= set(world.iso3)
    assert not marks.duplicated(["table", "iso3", "column"]).any()
    assert marks["method"].str.len().min() > 10
    assert world.is_imputed("base_year", "fdi_outward_stock_busd").any()
    gdp = world.is_imputed("base_year", "gdp_current_busd")
    assert {c for c, m in zip(world.iso3, gdp, strict=True) if m} == {"ERI", "TWN"}
    assert not world.is_imputed("base_year", "hdi")[world.position("BRA")]
    for column in set(marks.loc[marks["table"] == "base_year", "column"]):
        assert column in world.base


def test_arrays_are_read_only(world: World) -> None:
    with pytest.raises(ValueError, match="read-only"):
        world.base["gini"][0] = 0.5
    with pytest.raises(ValueError, match="read-only"):
        world.distance[0, 0] = 1.0


def test_order_of_rows_changes_nothing(world: World, tmp_path) -> None:
    rng = np.random.default_rng(7)
    for name in TABLES:
        if name.endswith(".csv"):
            header, *rows = (DATA / name).read_text("utf-8").splitlines()
            rng.shuffle(rows)
            (tmp_path / name).write_text("\n".join([header, *rows]) + "\n", "utf-8")
        elif name.endswith(".parquet"):
            frame = pd.read_parquet(DATA / name)
            frame.iloc[rng.permutation(len(frame))].to_parquet(tmp_path / name, index=False)
        else:
            shutil.copy(DATA / name, tmp_path / name)
    shuffled = load_world(folder=tmp_path)
    assert shuffled.iso3 == world.iso3
    for name, values in world.base.items():
        np.testing.assert_array_equal(shuffled.base[name], values)
    for name in (
        "growth_record",
        "population",
        "fdi_inflows",
        "fdi_outflows",
        "distance",
        "contiguity",
        "common_language",
        "colonial_tie",
        "published_export_share",
        "published_import_share",
        "goals_2016",
    ):
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(world, name))
    assert shuffled.deflator == world.deflator
    for year, values in world.gdp_in_dollars.items():
        np.testing.assert_array_equal(shuffled.gdp_in_dollars[year], values)
    assert shuffled.groups() == world.groups()
    for group in world.groups():
        assert (shuffled.membership(group) == world.membership(group)).all()
    assert (shuffled.agreement_in_force(2034) == world.agreement_in_force(2034)).all()


def test_loading_is_cheap_and_cached(world: World) -> None:
    assert load_world() is world
    began = time.process_time()
    load_world(folder=DATA)
    assert time.process_time() - began < 1.0  # 0.1 s as measured; room for a busy machine


def test_a_world_pickles(world: World) -> None:
    copy = pickle.loads(pickle.dumps(world))
    assert copy.iso3 == world.iso3
    assert copy.data_hash == world.data_hash
    assert (copy.membership("G77") == world.membership("G77")).all()


def test_a_missing_table_is_one_clear_error(tmp_path) -> None:
    with pytest.raises(InputError, match=r"countries\.csv"):
        load_world(folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "old", "new", "line", "key", "found"),
    [
        # An agreement whose last party, whose every party, or whose name in the other table is gone.
        ("agreements.csv", "AGADIR,Agadir", "NOBODY,Agadir", 3, "agreement", "NOBODY"),
        ("agreement_members.csv", "AGADIR,", "AANZFTA,", 3, "agreement", "AGADIR"),
        ("agreement_members.csv", "ASEAN,", "AFTA,", None, "agreement", "ASEAN"),
        ("growth.csv", "AFG,2013,5.68", "AFG,2013,many", 2, "growth_pct", "many"),
        ("population.csv", "AFG,2014", "AFG,soon", 3, "year", "soon"),
        ("base_year.csv", "AFG,20.146", "AFG", 2, None, None),
        ("countries.csv", "name,fips", "name,flag", 1, "header", "fips"),
        ("memberships.csv", "ALADI,ARG,,", "ALADI,ARX,,", 2, "iso3", "ARX"),
        ("partners.csv", "AFG,export,DEU", "AFG,export,D", 2, "partner", "D"),
        ("goals_2016.csv", "AGO,", "AFG,", None, "iso3", None),
        ("deflator.csv", "2010,1.02532", '2010,"1.02532', None, None, None),
    ],
)
def test_a_broken_table_is_named_with_line_and_column(
    tmp_path, name: str, old: str, new: str, line: int | None, key: str | None, found: str | None
) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    path = tmp_path / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InputError) as failure:
        load_world(folder=tmp_path)
    error = failure.value
    assert (error.file, error.key) == (
        str(path if name != "agreement_members.csv" else tmp_path / "agreements.csv"),
        key,
    )
    assert line is None or error.line == line
    assert found is None or error.found == found


@pytest.mark.parametrize(
    "column",
    ["goods_exports_busd", "goods_imports_busd", "fdi_inflow_busd", "fdi_outflow_busd", "hdi"],
)
def test_figures_that_are_zero_everywhere_can_be_checked(
    tmp_path, column: str, world: World
) -> None:
    low = overlay_columns()[column].column.bounds[0]
    path = tmp_path / "zero.csv"
    rows = "".join(f"{code},{column},{max(low, 0)}\n" for code in world.iso3)
    path.write_text("iso3,column,value\n" + rows, "utf-8")
    assert any(f.level != "note" for f in check(load_world(path)))


def test_a_world_is_read_without_pandas() -> None:
    code = (
        "import sys\n"
        "from sscsim.world.loading import load_world\n"
        "from sscsim.world.tables import DATA\n"
        "world = load_world()\n"
        "assert world.is_imputed('base_year', 'gini').any()\n"
        "head = (DATA / 'indicators_2013.csv').read_text('utf-8').splitlines()[0].split(',')\n"
        "assert ['iso3', *world.indicators] == head\n"
        "assert 'pandas' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_economy_in_a_table_is_named(tmp_path) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "growth.csv"
    path.write_text(path.read_text("utf-8").replace("BRA,", "BRX,", 1), "utf-8")
    with pytest.raises(InputError, match=r"growth\.csv") as failure:
        load_world(folder=tmp_path)
    assert failure.value.found == "BRX"


@pytest.mark.parametrize(
    ("group", "code", "year", "inside"),
    [
        ("G77", "BIH", 2018, True),
        ("G77", "AZE", 2018, False),
        ("G77", "AZE", 2019, True),
        ("GSTP", "MKD", 2018, False),
        ("GSTP", "COL", 2018, True),
        ("LDC", "STP", 2018, True),
        ("LDC", "STP", 2024, True),
        ("LDC", "STP", 2025, False),
        ("LDC", "BTN", 2024, False),
    ],
)
def test_who_belongs_when(world: World, group: str, code: str, year: int, inside: bool) -> None:
    assert bool(world.membership(group, year)[world.position(code)]) is inside


def test_who_has_no_coast(world: World) -> None:
    landlocked = world.countries["landlocked"]
    assert landlocked["TKM"] == 1  # the Caspian is no sea of the UN's list
    assert landlocked["PSE"] == 0  # Gaza
    assert set(world.countries.index[world.membership("LLDC")]) <= set(
        landlocked.index[landlocked == 1]
    )


def test_every_year_of_population_after_the_base_year_is_marked(world: World) -> None:
    marks = world.imputed[world.imputed["table"] == "population"]
    expected = {f"population_m.{year}" for year in world.population_years.tolist()[1:]}
    assert (marks.groupby("iso3")["column"].agg(set) == expected).all()
    assert set(marks["iso3"]) == set(world.iso3)


def test_trade_shares_add_up(world: World) -> None:
    assert world.trade_shares is not None
    sums = np.nansum(world.trade_shares, axis=1)
    known = ~np.isnan(world.trade_shares).all(axis=1)
    assert known.sum() == 193
    assert np.allclose(sums[known], 1.0, atol=2e-3)
    assert np.isnan(world.trade_shares[world.position("HKG"), world.position("CHN")])
