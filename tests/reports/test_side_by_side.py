"""Two runs beside each other: the same numbers on the same scales, and a title that says how far they are apart."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.reports import side_by_side
from sscsim.reports.bands import LEAST, Bands, bands_of
from sscsim.reports.words import names_of

from .test_figures import check_texts, foot, title


@pytest.fixture(scope="module")
def other(make_run):
    run = make_run(trade_growth=0.05, goal_gain=0.6, cooperation=1.5)
    run._details["scenario_name"] = "full-agenda"
    return run


@pytest.fixture(scope="module")
def drawn(run, other):
    return {name: draw(run, other) for name, draw in side_by_side.PAIRED.items()}


@pytest.mark.parametrize("name", side_by_side.PAIRED)
def test_every_figure_of_two_runs_can_be_read_and_names_both(drawn, name):
    figure = drawn[name]
    figure.draw_without_rendering()
    check_texts(figure)
    assert "full-agenda" in title(figure)
    assert "runs baseline, seed 1 and full-agenda, seed 1" in foot(figure)


def test_both_runs_are_in_every_panel_the_second_broken(run, other, drawn):
    figure = drawn["paths_beside"]
    assert len(figure.axes) == 9
    for ax in figure.axes:
        first, second = (
            next(line for line in ax.lines if line.get_gid() == f"run {k}") for k in (1, 2)
        )
        assert first.get_linestyle() == "-"
        assert second.get_linestyle() == "--"
        assert [line for line in ax.lines if line.get_gid() == "record"]
    ax = figure.axes[4]
    lines = {line.get_gid(): line.get_ydata() for line in ax.lines if line.get_gid()}
    np.testing.assert_allclose(lines["run 1"], run.series("trade_within", "South"))
    np.testing.assert_allclose(lines["run 2"], other.series("trade_within", "South"))


def test_the_title_tells_the_number_that_differs_most(run, drawn):
    assert title(drawn["paths_beside"]).startswith(
        "full-agenda and baseline differ most in cooperation projects received (South): 2,665 against 1,776"
    )
    assert "differ in none of 9 numbers" in title(side_by_side.paths_beside(run, run))


def test_sums_stand_on_one_scale(drawn):
    figure = drawn["stacks_beside"]
    for left, right in zip(figure.axes[::2], figure.axes[1::2], strict=True):
        assert left.get_ylim() == right.get_ylim()
    share = 100.0 * (1.05 / 1.04) ** 21 - 100.0
    assert f"South-South trade +{share:.1f} %" in title(figure)


def test_goals_that_do_not_differ_stand_on_zero(run, other):
    figure = side_by_side.goals_beside(run, other, 2030)
    gaps = figure.axes[0].collections[1].get_offsets()[:, 0]
    np.testing.assert_allclose(gaps, 0.2 * 17 * np.arange(1, 18) / 9.0)
    assert "Goal 17 of the world, by +6.4 points, in 2030" in title(figure)
    assert "differ in no Goal" in title(side_by_side.goals_beside(run, run))


def bands_beside(run, other):
    rng = np.random.default_rng(2)

    def of(one):
        lookup = one._indicators.lookup
        table = {
            (indicator, group): np.array([values[y] for y in one.years])
            * rng.uniform(0.9, 1.1, (20, 1))
            for (group, indicator), values in lookup.items()
        }
        return Bands(one.years, 20, "20 draws", table)

    return of(run), of(other)


def test_bands_of_both_are_drawn(run, other):
    figure = side_by_side.paths_beside(run, other, bands=bands_beside(run, other))
    for ax in figure.axes:
        assert len([c for c in ax.collections if c.get_gid() == "band"]) == 2
    assert "bands: 20 draws." in foot(figure)


@pytest.mark.slow
def test_bands_of_sums_can_be_read(run, other):
    check_texts(side_by_side.stacks_beside(run, other, bands=bands_beside(run, other)))


def test_two_runs_are_called_by_what_tells_them_apart(run, other, make_run):
    assert names_of(run, other) == ("baseline", "full-agenda")
    assert names_of(run, make_run(seed=2)) == ("baseline (seed 1)", "baseline (seed 2)")
    changed = make_run()
    changed._details["parameters_set"] = {"trade_elasticity": 4.0}
    changed._details["parameters_from"] = {"source": "tables"}
    assert names_of(run, changed) == ("baseline (unchanged)", "baseline (trade_elasticity = 4)")
    assert names_of(run, run) == ("baseline (first)", "baseline (second)")


def test_runs_of_other_years_are_refused(run, make_run):
    with pytest.raises(InputError, match="other years"):
        side_by_side.paths_beside(run, make_run(years=tuple(range(2013, 2031))))


def test_a_file_a_figure(run, other, tmp_path):
    paths = side_by_side.save_beside(run, other, tmp_path, ["svg"], names=["goals_beside"])
    assert [p.name for p in paths] == ["goals_beside.svg"]
    with pytest.raises(InputError, match="did you mean 'goals_beside'"):
        side_by_side.save_beside(run, other, tmp_path, names=["goals_besides"])


@pytest.mark.slow
def test_bands_come_from_members_of_the_runs_own_scenario(tmp_path):
    from sscsim.model import simulate

    run = simulate("full-agenda", seed=5, end=2014, keep="indicators")
    bands = bands_of(run, LEAST, source="tables", store=tmp_path)
    assert bands.years == (2013, 2014)
    assert bands.draws == LEAST
    assert "10 draws" in bands.words
    assert "luck of the seeds 1 to 10" in bands.words
    values = bands.values("gdp", "South")
    assert values.shape == (LEAST, 2)
    again = simulate("full-agenda", seed=3, end=2014, keep="indicators", parameters="tables")
    np.testing.assert_allclose(values[2], again.series("gdp", "South"))
    with pytest.raises(InputError, match="no such indicator"):
        bands.values("gdp", "Atlantis")


def test_members_of_a_comparison_serve_where_there_are_more_of_them(tmp_path):
    from sscsim.experiments import RunStore, run_ensemble
    from sscsim.experiments.members import members
    from sscsim.model import simulate

    store = RunStore(tmp_path)
    there = members(["baseline"], LEAST, source="tables", end=2013, keep="outcomes")
    run_ensemble(there, store)
    run = simulate("baseline", end=2013, keep="indicators")
    bands = bands_of(run, LEAST, source="tables", store=tmp_path)
    assert bands.draws == LEAST
    assert len(list(store.keys())) == LEAST  # none was run again


def test_a_run_with_own_banks_has_no_draws_beside_it(make_run, tmp_path):
    from sscsim.model import simulate

    run = simulate("baseline", end=2014, keep="indicators")
    run._details["inputs"]["classes"] = {"country": "own:Country"}
    with pytest.raises(InputError, match="own classes"):
        bands_of(run, LEAST, store=tmp_path)
