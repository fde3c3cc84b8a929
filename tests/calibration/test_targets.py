"""The report's figures: all there, strictly read, and distances that mean what they say."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim import simulate
from sscsim.calibration import compare, load_targets, observe
from sscsim.calibration.observables import OBSERVABLES, NotInRun
from sscsim.calibration.targets import Band, Check, Exact, Interval, OneSided, Target
from sscsim.errors import InputError
from sscsim.outcomes.indicators import indicator_table
from sscsim.resources import calibration_folder
from sscsim.results import Run
from sscsim.world.institutions import Bank, load_institutions
from sscsim.world.loading import load_world

IDS = [
    "ss_trade_value",
    "ss_trade_asia_share",
    "fdi_in_developing",
    "fdi_in_developed",
    "fdi_in_bra",
    "fdi_in_chn",
    "fdi_in_ind",
    "fdi_in_idn",
    "fdi_share_external_finance",
    "fdi_g20_stock_share",
    "india_credit_lines",
    "india_credit_africa",
    "lending_focus_ldc_sids",
    "aiib_annual_lending",
    "aiib_focus",
    "ndb_lending_2020",
    "ndb_lending_2034",
    "ndb_first_projects",
    "isdb_reverse_linkage",
    "providers_share",
    "sti_exchange_share",
    "un_support_share",
    "training_countries",
    "practices",
    "lac_initiatives",
    "lac_triangular",
    "lac_regional",
    "lac_with_other_regions",
    "bilateral_dominates",
    "arab_intra_share",
    "g77",
    "celac",
    "unossc_agreements",
    "un_focal_points",
    "caf_cities",
]

LIMITS = {
    # id and part → paragraph, role, accepted range, as fixed beforehand
    ("ss_trade_value", ""): (79, "fit", 4.75, 5.25),
    ("ss_trade_asia_share", ""): (79, "check", 0.75, math.inf),
    ("fdi_in_developing", ""): (80, "fit", 603.9, 738.1),
    ("fdi_in_developed", ""): (80, "fit", 640.8, 783.2),
    ("fdi_in_bra", ""): (80, "fit", 50.4, 75.6),
    ("fdi_in_chn", ""): (80, "fit", 108.8, 163.2),
    ("fdi_in_ind", ""): (80, "fit", 33.6, 50.4),
    ("fdi_in_idn", ""): (80, "check", 13.8, 32.2),
    ("fdi_share_external_finance", ""): (80, "check", 0.35, 0.43),
    ("fdi_g20_stock_share", "stock 2016"): (80, "check", 0.53, 0.61),
    ("fdi_g20_stock_share", "stock 2017"): (80, "check", 0.54, 0.62),
    ("fdi_g20_stock_share", "GDP 2017"): (80, "check", 0.74, 0.82),
    ("india_credit_lines", ""): (81, "fit", 25, 31),
    ("india_credit_africa", "amount"): (81, "fit", 8, 12),
    ("india_credit_africa", "partners"): (81, "fit", 36, 44),
    ("lending_focus_ldc_sids", ""): (81, "check", 0, math.inf),
    ("aiib_annual_lending", ""): (82, "fit", 10, 15),
    ("aiib_focus", "infrastructure"): (82, "check", 0.7, math.inf),
    ("aiib_focus", "Asia"): (82, "check", 0.8, math.inf),
    ("ndb_lending_2020", ""): (82, "fit", 2.9, 3.9),
    ("ndb_lending_2034", ""): (82, "fit", 7.5, 10.5),
    ("ndb_first_projects", ""): (82, "check", 3, math.inf),
    ("providers_share", "2015"): (44, "fit", 0.58, 0.68),
    ("providers_share", "2017"): (44, "fit", 0.69, 0.79),
    ("providers_share", "rise"): (44, "fit", 0, math.inf),
    ("sti_exchange_share", ""): (44, "fit", 0.78, 0.90),
    ("un_support_share", "2015"): (44, "fit", 0.46, 0.62),
    ("un_support_share", "2017"): (44, "fit", 0.76, 0.92),
    ("un_support_share", "rise"): (44, "fit", 0, math.inf),
    ("training_countries", ""): (52, "input", 55, 55),
    ("practices", ""): ([76, 77], "check", 40, 90),
    ("lac_initiatives", ""): (91, "fit", 1327.5, 1622.5),
    ("lac_triangular", ""): (91, "fit", 135.15, 182.85),
    ("lac_regional", ""): (91, "fit", 85.85, 116.15),
    ("lac_with_other_regions", ""): (91, "fit", 378, 550),
    ("bilateral_dominates", ""): (71, "check", 0.5, math.inf),
    ("arab_intra_share", ""): (107, "check", 0.8, math.inf),
    ("g77", ""): (11, "input", 134, 134),
    ("celac", ""): (89, "input", 33, 33),
}


def by_id() -> dict[str, Target]:
    return {target.id: target for target in load_targets()}


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate("baseline", seed=1, end=2018, keep="full")


# ------------------------------------------------------------------------------------------ the file


def test_every_figure_of_the_report_is_there() -> None:
    assert [target.id for target in load_targets()] == IDS


def test_tolerances_are_as_fixed() -> None:
    found = {
        (target.id, check.part): (
            target.paragraph,
            target.role,
            *(pytest.approx(limit) for limit in check.within.limits(check.value)),
        )
        for target in load_targets()
        for check in target.checks
    }
    assert found == LIMITS


def test_roles_without_a_number_are_not_judged() -> None:
    targets = by_id()
    assert targets["isdb_reverse_linkage"].role == "mechanism"
    assert targets["isdb_reverse_linkage"].simulated
    assert not targets["caf_cities"].simulated
    assert {targets[i].role for i in ("unossc_agreements", "un_focal_points", "caf_cities")} == {
        "context"
    }


def test_groups_and_economies_exist() -> None:
    world = load_world()
    banks = {bank.code for bank in load_institutions().of(Bank)}
    names = {*indicator_table().groups, *world.iso3, *world.groups(), *banks}
    for target in load_targets():
        for entry in (*target.checks, *target.beside):
            if target.simulated:
                assert entry.of in names


def test_both_readings_are_kept_with_a_reason() -> None:
    targets = by_id()
    india = targets["fdi_in_ind"]
    assert india.readings["report"].values == {2016: 40, 2017: 44}
    assert india.readings["source"].values == {2016: 44, 2017: 40}
    assert india.fitted == "level"
    assert india.why
    assert targets["lac_initiatives"].readings["yearly"].values[2017] == 1310
    for target in targets.values():
        if target.readings:
            assert len(target.readings) >= 2
            assert target.why


def test_decade_reading_is_one_option_away() -> None:
    yearly, decade = by_id(), {t.id: t for t in load_targets(reading="decade")}
    assert yearly["lac_initiatives"].checks[0].year == 2015
    assert decade["lac_initiatives"].checks[0].years == (2006, 2015)
    assert decade["lac_initiatives"].fitted == "decade"
    assert decade["ss_trade_value"] == yearly["ss_trade_value"]
    with pytest.raises(InputError, match="did you mean 'decade'"):
        load_targets(reading="decad")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = (calibration_folder() / "targets.yaml").read_text(encoding="utf-8")
    text = text.partition("\n  ndb_lending_2020:")[0]  # enough rows for every kind of mistake
    assert old in text
    path = tmp_path / "targets.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize("note", ["Fizzed", "Filled", "Fished"])
def test_a_file_that_is_edited_is_read_again_whatever_its_time(tmp_path: Path, note: str) -> None:
    path = changed(tmp_path, "note: Fitted", "note: Fitted")
    times = path.stat().st_mtime_ns
    before = load_targets(path)
    changed(tmp_path, "note: Fitted", f"note: {note}")
    os.utime(path, ns=(times, times))
    assert load_targets(path) != before
    assert any(note in str(target.note) for target in load_targets(path))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("note: Fitted", "nota: Fitted", "did you mean 'note'"),
        ("tolerance: ± 10 %", "", "'tolerance' is missing"),
        ("role: fit", "role: fitt", "'fit'"),
        ("observable: fdi_inflow,", "observable: fdi_inflo,", "did you mean 'fdi_inflow'"),
        ("kind: interval, plus_minus: 0.25", "kind: interval", "one of plus_minus, relative"),
        ("plus_minus: 0.25", "plus_minus: -1", "greater than 0"),
        ("unit: trn USD", "unit: fraction", "another unit"),
        ("fitted: report", "fitted: nobody", "must name one of the readings"),
        ("year: 2013", "year: 1913", "2000"),
        ("low: 10, high: 15", "low: 15, high: 10", "low below high"),
        ("year: 2013,", "", "one of year, years"),
        ("targets:", "target:", "did you mean 'targets'"),
        ("paragraph: 79", "id: x\n    paragraph: 79", "id of a target is its key"),
        (
            "    tolerance: 10–15 bn, band on the average\n",
            "    tolerance: 10–15 bn, band on the average\n    status: not yet simulated\n",
            "simulated now",
        ),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        load_targets(path)
    assert message in str(caught.value)
    assert caught.value.file == str(path)
    assert caught.value.line is not None


# --------------------------------------------------------------------------------------- distances

numbers = st.floats(-1e6, 1e6)
widths = st.floats(1e-3, 1e6)
factors = st.floats(1.01, 100.0)


@given(numbers, widths, st.floats(-1, 1), factors)
def test_interval(value: float, width: float, inside: float, outside: float) -> None:
    rule = Interval(kind="interval", plus_minus=width)
    low, high = rule.limits(value)
    within = min(high, max(low, value + inside * width))
    assert rule.distance(within, value) == 0
    for sign in (-1, 1):
        near = rule.distance(value + sign * outside * width, value)
        far = rule.distance(value + sign * 2 * outside * width, value)
        assert 0 < near < far
        assert near == pytest.approx(outside - 1, rel=1e-3, abs=1e-3)


@given(st.floats(1e-3, 1e6), st.floats(0.01, 2.0))
def test_relative_interval_is_a_share_of_the_value(value: float, share: float) -> None:
    rule = Interval(kind="interval", relative=share)
    assert rule.limits(value) == pytest.approx((value * (1 - share), value * (1 + share)))
    assert rule.distance(value * (1 + 2 * share), value) == pytest.approx(1.0)


@given(numbers, widths, st.floats(0, 1), factors)
def test_band(low: float, width: float, inside: float, outside: float) -> None:
    rule = Band(kind="band", low=low, high=low + width)
    assert rule.distance(min(rule.high, low + inside * width), low) == 0
    assert 0 < rule.distance(low - outside, low) < rule.distance(low - 2 * outside, low)
    above = rule.high + outside
    assert 0 < rule.distance(above, low) < rule.distance(above + outside, low)


@given(numbers, widths, factors)
def test_one_sided(bound: float, scale: float, step: float) -> None:
    rule = OneSided(kind="one_sided", at_least=bound, scale=scale)
    assert rule.distance(bound, bound) == 0
    assert rule.distance(bound + step, bound) == 0  # nothing is too much
    assert 0 < rule.distance(bound - step, bound) < rule.distance(bound - 2 * step, bound)
    assert rule.distance(bound - scale, bound) == pytest.approx(1.0, rel=1e-3, abs=1e-3)


def test_strict_bound_is_not_met_by_itself() -> None:
    rule = OneSided(kind="one_sided", above=0.5, scale=0.05)
    assert 0 < rule.distance(0.5, 0.5) < rule.distance(0.4, 0.5)
    assert rule.distance(0.500001, 0.5) == 0


def test_cap_of_a_one_sided_rule_counts() -> None:
    rule = OneSided(kind="one_sided", at_least=378, at_most=550, scale=37.8)
    assert rule.distance(550, 378) == 0
    assert rule.distance(550 + 37.8, 378) == pytest.approx(1.0)


@given(numbers)
def test_exact(value: float) -> None:
    rule = Exact(kind="exact")
    assert rule.distance(value, value) == 0
    assert rule.distance(value + 1.0, value) == pytest.approx(1.0)


@pytest.mark.parametrize("observed", [math.nan, math.inf, -math.inf])
def test_no_number_is_infinitely_far(observed: float) -> None:
    for target in load_targets():
        for check in target.checks:
            assert check.within.distance(observed, check.value) == math.inf


# -------------------------------------------------------------------------------------- comparison


def test_every_simulated_number_is_observed(run: Run) -> None:
    for item in compare(run):
        last = max((item.check.year or 0, *(item.check.years or ()))) if item.check else 0
        if (
            item.target.simulated
            and last > run.years[-1]
            and item.check.observable != "membership_count"
        ):
            assert item.verdict == "not in this run"
        elif item.target.simulated and item.check is None:
            assert item.verdict == "shown"
            assert item.beside
        elif item.target.simulated:
            # The lists of members are of 2018 and need no year of the run.
            assert item.judged, (item.id, item.reason)
            assert math.isfinite(item.observed)
            assert (item.distance == 0) == (item.verdict == "met")
            assert (0 < item.distance <= 1) == (item.verdict == "near")
        else:
            assert item.verdict in ("not yet simulated", "not judged")
            assert math.isnan(item.observed)


def test_observations_are_those_of_the_run(run: Run) -> None:
    found = {item.id: item.observed for item in compare(run)}
    world = load_world()
    south = world.membership("south_unctad_2014")
    within = run.trade(2013).to_numpy()[south][:, south].sum()
    assert found["ss_trade_value"] == pytest.approx(within / 1000)
    inflow = run.fdi(2017).to_numpy().sum(axis=0)
    developed = world.membership("developed_wir_2018")
    assert found["fdi_in_developed"] == pytest.approx(inflow[developed].sum())
    assert found["fdi_in_bra"] == pytest.approx(inflow[world.position("BRA")])
    assert found["g77"] == 134
    assert found["celac"] == 33


def test_trade_is_shown_with_and_without_hubs_and_the_informative_share(run: Run) -> None:
    shown = {item.id: item.beside for item in compare(run)}
    without, since = shown["ss_trade_value"]
    assert "hubs" in without.title
    assert without.unit == "trn USD"
    assert since.title == "and since"
    assert 0 < without.observed < 5
    (both,) = shown["ss_trade_asia_share"]
    assert 0 < both.observed < 1


def test_a_mechanism_is_shown_and_not_judged(run: Run) -> None:
    (row,) = (target for target in load_targets() if target.role == "mechanism")
    (item,) = compare(run, [row])
    assert (item.verdict, item.judged) == ("shown", False)
    assert len(item.beside) == len(row.beside)
    assert all(shown.observed > 0 for shown in item.beside)
    assert {shown.unit for shown in item.beside} == {"projects", "million USD"}
    rows = observe(run, [row])
    assert rows["verdict"].tolist() == ["shown"] + ["beside"] * len(row.beside)


def test_table(run: Run) -> None:
    table = observe(run)
    assert list(table["id"].unique()) == IDS
    rows = table[table["id"] == "fdi_in_ind"].set_index("part")
    assert rows.loc["", "value"] == 42
    assert rows.loc["", ["low", "high"]].tolist() == pytest.approx([33.6, 50.4])
    assert rows.loc["beside", "when"] == "2016"


def test_what_a_run_did_not_keep_is_not_in_it() -> None:
    short = simulate("baseline", seed=1, end=2014, keep="indicators")
    verdicts = {item.id: item.verdict for item in compare(short)}
    assert verdicts["fdi_in_developing"] == "not in this run"
    assert verdicts["fdi_in_bra"] == "not in this run"
    assert verdicts["ss_trade_value"] in ("met", "near", "missed")
    with pytest.raises(NotInRun):
        OBSERVABLES["fdi_inflow"].function(short, 2014, "BRA")


def test_observables_say_what_they_are() -> None:
    for observable in OBSERVABLES.values():
        assert observable.description
        assert observable.unit
    assert math.isnan(OBSERVABLES["gdp_share"].factor("bn USD"))
    assert OBSERVABLES["trade_within"].convert(5000.0, "trn USD") == pytest.approx(5.0)


def test_check_takes_one_time() -> None:
    raw = {"observable": "x", "value": 1, "within": {"kind": "exact"}}
    with pytest.raises(ValueError, match="one of year, years"):
        Check.model_validate({**raw, "year": 2015, "years": (2015, 2016)})


def test_the_last_digit_of_a_float_is_no_distance() -> None:
    # 0.84 + 0.06 is less than 0.9 in floats; a share of 0.9 lies on the end of the range.
    rule = Interval(kind="interval", plus_minus=0.06)
    assert rule.limits(0.84)[1] < 0.9
    assert rule.distance(0.9, 0.84) == 0.0
    assert rule.distance(0.9001, 0.84) > 0.0
    strict = OneSided(kind="one_sided", above=0.5, scale=0.05)
    assert strict.distance(0.5 - 1e-12, 0.5) > 0.0
