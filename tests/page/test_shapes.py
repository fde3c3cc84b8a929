"""The shapes of the page: thin enough for a phone, and nobody is left out."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sscsim.page.shapes import TOLERANCE, dots, features, thin
from sscsim.world import load_world


def away(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Distance of a point from the line through two others, or from the one where they are the same."""
    chord = end - start
    length = np.hypot(*chord)
    if length == 0:
        return float(np.hypot(*(point - start)))
    return float(abs(chord[0] * (point - start)[1] - chord[1] * (point - start)[0]) / length)


@given(
    points=arrays(
        float,
        st.tuples(st.integers(2, 40), st.just(2)),
        elements=st.integers(-1000, 1000).map(lambda number: number / 10),
    ),
    tolerance=st.sampled_from([0.1, 1.0, 20.0]),
)
def test_no_point_that_is_left_out_lies_far_from_what_is_kept(points, tolerance) -> None:
    kept = thin(points, tolerance)
    assert (kept[0] == points[0]).all()
    assert (kept[-1] == points[-1]).all()
    place = 0
    for start, end in pairwise(kept):
        # Where the next kept point stands in the line: the first from here on that leaves nothing out too far.
        candidates = [
            last
            for last in range(place + 1, len(points))
            if (points[last] == end).all()
            and all(away(point, start, end) <= tolerance for point in points[place + 1 : last])
        ]
        assert candidates, (place, start, end)
        place = candidates[0]


def test_a_straight_line_keeps_its_ends_alone() -> None:
    line = np.column_stack([np.arange(50.0), 2.0 * np.arange(50.0)])
    assert thin(line, 0.01).tolist() == [[0.0, 0.0], [49.0, 98.0]]


def test_every_economy_is_on_the_map_and_can_be_hit() -> None:
    drawn = {one["id"] for one in features()["features"]}
    dotted = {dot.iso3 for dot in dots()}
    economies = set(load_world().iso3)
    assert economies <= drawn | dotted
    assert dotted <= economies
    assert {"TUV", "MDV", "SGP", "BRB"} <= dotted
    assert not {"CHN", "BRA", "KEN", "LAO"} & dotted


def test_the_shapes_are_closed_small_and_on_the_globe() -> None:
    found = features(TOLERANCE)
    assert len(json.dumps(found, separators=(",", ":"))) < 200_000
    for one in found["features"]:
        assert one["geometry"]["coordinates"], one["id"]
        for polygon in one["geometry"]["coordinates"]:
            for ring in polygon:
                assert len(ring) >= 4
                assert ring[0] == ring[-1]
                assert np.abs(np.asarray(ring)).max() <= 180.0


def test_boundaries_that_maps_of_the_united_nations_do_not_show_are_not_shown() -> None:
    ids = [one["id"] for one in features()["features"]]
    assert len(ids) == len(set(ids))
    cyprus = next(one for one in features()["features"] if one["id"] == "CYP")
    assert len(cyprus["geometry"]["coordinates"]) >= 2
