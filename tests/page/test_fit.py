"""The fit of the page's emulator: it finds what made-up runs are made of, and owns up to what it does not find."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sscsim.errors import InputError, SscsimError
from sscsim.page import fit as fitting
from sscsim.page import training
from sscsim.page.design import design, settings
from sscsim.page.emulator import Emulator, load
from sscsim.page.fit import fit
from sscsim.page.outputs import Output, Outputs, outputs
from sscsim.page.sliders import sliders
from sscsim.page.training import Runs

YEARS, ITEMS, DRAWS = 22, 5, 10
SPREAD = 0.3
FEW = ("income", "s_projects", "poverty")


def made_up(random: np.random.Generator, draws: int) -> dict[str, object]:
    """Return what a made-up model is made of: slopes of the mean, slopes of each draw, a baseline of each draw."""
    count = len(sliders().names)
    return {
        "slopes": random.normal(size=(count, ITEMS)),
        "own": SPREAD * random.normal(size=(draws, count, ITEMS)),
        "base": random.lognormal(3.0, 0.2, size=(draws, ITEMS, 1)) * np.linspace(1.0, 2.0, YEARS),
    }


def run_of(made: dict, output: Output, x: np.ndarray, draw: int, bend) -> np.ndarray:
    acting = np.maximum(np.arange(YEARS) - 5, 0) / (YEARS - 6)
    effect = x @ (made["slopes"] + made["own"][draw]) + bend(x)
    effect = 0.1 * effect[:, None] * acting
    base = made["base"][draw]
    return base * np.exp(effect) if output.change == "log" else base + 10.0 * effect


def trained(place, bend=lambda x: 0.0) -> Emulator:
    """Train on made-up runs whose effects have a bend; without one they are of first order."""
    table = {name: outputs().table[name] for name in FEW}
    few = Outputs(
        table, *(getattr(outputs(), n) for n in ("groups", "goals", "banks", "units", "in_zh"))
    )
    plan = design(DRAWS)
    made = made_up(np.random.default_rng(5), plan.draws)
    axes = {name: ((*(f"item {i}" for i in range(ITEMS)),),) for name in FEW}
    held: dict[str, dict[str, np.ndarray]] = {}

    def member(name: str, setting: dict, draw: int):
        x = sliders().scaled([setting])[0]
        held[name] = {n: run_of(made, one, x, draw, bend) for n, one in table.items()}
        held[name]["poverty"][0] = np.nan  # an item that is not given
        return SimpleNamespace(key=name)

    runs = Runs(
        plan,
        [member(f"b{d}", {}, d) for d in range(plan.draws)],
        [
            member(f"s{i}", one, draw)
            for i, (one, draw) in enumerate(zip(plan.each, plan.draw.tolist(), strict=True))
        ],
        [[member(f"u{i}-{d}", s, d) for d in range(plan.draws)] for i, s in enumerate(plan.unseen)],
        "tables",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "outputs", lambda: few)
        patch.setattr(
            fitting, "read_runs", lambda each, folder: (axes, [held[one.key] for one in each])
        )
        return fit(runs, place, {"source": {"en": "made up", "zh": "虚构"}})


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> Emulator:
    return trained(tmp_path_factory.mktemp("runs"))


def test_effects_of_first_order_are_found_and_bands_hold_what_they_say(found) -> None:
    for name in ("income", "s_projects"):
        assert found.outputs[name].error.max() < 0.05, name
        assert 0.8 < found.about["coverage"][name] < 0.97, name
    assert 0.8 < found.about["validation"]["coverage"] < 0.97
    assert found.about["runs"] == 50 * DRAWS


def test_squares_and_products_are_found(tmp_path) -> None:
    found = trained(tmp_path, lambda x: 2.0 * x[0] ** 2 + 1.5 * x[1] * x[2])
    assert found.outputs["income"].error.max() < 0.06
    names = found.names
    one = found.predict("income", {names[0]: 0.0}).effect[:, -1]
    made = made_up(np.random.default_rng(5), design(DRAWS).draws)
    true = 0.1 * (-(made["slopes"] + made["own"].mean(axis=0))[0] + 2.0)
    np.testing.assert_allclose(one, true, atol=0.03)


def test_what_no_polynomial_holds_is_not_shown(tmp_path) -> None:
    found = trained(tmp_path, lambda x: 8.0 * np.sin(9.0 * x[0] + 7.0 * x[1]))
    assert not found.outputs["income"].shown.any()


def test_what_is_not_given_has_no_error_and_no_effect(found) -> None:
    one = found.outputs["poverty"]
    assert np.isnan(one.error[0])
    assert not one.shown[0]
    everything = {name: slider.max for name, slider in sliders().table.items()}
    assert not found.predict("poverty", everything).effect[0].any()
    assert np.isnan(one.baseline[:, 0]).all()


def test_a_small_count_is_no_large_change() -> None:
    """Relative effects of counts that may be nought: what is below the least that counts is as much as that."""
    counts = outputs().table["s_triangular"]
    assert counts.least == 5.0
    before, after = np.array([[[20.0, 2.0, 0.0]]]), np.array([[[40.0, 0.0, 10.0]]])
    given = fitting._given(counts, np.concatenate([before, after]))
    assert given.tolist() == [True]
    effects = fitting._effects(counts, after, before, given)
    np.testing.assert_allclose(effects, np.log([[[2.0, 1.0, 2.0]]]))
    plain = outputs().table["income"]
    assert fitting._given(plain, np.concatenate([before, after])).tolist() == [False]


def test_at_the_default_nothing_changes_and_nothing_spreads(found) -> None:
    for name in FEW:
        answer = found.predict(name, {})
        assert not answer.effect.any()
        assert not answer.deviation.any()


def test_far_from_the_design_is_outside(found) -> None:
    table = sliders().table
    corner = {name: one.max for name, one in table.items()}
    far = found.leverage(found.scaled(corner))
    assert found.leverage(found.scaled({})) == 0.0
    assert not any(
        found.outside({name: end}) for name, one in table.items() for end in (one.min, one.max)
    )
    assert replace(found, limit=0.99 * far).outside(corner)
    assert not replace(found, limit=1.01 * far).outside(corner)
    beyond = [found.outside(one) for one in settings(200, 9)]
    assert sum(beyond) <= 10  # one in a hundred of the design's own, or a few by chance


def test_it_is_the_same_once_saved(found, tmp_path) -> None:
    path = tmp_path / "emulator.npz"
    found.save(path)
    again, short = load(path), found.as_saved()
    setting = {"aid": 2.0, "platform": 60.0}
    for name in FEW:
        np.testing.assert_array_equal(
            again.predict(name, setting).effect, short.predict(name, setting).effect
        )
        np.testing.assert_array_equal(again.outputs[name].shown, found.outputs[name].shown)
    assert again.about == json.loads(json.dumps(found.about))


def test_files_that_are_no_emulator_are_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="no emulator yet"):
        load(tmp_path / "none.npz")
    path = tmp_path / "broken.npz"
    path.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="cannot be read"):
        load(path)


ABOUT = {
    "nothing of it": {},
    "a list": [1, 2],
    "sliders that are none": {"version": 1, "sliders": 5},
    "other sliders": {"version": 1, "sliders": ["a", "b"]},
    "outputs that are none": {"version": 1, "sliders": [*sliders().names], "outputs": [1]},
    "outputs without arrays": {
        "version": 1,
        "sliders": [*sliders().names],
        "outputs": {"a": {"axes": [], "scale": 1.0}},
    },
}


@pytest.mark.parametrize("case", [*ABOUT, "nested deeply", "no text", "none at all"])
def test_an_archive_that_says_something_else_is_refused(case: str, tmp_path) -> None:
    text = json.dumps(ABOUT[case]) if case in ABOUT else "[" * 100_000
    arrays = {"about": np.frombuffer(text.encode(), dtype=np.uint8)}
    if case in ("no text", "none at all"):
        arrays = {"about": np.ones(3)} if case == "no text" else {"flag": np.ones(3)}
    np.savez_compressed(tmp_path / "other.npz", **arrays)
    with pytest.raises(InputError, match=r"emulator|no longer what"):
        load(tmp_path / "other.npz")


def test_a_missing_run_is_named(tmp_path) -> None:
    with pytest.raises(SscsimError, match=r"absent\.npz"):
        training.read_runs([SimpleNamespace(key="absent")], tmp_path)
