"""What a posterior is said to be worth, held against one whose truth is written down."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from _posteriors import HALF, SETTINGS, made_up

from sscsim.calibration.diagnosis import Diagnosis, diagnose, noise_of_contraction
from sscsim.calibration.outputs import write_posterior
from sscsim.calibration.saved import SavedPosterior, read_posterior
from sscsim.files import write_text


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> SavedPosterior:
    folder = tmp_path_factory.mktemp("fit")
    write_text(folder / "settings.json", json.dumps(SETTINGS))
    write_posterior(made_up(), folder, SETTINGS)
    return read_posterior(folder)


@pytest.fixture(scope="module")
def found(saved: SavedPosterior) -> Diagnosis:
    return diagnose(saved)


@pytest.mark.parametrize("shape", ["normal", "uniform"])
def test_the_noise_of_a_contraction_is_what_draws_of_the_prior_show(shape: str) -> None:
    from scipy.special import ndtri

    rng = np.random.default_rng(1)
    even = (np.arange(400) + 0.5) / 400
    prior = even if shape == "uniform" else ndtri(even)
    draws = rng.uniform(size=(3000, 100)) if shape == "uniform" else rng.normal(size=(3000, 100))
    seen = draws.var(axis=1, ddof=1) / prior.var()
    noise = noise_of_contraction(prior[:, None], 100.0, 10**9)
    assert noise == pytest.approx([seen.std()], rel=0.06)
    # The prior's own draws add to it as much again, where there are as many.
    assert noise_of_contraction(prior[:, None], 100.0, 100) == pytest.approx(noise * 2**0.5)
    assert noise_of_contraction(np.ones((10, 1)), 100.0, 100) == pytest.approx([0.0])


def test_what_the_figures_inform_is_told_from_what_they_do_not(found: Diagnosis) -> None:
    assert [one.name for one in found.informed] == ["level", "slope"]
    by_name = {one.name: one for one in found.narrowings}
    assert by_name["level"].row.contraction > 0.9
    assert not by_name["curve"].informed  # fitted, and in no figure
    assert by_name["slope"].moved
    assert by_name["slope"].shift > 0.3
    # Few draws show a contraction by chance: the threshold is above the stated tenth.
    assert 0.1 < by_name["idle"].threshold < 0.3
    assert found.by_chance == 0


def test_what_was_not_fitted_is_never_informed(saved: SavedPosterior) -> None:
    rows = tuple(replace(row, fitted=row.parameter == "curve") for row in saved.parameters)
    found = diagnose(replace(saved, parameters=rows))
    assert found.informed == ()
    assert found.by_chance == 2
    assert found.pairs == ()
    assert found.correlations.shape == (0, 0)
    assert all(one.holds == () for one in found.left_out)


def test_unseen_runs_lie_where_good_emulators_expect_them(found: Diagnosis) -> None:
    first, last = found.coverage
    assert (first.number, first.runs) == (1, 320)
    assert last.runs == 318  # one draw admits no world
    assert last.inside == pytest.approx(0.9, abs=0.06)
    assert last.mean == pytest.approx(0.0, abs=0.2)
    assert last.sd == pytest.approx(1.0, abs=0.15)
    assert found.poorly_emulated == ()


def test_an_emulator_that_is_too_sure_is_named(saved: SavedPosterior) -> None:
    *before, last = saved.unseen
    sure = replace(last, sd=last.sd * np.array([1.0, 0.4]))
    found = diagnose(replace(saved, unseen=(*before, sure)))
    assert found.poorly_emulated == ("product",)
    assert found.coverage[-1].sd[1] == pytest.approx(2.5, rel=0.15)


def test_parameters_that_make_up_for_one_another_are_a_pair(found: Diagnosis) -> None:
    (pair,) = found.pairs
    assert {pair.first, pair.second} == {"level", "slope"}
    assert pair.correlation < -0.5


def test_without_the_figure_that_holds_the_sum_it_cannot_be_told(
    saved: SavedPosterior, found: Diagnosis
) -> None:
    total, product = found.left_out
    # All that is known of the sum comes from its own figure: the weights have no mean, whatever so few of them show.
    assert saved.evidence.without(0).khat < 0.7
    sums = saved.values[:, 0] + saved.values[:, 1]
    assert total.khat == pytest.approx(sums.var() / (0.1**2 + 2 * (HALF / 3) ** 2), rel=0.15)
    assert not total.reliable
    assert total.holds[0][0] == "level"
    assert total.high - total.low > saved.figures[0].run_95 - saved.figures[0].run_5
    # A bound has no width: its tail is that of the weights.
    assert product.khat == saved.evidence.without(1).khat
    assert product.low < saved.figures[1].run_5


def test_a_figure_that_others_predict_can_be_told(saved: SavedPosterior) -> None:
    """A third figure, the sum again with ten times the width, adds next to nothing to the first."""
    wide = replace(saved.figures[0], id="again", low=4.0, high=8.0, scale=2.0)
    third = {
        factor: np.column_stack([told, told[:, 0] / 100.0])
        for factor, told in saved.evidence.likelihood.items()
    }
    before = saved.evidence.before + third[1.0][:, 2]

    def again(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, values[..., :1]], axis=-1)

    unseen = tuple(
        replace(
            one, mean=again(one.mean), sd=again(one.sd), seen=again(one.seen),
            logarithmic=again(one.logarithmic),
        )
        for one in saved.unseen
    )  # fmt: skip
    found = diagnose(
        replace(
            saved,
            figures=(*saved.figures, wide),
            evidence=replace(saved.evidence, before=before, likelihood=third),
            unseen=unseen,
        )
    )
    left = found.left_out[2]
    assert left.reliable
    assert left.inside
    assert left.median == pytest.approx(6.0, abs=0.1)
    assert left.pit == pytest.approx(0.5, abs=0.2)
    assert left.within == pytest.approx(1.0)


def test_narrower_tolerances_narrow_and_wider_ones_are_out_of_reach(found: Diagnosis) -> None:
    halved, plain, doubled = found.tolerances
    assert plain.khat == pytest.approx(found.khat[-1], abs=1e-12)
    assert plain.effective == pytest.approx(found.worth[-1])
    assert plain.figures[1] == pytest.approx([row.run_50 for row in found.saved.figures], abs=0.02)
    widths = [float(one.figures[2, 0] - one.figures[0, 0]) for one in found.tolerances]
    assert widths[0] < widths[1] < widths[2]
    assert halved.khat < 0.7
    # Of the sum's precision 1 / (0.01 + t²) a fraction is lost where t is doubled.
    run, reading = 0.1**2, 2 * (HALF / 3) ** 2
    lost = 1 / (run + reading) - 1 / (run + 4 * reading)
    sums = found.saved.values[:, 0] + found.saved.values[:, 1]
    assert doubled.khat == pytest.approx(sums.var() * lost, rel=0.2)


def test_figures_that_are_missed_or_not_explained_are_named(saved: SavedPosterior) -> None:
    total, product = saved.figures
    assert diagnose(saved).missed == diagnose(saved).unexplained == ()
    odd = replace(total, run_50=6.5, pit=0.002)
    bound = replace(product, pit=0.0)
    found = diagnose(replace(saved, figures=(odd, bound)))
    assert [row.id for row in found.missed] == ["sum"]
    assert found.missed[0].miss == pytest.approx(1.5)
    assert [row.id for row in found.unexplained] == ["sum"]


def test_two_roads_are_apart_by_standard_deviations(saved: SavedPosterior) -> None:
    assert diagnose(saved).roads == ()
    level = saved.values[:, saved.names.index("level")]
    slope = saved.values[:, saved.names.index("slope")]
    idle = saved.values[:, saved.names.index("idle")]
    other = {"level": level + 2 * level.std(ddof=1), "slope": slope, "idle": idle}
    far, near = diagnose(replace(saved, second=other)).roads
    assert (far.name, near.name) == ("level", "slope")
    assert far.apart == pytest.approx(2.0)
    assert not far.agree
    assert near.agree
    assert np.isnan(far.error)
    # What the second road says itself goes before.
    told = {"level": (-0.3, 0.1), "idle": (0.9, 0.1)}
    (first, _) = diagnose(replace(saved, second=other, agreement=told)).roads
    assert (first.name, first.apart, first.error) == ("level", 0.3, 0.1)


def test_groups_tell_what_holds_them(saved: SavedPosterior) -> None:
    names = saved.names
    effects = {name: {"sum": 0.0, "product": 2.0 * (name == "slope")} for name in names}
    rows = tuple(
        replace(row, group="idlers" if row.parameter in ("idle", "luck") else "movers")
        for row in saved.parameters
    )
    movers, idlers = diagnose(replace(saved, parameters=rows, screening=effects)).groups
    assert (movers.name, movers.parameters, movers.fitted) == ("movers", 3, 3)
    assert movers.informed == ("level", "slope")
    assert "sum" in movers.figures
    assert movers.respond == ("product",)
    assert (idlers.parameters, idlers.informed, idlers.figures, idlers.respond) == (2, (), (), ())


def test_draws_are_trusted_by_their_last_round(saved: SavedPosterior) -> None:
    assert diagnose(saved).trusted
    bad = {**saved.told, "k_hat": [0.2, 0.9], "worth_of_draws": [150.0, 30.0]}
    found = diagnose(replace(saved, told=bad))
    assert not found.trusted
    assert found.independent == 30.0
    even = {**bad, "worth_of_draws": [150.0, 158.0]}
    assert diagnose(replace(saved, told=even)).trusted
