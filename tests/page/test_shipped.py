"""The page's emulator that ships: small, sure where it says so, and of the model that is here."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.page.emulator import THRESHOLD, load, shipped_path
from sscsim.page.outputs import outputs
from sscsim.page.payload import payload
from sscsim.page.sliders import sliders
from sscsim.page.training import stale

HOW = "`sscsim page --train` makes it anew, in some ten minutes"


@pytest.fixture(scope="module")
def found():
    return load()


def test_it_is_of_the_model_that_is_here(found) -> None:
    """Says that it is to be trained anew once the model, its data, its parameters or the posterior have changed."""
    assert stale(found.about) == [], HOW


def test_it_is_small_and_holds_every_output() -> None:
    assert shipped_path().stat().st_size <= 2_000_000
    assert list(load().outputs) == list(outputs().table)


def test_what_the_page_is_made_of_is_sure_enough_to_be_shown(found) -> None:
    for name in ("goal_index", "income", "trade", "poverty"):
        assert found.outputs[name].shown.mean() > 0.8, name
    for name in ("s_goal_index", "s_poverty", "s_trade_within", "s_projects", "goals"):
        assert found.outputs[name].shown.mean() > 0.8, name
    for name in ("m_projects", "b_outstanding"):
        assert found.outputs[name].shown.mean() > 0.5, name
    assert all((one.error[one.shown] <= THRESHOLD).all() for one in found.outputs.values())
    assert 0.8 < found.about["validation"]["coverage"] < 0.97


@pytest.mark.parametrize(
    ("setting", "output", "item", "sign"),
    [
        ({"cooperation": 0.0}, "s_projects", "South", -1),
        ({"trade_cost": -15.0}, "s_trade_within", "South", 1),
        ({"facilitation": 14.0}, "s_income", "LLDC", 1),
        ({"growth": -0.5}, "s_poverty", "South", 1),
        ({"growth": 0.5}, "s_gdp", "World", 1),
        ({"banks": 2.0}, "s_bank_lending", "South", 1),
        ({"credit": 4.0}, "s_credit", "South", 1),
        ({"aid": 2.3}, "s_aid_paid", "World", 1),
    ],
)
def test_it_moves_as_the_model_does(found, setting, output, item, sign) -> None:
    place = found.outputs[output].axes[0].index(item)
    answer = found.predict(output, setting)
    assert sign * answer.effect[place, 11] > 2.0 * answer.deviation[place, 11]


def test_roles_are_judged_by_what_is_shown(found) -> None:
    for role in sliders().roles.values():
        one = found.outputs[role.output]
        assert one.shown[one.axes[0].index(role.item)], role.title.en


def test_the_payload_is_plain_and_not_made_up() -> None:
    import json

    page = payload()
    assert len(json.dumps(page, allow_nan=False)) < 4_000_000
    assert not page["meta"]["synthetic"]
    assert page["meta"]["stale"] == []
    assert page["meta"]["runs"] >= 500
    assert np.isfinite([e["effect"] for c in page["checks"] for e in c["effects"]]).all()
