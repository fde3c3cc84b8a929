"""The world of the page: the shapes that ship, made light enough for a phone, as GeoJSON.

Borders are thinned once for both sides (a TopoJSON arc is shared), so that neighbours still meet. Economies too small
to be seen or hit with a finger are drawn as dots, where people live.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sscsim.resources import package_folder
from sscsim.types import Array

__all__ = ["Dot", "dots", "features", "thin"]

TOLERANCE = 0.22
"""Degrees that a thinned border may lie off its own: half a pixel of a map 900 pixels wide."""

LEAST_AREA = 0.25
"""Square degrees below which an island of a country with larger land is left out."""

DOT_AREA = 15000.0
"""Square kilometres below which an economy is drawn as a dot: one of 120 km is a pixel or two across."""

# Shapes of Natural Earth's that maps of the United Nations show as part of a member, and its M49 code.
_DRAWN_WITH = {"N. Cyprus": 196, "Somaliland": 706}
_WITHOUT = frozenset({"Antarctica"})


@dataclass(frozen=True)
class Dot:
    """An economy drawn as a dot: degrees east and north of where its people live."""

    iso3: str
    longitude: float
    latitude: float


def thin(points: Array, tolerance: float) -> Array:
    """Leave out the points of a line that lie within a tolerance of what is left.

    Parameters
    ----------
    points
        Shape (points, 2), degrees; first and last are kept.
    tolerance
        Degrees.

    References
    ----------
    Douglas, D. & Peucker, T. (1973). Algorithms for the reduction of the number of points required to represent a
    digitized line or its caricature. Cartographica 10(2), 112-122.
    """
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        between = points[first + 1 : last] - points[first]
        length = float(np.hypot(*chord))
        if length > 0:
            away = np.abs(chord[0] * between[:, 1] - chord[1] * between[:, 0]) / length
        else:
            # A ring that comes back to where it began has no chord.
            away = np.hypot(between[:, 0], between[:, 1])
        farthest = int(away.argmax())
        if away[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            parts += [(first, middle), (middle, last)]
    return points[keep]


def _area(ring: Array) -> float:
    """Return the area inside a closed ring in square degrees (the shoelace formula)."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1])) / 2.0


def _arcs(topology: Mapping[str, Any], tolerance: float) -> list[Array]:
    scale = np.asarray(topology["transform"]["scale"], dtype=np.float64)
    translate = np.asarray(topology["transform"]["translate"], dtype=np.float64)
    return [
        thin(np.cumsum(np.asarray(arc, dtype=np.float64), axis=0) * scale + translate, tolerance)
        for arc in topology["arcs"]
    ]


def _ring(indices: Sequence[int], arcs: Sequence[Array]) -> Array:
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.round(np.concatenate([parts[0], *(part[1:] for part in parts[1:])]), 1)


def _polygons(geometry: Mapping[str, Any], arcs: Sequence[Array]) -> list[list[list[list[float]]]]:
    """Return the polygons of a shape as GeoJSON coordinates, small islands of a larger land left out."""
    raw = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    drawn = []
    for polygon in raw:
        rings = [_ring(indices, arcs) for indices in polygon]
        drawn.append((_area(rings[0]), [ring for ring in rings if len(ring) >= 4]))
    kept = [rings for area, rings in drawn if area >= LEAST_AREA and rings]
    if not kept:
        kept = [max(drawn, key=lambda one: one[0])[1]]
    # Whole degrees and tenths, written short.
    return [[[[float(x), float(y)] for x, y in ring] for ring in rings] for rings in kept if rings]


@functools.cache
def features(tolerance: float = TOLERANCE) -> dict[str, Any]:
    """Return the shapes as a GeoJSON collection; ``id`` is an economy's ISO code.

    Shapes of no economy of the model have the id ``-`` and a number: they are drawn in grey.
    """
    from sscsim.reports.countries import country_lists

    table = country_lists().table
    codes = {int(code): str(iso3) for iso3, code in table["m49"].items()}
    file = package_folder() / "world" / "data" / "world_shapes.json"
    topology = json.loads(file.read_text(encoding="utf-8"))
    arcs = _arcs(topology, tolerance)
    collected: dict[str, list[Any]] = {}
    for place, geometry in enumerate(topology["objects"]["countries"]["geometries"]):
        name = str(geometry["properties"]["name"])
        if name in _WITHOUT:
            continue
        raw = str(geometry.get("id", ""))
        code = _DRAWN_WITH.get(name, int(raw) if raw.isdigit() else -1)
        polygons = _polygons(geometry, arcs)
        if polygons:
            collected.setdefault(codes.get(code, f"-{place}"), []).extend(polygons)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": key,
                "properties": {},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }
            for key, polygons in collected.items()
        ],
    }


@functools.cache
def dots() -> tuple[Dot, ...]:
    """Return the economies that are drawn as dots."""
    from sscsim.reports.countries import country_lists

    lists = country_lists()
    return tuple(
        Dot(str(iso3), *(round(degrees, 1) for degrees in lists.position(str(iso3))))
        for iso3 in lists.table.index
        if lists.area(str(iso3)) < DOT_AREA
    )
