"""Shapes, projection and great circles against known numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sscsim.errors import InputError
from sscsim.reports import maps
from sscsim.reports.countries import country_lists

longitudes = st.floats(-180.0, 180.0)
latitudes = st.floats(-90.0, 90.0)


def area(ring: np.ndarray) -> float:
    x, y = np.unwrap(ring[:, 0], period=360.0), ring[:, 1]
    return 0.5 * float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


# ------------------------------------------------------------------------------------------- shapes


def test_a_topology_of_two_squares_is_decoded_by_the_rules_of_the_format():
    # Two unit squares that share the side x = 1; the second reads the shared arc backwards.
    topology = {
        "transform": {"scale": [0.5, 0.5], "translate": [10.0, 20.0]},
        "arcs": [
            [[2, 0], [0, 2]],  # shared: (11, 20) to (11, 21)
            [[2, 2], [-2, 0], [0, -2], [2, 0]],  # round the left square
            [[2, 0], [2, 0], [0, 2], [-2, 0]],  # round the right square
        ],
        "objects": {
            "countries": {
                "geometries": [
                    {
                        "type": "Polygon",
                        "id": "004",
                        "properties": {"name": "L"},
                        "arcs": [[0, 1]],
                    },
                    {"type": "MultiPolygon", "properties": {"name": "R"}, "arcs": [[[2, -1]]]},
                ]
            }
        },
    }
    left, right = maps.decode_topology(topology)
    assert (left.name, left.m49, right.name, right.m49) == ("L", 4, "R", None)
    expected = [[11, 20], [11, 21], [10, 21], [10, 20], [11, 20]]
    np.testing.assert_array_equal(left.polygons[0][0], expected)
    expected = [[11, 20], [12, 20], [12, 21], [11, 21], [11, 20]]
    np.testing.assert_array_equal(right.polygons[0][0], expected)


def test_what_is_no_polygon_is_refused():
    topology = {"arcs": [], "objects": {"countries": {"geometries": [{"type": "Point"}]}}}
    with pytest.raises(InputError, match="Polygon"):
        maps.decode_topology(topology)
    with pytest.raises(InputError, match="no such object"):
        maps.decode_topology(topology, "lakes")


def test_every_shape_that_ships_is_decoded_into_closed_rings():
    shapes = maps.world_shapes()
    assert len(shapes) == 241
    for shape in shapes:
        assert shape.polygons, shape.name
        for polygon in shape.polygons:
            for ring in polygon:
                assert len(ring) >= 4
                np.testing.assert_array_equal(ring[0], ring[-1])
                assert np.abs(ring[:, 0]).max() <= 180.0 + 1e-9
                assert np.abs(ring[:, 1]).max() <= 90.0 + 1e-9


def test_every_economy_but_tuvalu_has_a_shape_where_its_people_live():
    shapes: dict[int | None, list[np.ndarray]] = {}
    for shape in maps.world_shapes():  # Australia has two: its islands off Timor stand apart
        shapes.setdefault(shape.m49, []).extend(p[0] for p in shape.polygons)
    lists = country_lists()
    without = [i for i in lists.table.index if lists.m49(i) not in shapes]
    assert without == ["TUV"]
    for iso3 in lists.table.index.drop("TUV"):
        points = np.concatenate(shapes[lists.m49(iso3)])
        east, north = lists.position(iso3)
        away = np.hypot(
            ((points[:, 0] - east + 180.0) % 360.0 - 180.0) * np.cos(np.radians(north)),
            points[:, 1] - north,
        )
        assert away.min() < 12.0, iso3  # the middle of a large country lies that far inland


def test_no_piece_of_the_map_reaches_over_its_cut():
    for shape in maps.world_shapes():
        if shape.name == "Antarctica":  # closed round the pole: not on the map
            continue
        total, cut = 0.0, 0.0
        for polygon in shape.polygons:
            for ring in polygon:
                total += abs(area(ring))
                for piece in maps._pieces(ring, maps.CENTRAL_MERIDIAN):
                    assert np.abs(piece[:, 0]).max() <= 180.0 + 1e-9
                    cut += abs(area(piece))
        assert cut == pytest.approx(total, rel=1e-9, abs=1e-9), shape.name


# --------------------------------------------------------------------------------------- projection


def test_equal_earth_at_known_points():
    # Half the width and half the height of the map of radius 1 (PROJ 9, +proj=eqearth +R=1).
    x, y = maps.equal_earth(np.array([0.0, 180.0, 0.0, 0.0]), np.array([0.0, 0.0, 90.0, -90.0]))
    np.testing.assert_allclose(x, [0.0, 2.70663, 0.0, 0.0], atol=1e-5)
    np.testing.assert_allclose(y, [0.0, 0.0, 1.31737, -1.31737], atol=1e-5)


@given(longitudes, latitudes)
def test_equal_earth_is_symmetric(longitude, latitude):
    x, y = maps.equal_earth(np.array([longitude]), np.array([latitude]))
    u, v = maps.equal_earth(np.array([-longitude]), np.array([-latitude]))
    np.testing.assert_allclose([u[0], v[0]], [-x[0], -y[0]], atol=1e-12)


@given(st.floats(-170.0, 170.0), st.floats(-85.0, 85.0))
def test_equal_earth_keeps_areas(longitude, latitude):
    h = 1e-4
    lon = longitude + h * np.array([-1.0, 1.0, 0.0, 0.0])
    lat = latitude + h * np.array([0.0, 0.0, -1.0, 1.0])
    x, y = maps.equal_earth(lon, lat)
    d = np.radians(2.0 * h)
    jacobian = ((x[1] - x[0]) * (y[3] - y[2]) - (x[3] - x[2]) * (y[1] - y[0])) / d**2
    assert jacobian == pytest.approx(np.cos(np.radians(latitude)), rel=2e-4)


# ------------------------------------------------------------------------------------ great circles


@given(longitudes, st.floats(-89.0, 89.0), longitudes, st.floats(-89.0, 89.0))
def test_a_great_circle_joins_its_ends_in_even_steps(a, b, c, d):
    way = maps.great_circle((a, b), (c, d), 20)
    units = np.array([maps._unit_vector(*p) for p in way])
    np.testing.assert_allclose(units[0], maps._unit_vector(a, b), atol=1e-6)
    angle = np.arccos(np.clip(units[0] @ maps._unit_vector(c, d), -1.0, 1.0))
    if angle < np.pi - 1e-3:  # antipodes have no one shortest way
        np.testing.assert_allclose(units[-1], maps._unit_vector(c, d), atol=1e-6)
        steps = np.sum(np.diff(units, axis=0) ** 2, axis=1)
        assert steps.max() - steps.min() <= 1e-6


def test_a_bent_way_has_its_ends_and_its_middle_lies_aside():
    ends = (-10.0, 0.0), (10.0, 0.0)
    way = maps.bent_way(*ends, 0.25, 21)
    np.testing.assert_allclose(way[[0, -1]], ends, atol=1e-9)
    assert abs(way[10, 1]) == pytest.approx(np.degrees(np.arctan(0.25 * np.radians(20.0))))
    np.testing.assert_allclose(maps.bent_way(*ends, 0.0, 21), maps.great_circle(*ends, 21))
    other = maps.bent_way(*ends, -0.25, 21)
    np.testing.assert_allclose(other[:, 1], -way[:, 1], atol=1e-12)


def test_a_great_circle_along_the_equator_and_over_the_pole():
    way = maps.great_circle((0.0, 0.0), (90.0, 0.0), 10)
    np.testing.assert_allclose(way[:, 1], 0.0, atol=1e-12)
    np.testing.assert_allclose(way[:, 0], np.linspace(0.0, 90.0, 10), atol=1e-9)
    assert maps.great_circle((0.0, 60.0), (180.0, 60.0), 11)[5, 1] == pytest.approx(90.0)


def test_a_way_over_the_cut_is_drawn_in_two_parts_that_end_at_the_edge():
    way = maps.great_circle((140.0, 0.0), (-120.0, 0.0))
    parts = maps.project_arc(way, centre=0.0)
    edge, _ = maps.equal_earth(np.array([180.0]), np.array([0.0]))
    assert len(parts) == 2
    assert parts[0][0][-1] == pytest.approx(edge[0])
    assert parts[1][0][0] == pytest.approx(-edge[0])
    assert len(maps.project_arc(maps.great_circle((0.0, 0.0), (50.0, 0.0)))) == 1


def test_the_boundary_note_is_under_the_map(run):
    from sscsim.reports.figures import trade_map

    words = " ".join(t.get_text().replace("\n", " ") for t in trade_map(run).texts)
    assert maps.BOUNDARY_NOTE in words
