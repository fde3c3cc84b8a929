"""What scenarios cost in real runs, short ones."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.costs import cost
from sscsim.costs.comparing import PRICES
from sscsim.errors import InputError
from sscsim.experiments import compare

QUICK = {"draws": 2, "source": "tables", "end": 2020, "year": 2020}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("costs")


@pytest.fixture(scope="module")
def found(store):
    return cost("baseline", ["triangular-scale-up"], store=store, **QUICK)


def test_projects_cost_what_the_two_runs_differ_by_times_the_price(found, store) -> None:
    one = found[0]
    [projects] = one.items
    assert projects.name == "projects"
    effects = compare(
        ["baseline", "triangular-scale-up"],
        indicators=["cooperation_cost"],
        years=range(2013, 2021),
        store=store,
        **{k: v for k, v in QUICK.items() if k != "year"},
    )
    more = (effects.values[:, 1] - effects.values[:, 0]).sum(axis=0)
    assert (more > 0.0).any()
    np.testing.assert_allclose(projects.amount, more)
    assert projects.cost.shape == (2, PRICES)
    low, high = projects.price
    assert (projects.cost >= low * more[:, None] - 1e-12).all()
    assert (projects.cost <= high * more[:, None] + 1e-12).all()
    np.testing.assert_array_equal(one.total, projects.cost)


def test_members_are_those_of_a_comparison(found, store) -> None:
    again = compare(
        ["baseline", "triangular-scale-up"],
        store=store,
        years=(2020,),
        **{k: v for k, v in QUICK.items() if k != "year"},
    )
    assert again.tally.run == 0


def test_what_has_no_price_is_named_and_costs_nothing(found) -> None:
    assert set(found[0].levers) == {"partner_budget", "third_party_cost"}
    assert set(found[0].unpriced) == {"third_party_cost"}


def test_each_gain_is_held_against_the_whole_cost_and_a_price_elsewhere(found) -> None:
    gains = {(g.name, g.group): g for g in found[0].gains}
    assert set(gains) == {(n, g) for n in ("goal_point", "person_year") for g in ("LDC", "South")}
    one = gains["goal_point", "South"]
    assert one.outside == (1.0, 10.0)
    if (one.effect > 0.0).all():
        ratio = found[0].total / one.effect[:, None]
        assert ratio.min() <= one.ratio.low <= one.ratio.median <= one.ratio.high <= ratio.max()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scenarios": []}, "another scenario"),
        ({"scenarios": ["baseline"]}, "another scenario"),
        ({"groups": ["LDCs"]}, "did you mean 'LDC'"),
        ({"year": 2031}, "year"),
        ({"draws": 1}, "at least two draws"),
        ({"scenarios": ["triangular-scale"]}, "triangular-scale-up"),
    ],
)
def test_what_cannot_be_priced_is_said_before_anything_runs(tmp_path, options, said) -> None:
    asked = {"scenarios": ["triangular-scale-up"], **QUICK, **options}
    with pytest.raises(InputError, match=said):
        cost("baseline", store=tmp_path, **asked)
    assert not list(tmp_path.glob("*/*/member.json"))
