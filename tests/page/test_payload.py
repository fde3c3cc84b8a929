"""The payload of the page: a reader that knows its form alone predicts what Python does."""

from __future__ import annotations

import base64
import json
import math

import numpy as np
import pytest

from sscsim.page.design import design
from sscsim.page.outputs import outputs
from sscsim.page.sample import sample_emulator, sample_payload
from sscsim.page.sliders import sliders


@pytest.fixture(scope="module")
def page() -> dict:
    return json.loads(json.dumps(sample_payload(), ensure_ascii=False, allow_nan=False))


def decoded(one: dict) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(one["data"]), dtype="<" + one["dtype"])
    return data.reshape(one["shape"]).astype(float) * one["scale"]


def scaled(one: dict, value: float) -> float:
    turn = math.log if one["scale"] == "log" else float
    far = max(turn(one["max"]) - turn(one["default"]), turn(one["default"]) - turn(one["min"]))
    return (turn(value) - turn(one["default"])) / far


def test_the_recipe_gives_what_python_predicts(page) -> None:
    by_name = {one["id"]: one for one in page["outputs"]}
    assert len(page["checks"]) == 10
    for check in page["checks"]:
        x = [scaled(s, check["setting"].get(s["id"], s["default"])) for s in page["sliders"]]
        f = np.array([np.prod([x[i] for i in term]) for term in page["emulator"]["terms"]])
        flag = decoded(page["emulator"]["flag"]["matrix"])
        assert check["outside"] == bool(f @ flag @ f > page["emulator"]["flag"]["limit"])
        for effect in check["effects"]:
            one = by_name[effect["output"]]
            place = effect["item"] * len(one["years"]) + effect["year"] - one["years"][0]
            loadings = decoded(one["loadings"])[:, place]
            found = f @ decoded(one["coefficients"]) @ loadings
            variance = decoded(one["spread"]) @ np.square(x) @ loadings**2
            assert found == pytest.approx(effect["effect"], rel=1e-6, abs=1e-9)
            assert math.sqrt(variance) == pytest.approx(effect["sd"], rel=1e-6, abs=1e-9)


def test_the_emulators_own_error_is_a_share_of_the_range_where_it_is_judged() -> None:
    emulator = sample_emulator()
    judged = np.asarray(sliders().scaled(design().unseen))
    effects = np.array([emulator.at("s_gdp", one).effect for one in [0.0 * judged[0], *judged]])
    width = effects.max(axis=0) - effects.min(axis=0)
    own = emulator.own_error("s_gdp", judged)
    assert own == pytest.approx(emulator.outputs["s_gdp"].error[:, None] * width)
    assert (own[:, -1] > own[:, 1]).all()
    assert (own[:, -1] > 0.0).all()


def test_chinese_counts_money_in_its_own_unit(page) -> None:
    """A hundred million dollars, 亿, is a tenth of an English billion: ten times the number, a digit less."""
    for one in page["outputs"]:
        english, chinese = one["written"]["en"], one["written"]["zh"]
        billions = one["unit"]["en"].startswith("bn")
        assert one["unit"]["zh"].startswith("亿") == billions
        assert chinese["times"] == english["times"] * (10 if billions else 1)
        assert chinese["decimals"] == max(0, english["decimals"] - billions)


def test_at_the_defaults_nothing_changes(page) -> None:
    assert page["checks"][0]["setting"] == {}
    assert all(e["effect"] == 0.0 == e["sd"] for e in page["checks"][0]["effects"])
    assert any(e["effect"] != 0.0 for e in page["checks"][1]["effects"])


def test_axes_items_and_years_fit_one_another(page) -> None:
    assert [one["id"] for one in page["outputs"]] == list(outputs().table)
    for one in page["outputs"]:
        items = math.prod(len(axis) for axis in one["axes"])
        assert len(one["error"]) == len(one["shown"]) == items
        assert one["loadings"]["shape"] == [one["components"], items * len(one["years"])]
        assert one["baseline"]["mid"]["shape"] == [items, 22]
        assert one["years"][0] == page["meta"]["fork_year"]
        assert one["kind"] != "country" or one["axes"][0] == [c["iso3"] for c in page["countries"]]


def test_every_text_stands_in_both_languages(page) -> None:
    def texts(held) -> list[dict]:
        if isinstance(held, dict):
            own = [held] if isinstance(held.get("en"), str) else []
            return own + [t for one in held.values() for t in texts(one)]
        return [t for one in held for t in texts(one)] if isinstance(held, list) else []

    found = texts(page)
    assert len(found) > 300
    assert all(one["en"].strip() and one["zh"].strip() for one in found)
    chinese = [c["name"]["zh"] for c in page["countries"]]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in name) for name in chinese)


def test_roles_have_sliders_and_an_outcome(page) -> None:
    outcomes = {one["id"]: one for one in page["outputs"]}
    assert len(page["roles"]) == 5
    for role in page["roles"]:
        assert role["sliders"]
        assert set(role["sliders"]) <= set(sliders().names)
        assert 0 <= role["item"] < len(outcomes[role["output"]]["axes"][0])


def test_regions_part_the_world(page) -> None:
    members = {one["id"]: one["members"] for one in page["groups"]}
    together = [code for one in page["regions"] for code in members[one["id"]]]
    assert sorted(together) == sorted(members["World"]) == [c["iso3"] for c in page["countries"]]
