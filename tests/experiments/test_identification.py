"""What an effect's spread comes from: made-up models whose shares are known."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.identification import contraction, identify

WEIGHTS = {"a": 3.0, "b": 2.0, "c": 1.0, "d": 0.0}
GROUPS = {"a": "trade", "b": "trade", "c": "goals", "d": "goals"}
LUCK = 1.0


def made_up(draws: int, idle: int = 60, seed: int = 1) -> tuple[np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(seed)
    names = [*WEIGHTS, *(f"idle_{i}" for i in range(idle))]
    values = rng.normal(size=(draws, len(names)))
    effect = values[:, :4] @ np.array([*WEIGHTS.values()]) + LUCK * rng.normal(size=draws)
    return effect, values, names


def groups(names: list[str]) -> dict[str, str]:
    return {name: GROUPS.get(name, "nothing") for name in names}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_linear_model_gives_its_shares_and_its_value_of_information_within_five_points(
    seed: int,
) -> None:
    effect, values, names = made_up(2000, seed=seed)
    found = identify(effect, values, names, groups(names))
    total = sum(w**2 for w in WEIGHTS.values()) + LUCK**2
    single = {p.name: p for p in found.parameters}
    assert single["a"].share == pytest.approx(9 / total, abs=0.05)
    assert single["b"].share == pytest.approx(4 / total, abs=0.05)
    assert single["c"].share == pytest.approx(1 / total, abs=0.03)
    assert {p.name: p.share for p in found.groups}["trade"] == pytest.approx(13 / total, abs=0.05)
    assert found.explained == pytest.approx(14 / total, abs=0.05)
    value = found.table.set_index(["kind", "name"])["evppi"]
    assert value["parameter", "a"] == pytest.approx(9.0, rel=0.1)
    assert [p.name for p in found.parameters][:3] == ["a", "b", "c"]
    # What is left of the interval's width if the largest were known.
    assert single["a"].narrowed == pytest.approx(np.sqrt(1 - 9 / total), abs=0.04)


def test_what_does_nothing_carries_nothing() -> None:
    effect, values, names = made_up(300)
    idle = {p.name: p.share for p in identify(effect, values, names, groups(names)).parameters}
    assert sum(share for name, share in idle.items() if name.startswith("idle")) < 0.02


@pytest.mark.parametrize("shape", ["square", "exponential", "uniform"])
def test_a_bent_line_is_seen(shape: str) -> None:
    rng = np.random.default_rng(4)
    values = rng.uniform(-1, 1, size=(800, 30))
    x = values[:, 0]
    bent = {"square": x**2, "exponential": np.exp(2 * x), "uniform": x}[shape]
    effect = bent / bent.std() + 0.5 * rng.normal(size=800)
    found = identify(
        effect, values, [f"p{i}" for i in range(30)], {f"p{i}": "all" for i in range(30)}
    )
    assert found.parameters[0].name == "p0"
    assert found.parameters[0].share == pytest.approx(1 / 1.25, abs=0.05)


def test_what_the_report_informs_is_told_apart() -> None:
    effect, values, names = made_up(1000)
    found = identify(effect, values, names, groups(names), informed={"b": 0.6, "c": 0.02})
    total = 15.0
    assert found.informed == pytest.approx(4 / total, abs=0.04)
    assert found.uninformed == pytest.approx(10 / total, abs=0.05)
    trade = next(p for p in found.groups if p.name == "trade")
    assert trade.informed == pytest.approx(4 / total, abs=0.04)
    nothing = identify(effect, values, names, groups(names))
    assert nothing.informed == 0.0


def test_an_effect_that_never_varies_has_no_shares() -> None:
    _, values, names = made_up(100)
    found = identify(np.full(100, 2.0), values, names, groups(names))
    assert found.parameters == ()
    assert found.explained == 0.0
    assert found.positive == 1.0


def test_contraction_is_one_less_the_ratio_of_variances() -> None:
    rng = np.random.default_rng(0)
    prior = rng.normal(size=(20000, 3)) * [1.0, 2.0, 0.0]
    posterior = rng.normal(size=(20000, 3)) * [0.5, 2.0, 0.0]
    assert contraction(posterior, prior) == pytest.approx([0.75, 0.0, 0.0], abs=0.04)


@pytest.mark.parametrize("spoil", ["few", "nan", "shape"])
def test_what_cannot_be_told_is_said(spoil: str) -> None:
    effect, values, names = made_up(100)
    if spoil == "few":
        effect, values = effect[:20], values[:20]
    elif spoil == "nan":
        effect[3] = np.nan
    else:
        values = values[:, :5]
    with pytest.raises(InputError):
        identify(effect, values, names, groups(names))
