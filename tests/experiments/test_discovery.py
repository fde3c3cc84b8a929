"""PRIM finds a known box among many idle inputs, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from sscsim.errors import InputError
from sscsim.experiments.discovery import OFFERED, discover

NAMES = tuple(f"p{i}" for i in range(60))


@pytest.fixture(scope="module")
def values():
    return np.random.default_rng(3).random((300, 60))


def test_a_known_box_is_found(values) -> None:
    cases = (values[:, 5] > 0.6) & (values[:, 9] < 0.7)
    found = discover(values, NAMES, cases)
    assert {"p5", "p9"} <= set(found.offered)
    assert len(found.offered) <= OFFERED
    [box] = found.boxes
    limits = {one.name: one for one in box.limits}
    assert set(limits) == {"p5", "p9"}
    assert limits["p5"].low == pytest.approx(0.6, abs=0.02)
    assert limits["p5"].at_high == 1.0
    assert limits["p9"].high == pytest.approx(0.7, abs=0.03)
    assert limits["p9"].at_low == 0.0
    assert max(one.quasi_p for one in box.limits) < 0.05 / 60
    assert box.coverage > 0.9
    assert box.density > 0.9
    assert found.base == pytest.approx(cases.mean())
    # What is told of the third that was held out is what one counts there.
    unseen = np.arange(300) % 3 == 2
    inside = box.within(values, NAMES)
    assert box.held_out == (inside & unseen).sum()
    assert box.density == pytest.approx(cases[inside & unseen].mean())
    assert box.coverage == pytest.approx((inside & cases & unseen).sum() / (cases & unseen).sum())
    assert found.table["name"].tolist() == [one.name for one in box.limits]


def test_two_boxes_are_found_one_after_the_other(values) -> None:
    cases = (values[:, 5] > 0.8) | (values[:, 9] < 0.2)
    found = discover(values, NAMES, cases)
    assert {one.name for box in found.boxes for one in box.limits} == {"p5", "p9"}
    assert len(found.boxes) == 2


def test_no_box_is_found_where_there_is_none(values) -> None:
    rng = np.random.default_rng(8)
    found = [discover(values, NAMES, rng.random(300) < 0.4).boxes for _ in range(5)]
    assert sum(map(len, found)) <= 1


def test_too_few_of_either_kind_are_refused(values) -> None:
    few = np.arange(300) < 10
    for cases in (few, ~few):
        with pytest.raises(InputError, match="too few draws are of one kind"):
            discover(values, NAMES, cases)
    with pytest.raises(InputError, match="a value for each draw"):
        discover(values, NAMES[:-1], few)
