"""The fast fit, held against functions whose truth is known, killed half-way, and asked the impossible."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from math import erf
from pathlib import Path

import numpy as np
import pytest
from _toys import (
    INPUTS,
    Broken,
    Toy,
    WithIdle,
    check,
    definition,
    toy_checks,
    toy_parameters,
)

from sscsim.calibration.emulator import Emulator, Scale, median_noise
from sscsim.calibration.fit import Fit, Plan, fast_fit, share_text
from sscsim.calibration.history_matching import (
    CUTOFF,
    EmulatedCheck,
    Region,
    Space,
    emulate,
    region,
    settle,
)
from sscsim.calibration.observing import Journal, Observer
from sscsim.calibration.outputs import begin, write_fit
from sscsim.calibration.screening import (
    Screening,
    _in_turn,
    choose,
    inputs_of,
    screen,
    screen_twice,
    screening_runs,
)
from sscsim.cli.calibrating import verdict
from sscsim.errors import InputError, OutputError
from sscsim.parameters import Parameters, default_parameters

NAMES = ("level", "slope", "curve")


def fit_toy(
    sum_of: float = 6.0, product: float = 3.0, *, journal: Journal | None = None, seed: int = 1
) -> Fit:
    with Observer(Toy(), journal or Journal()) as observer:
        return fast_fit(
            observer,
            toy_checks(sum_of, product),
            toy_parameters(),
            names=NAMES,
            inputs=INPUTS,
            budget=600,
            final_seeds=20,
            seed=seed,
        )


@pytest.fixture(scope="module")
def fitted() -> Fit:
    return fit_toy()


# -------------------------------------------------------------------------------------------- emulator


def smooth(x: np.ndarray) -> np.ndarray:
    return 2.0 * x[:, 0] - x[:, 1] + 0.5 * np.sin(2 * x[:, 0]) + 0.3 * x[:, 1] ** 2


def test_emulator_recovers_a_known_function() -> None:
    rng = np.random.default_rng(1)
    seen, unseen = rng.uniform(-2, 2, (60, 3)), rng.uniform(-2, 2, (200, 3))
    emulator = Emulator(seen, smooth(seen), np.zeros(60))
    mean, variance = emulator.predict(unseen)
    truth = smooth(unseen)
    assert np.abs(mean - truth).max() < 0.1 * truth.std()
    assert np.sqrt(variance).max() < 0.2 * truth.std()
    assert emulator.explained > 0.98
    assert np.allclose(emulator.mean(unseen), mean)


def test_emulator_sees_through_noise_and_knows_how_far() -> None:
    rng = np.random.default_rng(2)
    seen, unseen = rng.uniform(-2, 2, (150, 3)), rng.uniform(-2, 2, (300, 3))
    noise = 0.8
    emulator = Emulator(seen, smooth(seen) + noise * rng.normal(size=150), np.full(150, noise**2))
    mean, variance = emulator.predict(unseen)
    miss = np.abs(mean - smooth(unseen))
    assert miss.mean() < 0.4 * noise
    assert np.mean(miss <= 3 * np.sqrt(variance)) > 0.95
    assert np.sqrt(variance).mean() < noise  # of the function, not of another noisy look at it
    assert emulator.covered > 0.95


def test_emulator_of_a_constant_is_that_constant() -> None:
    inputs = np.random.default_rng(3).normal(size=(20, 2))
    mean, variance = Emulator(inputs, np.full(20, 3.0), np.zeros(20)).predict(inputs)
    assert (mean == 3.0).all()
    assert (variance == 0.0).all()


def test_noise_of_medians_is_that_of_medians() -> None:
    draws = np.random.default_rng(4).normal(size=(4000, 9))
    variance, pooled = median_noise(draws)
    assert pooled == pytest.approx(1.0, abs=0.05)
    assert variance.mean() == pytest.approx(np.median(draws, axis=1).var(), rel=0.1)


def test_a_figure_that_is_positive_is_emulated_on_its_logarithm() -> None:
    assert Scale.of(np.array([1.0, np.nan, 2.0])).log
    scale = Scale.of(np.array([-1.0, 2.0]))
    assert not scale.log
    assert float(Scale(True).backward(Scale(True).forward(5.0))) == pytest.approx(5.0)
    assert float(Scale(True).forward(-1.0)) == -np.inf


# -------------------------------------------------------------------------------------- implausibility


def known_check(item: object, values: np.ndarray, inputs: np.ndarray) -> EmulatedCheck:
    return EmulatedCheck(item, Scale(False), Emulator(inputs, values, np.zeros(len(values))), 0.0)  # type: ignore[arg-type]


def test_a_point_known_exactly_is_kept_where_its_figure_lies_inside() -> None:
    inputs = np.linspace(-2, 2, 30)[:, None]
    item = check("a", 1.0, {"kind": "interval", "plus_minus": 0.5})
    emulated = known_check(item, 2.0 * inputs[:, 0], inputs)
    at = np.array([[0.26], [0.5], [0.74], [0.2], [0.8]])
    assert (emulated.implausibility(at)[:3] < CUTOFF).all()
    assert (emulated.implausibility(at)[3:] > CUTOFF).all()
    assert emulated.implausibility(np.array([[0.5]]))[0] == pytest.approx(0.0, abs=0.05)


def test_a_bound_rules_out_on_one_side_only() -> None:
    inputs = np.linspace(-2, 2, 30)[:, None]
    item = check("a", 1.0, {"kind": "one_sided", "at_least": 1.0, "scale": 0.1})
    emulated = known_check(item, 2.0 * inputs[:, 0], inputs)
    assert emulated.implausibility(np.array([[0.6], [2.0]])).max() == 0.0
    assert emulated.implausibility(np.array([[0.4]]))[0] > CUTOFF
    assert emulated.badness(np.array([5.0]))[0] == 0.0
    assert emulated.badness(np.array([0.9]))[0] == pytest.approx(
        9.0
    )  # a whole scale is three thirds


def test_a_cap_beside_a_bound_counts_too() -> None:
    inputs = np.linspace(-2, 2, 30)[:, None]
    rule = {"kind": "one_sided", "at_least": 1.0, "at_most": 2.0, "scale": 0.1}
    emulated = known_check(check("a", 1.0, rule), 2.0 * inputs[:, 0], inputs)
    inside, above = emulated.implausibility(np.array([[0.75], [1.5]]))
    assert inside == 0.0
    assert above > CUTOFF


def test_the_region_of_a_known_function_is_found() -> None:
    parameters = toy_parameters()
    space = Space(("slope", "curve"), parameters)
    quantiles = space.sobol(64, 1)
    # level stands at its default of 5: the sum is 5 + slope + curve² / 2
    total = 5.0 + quantiles[:, 0] + 0.5 * quantiles[:, 1] ** 2
    item = check("sum", 5.5, {"kind": "interval", "plus_minus": 0.1})
    checks = emulate(space, [item], quantiles, [np.full((1, 1), t) for t in total], 50)
    found = region(space, [checks], seed=3)
    truth = np.abs(found.quantiles[:, 0] + 0.5 * found.quantiles[:, 1] ** 2 - 0.5) <= 0.1
    assert np.mean(found.kept == truth) > 0.99
    assert (found.kept | ~truth)[np.abs(found.quantiles[:, 0] - 0.5) > 0.01].mean() > 0.995
    assert found.share == pytest.approx(truth.mean(), abs=0.01)


def test_a_check_narrows_what_it_depends_on() -> None:
    quantiles = Space(("slope", "curve"), toy_parameters()).sobol(4096, 1)
    first = 10.0 * np.abs(quantiles[:, 0] - 0.5)
    found = Region(quantiles, np.column_stack([first, np.zeros(4096)]))
    assert found.share == pytest.approx(0.6, abs=0.01)
    narrowing = found.narrowing(0)
    assert narrowing[0] == pytest.approx(0.4, abs=0.02)
    assert abs(narrowing[1]) < 0.05
    assert found.possible_without(0)


def test_priors_make_their_middle_the_least_surprising() -> None:
    space = Space(("level", "slope", "luck"), toy_parameters())
    surprise = space.surprise(np.array([[0.5, 0.5, 0.5], [0.5, 0.9, 0.5], [0.841345, 0.5, 0.5]]))
    assert surprise == pytest.approx([0.0, 0.0, 1.0], abs=1e-4)


# ------------------------------------------------------------------------------------------- screening


def test_screening_ranks_and_tells_effects_from_luck() -> None:
    with Observer(Toy()) as observer:
        result = screen(
            observer, toy_checks(), toy_parameters(), trajectories=10, inputs=INPUTS, seed=1
        )
    order = [result.inputs[i] for i in result.order()]
    assert order[:2] == ["level", "slope"]
    assert order[-1] == "idle"
    lasting = dict(zip(result.inputs, result.lasting.max(axis=1), strict=True))
    assert lasting["idle"] == 0.0
    assert result.effect[result.inputs.index("luck")].max() > 0.0
    assert set(choose(result, INPUTS)) >= {"level", "slope", "curve"}
    assert "idle" not in choose(result, INPUTS)
    # From quantile 0.05 to 0.65, or 0.35 to 0.95, level goes 2.03: two thirds of the range, over 0.2.
    assert result.mean[0, 0] == pytest.approx(2.03 * 1.5 / 0.2, rel=0.03)


def test_every_figure_keeps_a_parameter_that_moves_it() -> None:
    names = tuple("abcdef")
    effect = np.array([[9.0, 0], [8, 0], [7, 0], [6, 0], [5, 0], [0, 0.2]])
    result = Screening(names, ("x", "y"), effect, effect, np.zeros((6, 2)), 5)
    groups = {name: [name] for name in names}
    assert choose(result, groups, most=3, each=2) == ("a", "b", "f")
    assert choose(result, groups, most=4, each=1) == ("a", "b", "c", "f")


def test_a_second_look_is_taken_at_what_may_matter() -> None:
    with Observer(Toy()) as observer:
        result = screen_twice(
            observer, toy_checks(), toy_parameters(), trajectories=8, inputs=INPUTS, seed=1
        )
        # Two trajectories of all five inputs, eight of the four that do anything.
        assert observer.simulated == 2 * 6 + 8 * 5
    assert result.inputs == tuple(INPUTS)
    assert result.effect[result.inputs.index("idle")].max() == 0.0
    assert set(choose(result, INPUTS)) >= {"level", "slope", "curve"}


def test_the_second_look_leaves_no_figure_out() -> None:
    # What moves the second figure moves it little, beside what moves the first.
    effect = np.array([[9.0, 0], [8, 0], [7, 0], [6, 0], [0.5, 0.2], [0, 0.1], [0, 0.001]])
    assert _in_turn(effect, 4) == [0, 4, 1, 5]
    assert sorted(_in_turn(effect, 40)) == [0, 1, 2, 3, 4, 5]
    assert screening_runs(200, 1, checks=30) - screening_runs(200, 0, checks=30) == 91


def test_an_emulator_looks_at_what_moves_its_figure() -> None:
    names = ("a", "b", "c")
    effect = np.array([[9.0, 0.01, 0], [0.01, 0.005, 0], [0.3, 0.0, 0]])
    result = Screening(names, ("x", "y", "z"), effect, effect, np.zeros((3, 3)), 5)
    assert result.active(names) == [(0, 2), (0,), (0, 1, 2)]
    assert result.active(("c", "a"))[0] == (0, 1)
    rng = np.random.default_rng(5)
    seen, unseen = rng.uniform(-2, 2, (80, 30)), rng.uniform(-2, 2, (200, 30))
    truth = smooth(unseen)
    misses = [
        np.abs(Emulator(seen, smooth(seen), np.zeros(80), active).mean(unseen) - truth).mean()
        for active in (None, (0, 1))
    ]
    assert misses[1] < 0.1 * misses[0]


def test_parameters_by_goal_are_screened_as_one() -> None:
    inputs = inputs_of(default_parameters())
    assert len(inputs["goal_drift"]) == 17
    assert inputs["trade_elasticity"] == ["trade_elasticity"]
    assert "home_sales_floor" not in inputs


# ---------------------------------------------------------------------------------------------- journal


def test_a_journal_forgets_only_the_line_that_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Journal.open(path).add({"a": (0.1, np.nan), "b": (1 / 3, 2.0)})
    whole = path.read_bytes()
    path.write_bytes(whole + b'["c", ["0x1.0p')
    again = Journal.open(path)
    assert list(again.known) == ["a", "b"]
    assert again.known["b"] == (1 / 3, 2.0)
    assert np.isnan(again.known["a"][1])
    assert path.read_bytes() == whole


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text("what is this?\n")
    with pytest.raises(InputError, match="line"):
        Journal.open(path)


def test_nothing_is_simulated_twice_and_workers_change_nothing(tmp_path: Path) -> None:
    points = [{"level": 4.0 + i / 7} for i in range(10)]
    seeds = [[1, 2]] * 10
    with Observer(Toy(), Journal.open(tmp_path / "j")) as observer:
        first = observer.observe(points, seeds, "a")
        assert observer.simulated == 20
        observer.observe(points[:5], seeds[:5], "b")
        assert observer.simulated == 20
    with Observer(Toy(), Journal(), workers=2) as observer:
        second = observer.observe(points, seeds, "a")
    assert np.array_equal(first, second)


# ------------------------------------------------------------------------------------------------- fit


def test_the_fit_meets_what_can_be_met(fitted: Fit) -> None:
    assert fitted.met
    best = fitted.best
    assert best["level"] + best["slope"] + 0.5 * best["curve"] ** 2 == pytest.approx(6.0, abs=0.2)
    assert best["level"] * best["slope"] >= 3.0 * 0.99
    assert 0.0 < fitted.region.share < 0.5
    assert fitted.out_of_reach == ()
    assert fitted.binding == ()
    assert verdict(fitted) == ["Every fitted figure is met."]


def test_a_region_of_millionths_is_closed_in_on() -> None:
    # Four of six independent parameters must lie within a thirtieth of their priors each.
    names = tuple("abcdef")
    prior = {"distribution": "normal", "mean": 0.0, "sd": 1.0}
    table = {name: definition(name, prior, (-9.0, 9.0)) for name in names}
    space = Space(names, Parameters(table, dict.fromkeys(names, 0.0)))
    inputs = space.scaled(space.sobol(64, 3))
    rule = {"kind": "interval", "plus_minus": 0.1}
    checks = [known_check(check(names[i], 1.2, rule), inputs[:, i], inputs) for i in range(4)]
    found = settle(space, [checks], region(space, [checks], seed=1), seed=2)
    assert not found.kept.any()
    left, seen = found.left
    assert len(left) == 512
    assert (np.abs(space.values(left)[:, :4] - 1.2) < 0.11).all()
    assert (seen < CUTOFF).all()
    one = 0.5 * (erf(1.3 / 2**0.5) - erf(1.1 / 2**0.5))
    assert found.share == pytest.approx(one**4, rel=0.6)
    assert share_text(found.share).startswith("one part in ")
    assert (found.narrowing()[:4] > 0.9).all()
    assert (np.abs(found.narrowing()[4:]) < 0.15).all()


def test_where_nothing_is_left_the_search_for_it_ends() -> None:
    space = Space(("level", "slope"), toy_parameters())
    inputs = space.scaled(space.sobol(64, 3))
    rule = {"kind": "interval", "plus_minus": 0.1}
    at_odds = [
        known_check(check(n, v, rule), inputs[:, 0], inputs) for n, v in (("a", 0), ("b", 2))
    ]
    found = region(space, [at_odds], seed=1)
    assert found.empty
    assert found.share == 0.0
    assert np.median(space.scaled(found.closest[0])[:, 0]) == pytest.approx(1.0, abs=0.05)
    assert found.possible_without(0)
    assert found.possible_without(1)


def test_the_region_of_the_fit_is_the_true_one(fitted: Fit) -> None:
    values = fitted.space.values(fitted.region.quantiles)
    total = values[:, 0] + values[:, 1] + 0.5 * values[:, 2] ** 2
    well_inside = (np.abs(total - 6.0) < 0.17) & (values[:, 0] * values[:, 1] > 3.1)
    far_outside = (np.abs(total - 6.0) > 0.3) | (values[:, 0] * values[:, 1] < 2.8)
    assert fitted.region.kept[well_inside].mean() > 0.99
    assert fitted.region.kept[far_outside].mean() < 0.01


def test_the_best_point_is_as_near_to_the_priors_as_the_figures_let_it(fitted: Fit) -> None:
    # Many points meet the figures; of them the likely ones have a level not far from its mean of 5.
    kept = fitted.region.quantiles[fitted.region.kept]
    best = np.array([[fitted.best[name] for name in fitted.space.names]])
    surprise = fitted.space.surprise(kept)
    assert (best[0, 0] - 5.0) ** 2 <= np.quantile(surprise, 0.5)


def test_the_same_fit_gives_the_same_point(fitted: Fit) -> None:
    assert fit_toy().best == fitted.best
    assert fit_toy(seed=2).best != fitted.best


def test_a_figure_out_of_reach_is_named_with_what_holds_it_back() -> None:
    result = fit_toy(sum_of=50.0)
    assert not result.met
    assert result.binding == ("sum",)
    (reach,) = result.out_of_reach
    # level at its upper end of 5 + 3.09, slope and curve at 1
    assert reach.nearest == pytest.approx(9.58, abs=0.15)
    assert {name: end for name, (end, _) in reach.ends.items()}["level"] == "upper"
    assert "slope" in reach.ends
    text = verdict(result)[0]
    assert text.startswith(
        "sum binds: 50 bn USD cannot be reached within the priors. The nearest is 9."
    )
    assert "level (upper, 8." in text


@pytest.mark.slow
def test_a_figure_out_of_reach_leaves_the_others_alone() -> None:
    checks = (*toy_checks(50.0), check("spread", 0.5, {"kind": "interval", "plus_minus": 0.1}))
    with Observer(WithIdle()) as observer:
        result = fast_fit(
            observer,
            checks,
            toy_parameters(),
            names=("level", "slope", "idle"),
            inputs=INPUTS,
            budget=600,
            final_seeds=20,
        )
    assert result.binding == ("sum",)
    assert result.distances["spread"] == 0.0
    assert result.best["idle"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
def test_figures_that_contradict_each_other_are_both_named() -> None:
    # A sum of at most 4.2 needs a small level, a product of 5.5 a large one; each alone is possible.
    result = fit_toy(sum_of=4.0, product=5.5)
    assert not result.met
    assert result.out_of_reach == ()
    assert set(result.binding) == {"sum", "product"}
    assert "cannot be met together" in verdict(result)[0]


def test_priors_without_a_world_are_said_to_be_so() -> None:
    with Observer(Broken()) as observer, pytest.raises(InputError, match="can be simulated"):
        fast_fit(observer, toy_checks(), toy_parameters(), names=NAMES, inputs=INPUTS, budget=600)


@pytest.mark.parametrize(
    ("names", "budget", "message"),
    [
        (["level"], 10, "too small"),
        (["levle"], 600, "no parameter"),
    ],
)
def test_what_cannot_be_fitted_is_refused(names: list[str], budget: int, message: str) -> None:
    with Observer(Toy()) as observer, pytest.raises(InputError, match=message):
        fast_fit(
            observer, toy_checks(), toy_parameters(), names=names, inputs=INPUTS, budget=budget
        )


def test_a_plan_keeps_to_its_budget() -> None:
    for budget in (1300, 2500, 10_000):
        plan = Plan.of(budget, 91, screened=True)
        runs = screening_runs(91, plan.trajectories) + plan.seeds * sum(plan.points)
        assert runs + 2 * plan.finalists * plan.final_seeds <= budget
        assert plan.trajectories >= 4


@pytest.mark.parametrize(
    ("inputs", "screened", "final_seeds", "checks"),
    [(2, False, 4, 1), (2, False, 50, 1), (91, True, 50, 1), (130, True, 50, 6), (7, True, 10, 3)],
)
@pytest.mark.parametrize("budget", [-7, 0, 20])
def test_the_least_budget_that_a_refusal_names_is_the_least(
    inputs: int, screened: bool, final_seeds: int, checks: int, budget: int
) -> None:
    def plan(runs: int) -> Plan:
        return Plan.of(runs, inputs, screened=screened, final_seeds=final_seeds, checks=checks)

    with pytest.raises(InputError) as caught:
        plan(budget)
    least = int(str(caught.value.allowed).removeprefix("at least ").replace(",", ""))
    assert plan(least).runs <= least
    assert all(plan(least + more).points[0] >= 8 for more in range(300))
    with pytest.raises(InputError):
        plan(least - 1)


def test_a_fit_keeps_to_a_small_budget() -> None:
    with Observer(Toy()) as observer:
        fast_fit(
            observer,
            toy_checks(),
            toy_parameters(),
            names=NAMES,
            inputs=INPUTS,
            budget=80,
            final_seeds=4,
        )
        assert observer.simulated <= 80


def test_many_parameters_are_seen_at_more_points_with_fewer_seeds() -> None:
    plan = Plan.of(2500, 91, screened=True)
    assert plan.spread(5) == plan
    wide = plan.spread(40)
    assert sum(wide.points) == 2 * sum(plan.points)
    assert wide.runs <= plan.runs <= 2500


def test_a_fit_screens_by_itself_within_its_budget() -> None:
    with Observer(Toy()) as observer:
        result = fast_fit(
            observer,
            toy_checks(),
            toy_parameters(),
            inputs=INPUTS,
            budget=700,
            final_seeds=20,
        )
        assert observer.simulated <= 700
    assert set(result.space.names) >= {"level", "slope", "curve"}
    assert "idle" not in result.space.names
    assert result.met


# ------------------------------------------------------------------------------------ killed, resumed

SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
from _toys import INPUTS, Toy, toy_checks, toy_parameters
from sscsim.calibration.fit import fast_fit
from sscsim.calibration.observing import Journal, Observer
from sscsim.calibration.outputs import write_fit
folder = Path(sys.argv[1])
with Observer(Toy(kill_after=int(sys.argv[2])), Journal.open(folder / "observations.jsonl")) as o:
    fit = fast_fit(o, toy_checks(), toy_parameters(), names={names!r}, inputs=INPUTS, budget=600,
                   final_seeds=20)
write_fit(fit, folder, "baseline", 2013, {{"budget": 600, "seed": 1}})
"""


@pytest.mark.long
def test_a_fit_killed_anywhere_ends_in_the_same_bytes(tmp_path: Path, fitted: Fit) -> None:
    here = Path(__file__).resolve()
    script = SCRIPT.format(paths=[str(here.parents[1]), str(here.parents[2])], names=NAMES)
    killed = tmp_path / "killed"
    killed.mkdir()
    for runs in (150, 210):  # within the first wave and within the second
        ended = subprocess.run([sys.executable, "-c", script, str(killed), str(runs)], check=False)
        assert ended.returncode == -signal.SIGKILL
        assert not (killed / "best.yaml").exists()
    subprocess.run([sys.executable, "-c", script, str(killed), "0"], check=True)
    whole = tmp_path / "whole"
    whole.mkdir()
    write_fit(fitted, whole, "baseline", 2013, {"budget": 600, "seed": 1})
    names = sorted(path.name for path in whole.iterdir())
    assert names == ["best.yaml", "points.csv", "region.csv", "targets.csv"]
    for name in names:
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_folder_is_not_taken_from_another_fit(tmp_path: Path) -> None:
    place = begin(tmp_path / "fit", {"seed": 1}, resume=False)
    assert place.parent == tmp_path / "fit"
    assert json.loads((tmp_path / "fit" / "settings.json").read_text()) == {"seed": 1}
    with pytest.raises(InputError, match="--resume"):
        begin(tmp_path / "fit", {"seed": 1}, resume=False)
    with pytest.raises(InputError, match="other settings"):
        begin(tmp_path / "fit", {"seed": 2}, resume=True)
    assert begin(tmp_path / "fit", {"seed": 1}, resume=True) == place
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").touch()
    with pytest.raises(OutputError, match="something else"):
        begin(tmp_path / "other", {"seed": 1}, resume=True)
