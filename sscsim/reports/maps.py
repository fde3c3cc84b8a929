"""The world on a page: shapes, projection, great circles, and the map of South-South trade flows.

Shapes are Natural Earth's (public domain, 1:50 million) in the TopoJSON form of world-atlas 2.0.2.
TopoJSON stores each border once, as an *arc* of whole-number steps; a ring of a polygon is a chain
of arcs, a negative index meaning the arc read backwards
(https://github.com/topojson/topojson-specification, sections 2.1.2 to 2.1.5).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.path import Path as Outline

from sscsim.errors import InputError
from sscsim.reports.countries import country_lists
from sscsim.resources import package_folder
from sscsim.types import Array

__all__ = [
    "BOUNDARY_NOTE",
    "CENTRAL_MERIDIAN",
    "LATITUDES",
    "Shape",
    "bent_way",
    "decode_topology",
    "draw_shapes",
    "equal_earth",
    "frame",
    "great_circle",
    "is_dot",
    "place_of",
    "project_arc",
    "world_shapes",
]


CENTRAL_MERIDIAN = 11.0
"""Degrees east in the middle of the map: the cut then runs through Bering Strait and no country is
torn."""

BOUNDARY_NOTE = (
    "The boundaries and names shown and the designations used on this map do not imply any "
    "opinion on the legal status of any country, territory, city or area, or on the delimitation "
    "of its frontiers or boundaries."
)
"""What the United Nations practice asks to be said under a map."""

LATITUDES = (-57.0, 83.7)
"""Southern and northern edge of a map of the world: from Cape Horn to the north of Greenland."""

SMALL = 3000.0
"""Square kilometres below which an economy is a dot on a map of the world."""

# Šavrič, Patterson & Jenny (2018), "The Equal Earth map projection", International Journal of
# Geographical Information Science 33(3), eq. 3-5 and the coefficients below them.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796


_DRAWN_WITH = {"N. Cyprus": 196, "Somaliland": 706}
"""Shapes of Natural Earth's that maps of the United Nations show as part of a member, and its M49
code."""


@dataclass(frozen=True)
class Shape:
    """A country or territory on the map.

    Attributes
    ----------
    name
        Natural Earth's name.
    m49
        Numeric code of the United Nations (M49, as ISO 3166-1), None where there is none.
    polygons
        Polygons, each a tuple of rings (the first its edge, the others holes); a ring has shape
        (points, 2): degrees east, degrees north, the first point repeated at the end.
    """

    name: str
    m49: int | None
    polygons: tuple[tuple[Array, ...], ...]


def decode_topology(topology: Mapping[str, Any], name: str = "countries") -> tuple[Shape, ...]:
    """Decode one object of a TopoJSON topology into shapes in degrees.

    Raises
    ------
    InputError
        When the topology has no such object, or holds something other than polygons.
    """
    transform = topology.get("transform", {"scale": [1.0, 1.0], "translate": [0.0, 0.0]})
    scale = np.asarray(transform["scale"], dtype=np.float64)
    translate = np.asarray(transform["translate"], dtype=np.float64)
    quantized = "transform" in topology
    arcs: list[Array] = []
    for raw in topology["arcs"]:
        steps = np.asarray(raw, dtype=np.float64)
        # In a quantized topology every point but the first is a step from the one before it.
        arcs.append((np.cumsum(steps, axis=0) if quantized else steps) * scale + translate)

    def ring(indices: Sequence[int]) -> Array:
        parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        # Neighbouring arcs share the point where they meet.
        return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])

    if name not in topology["objects"]:
        raise InputError(
            "the topology has no such object", found=name, allowed=sorted(topology["objects"])
        )
    shapes = []
    for geometry in topology["objects"][name]["geometries"]:
        kind = geometry["type"]
        if kind not in ("Polygon", "MultiPolygon"):
            raise InputError(
                "a country must be a Polygon or a MultiPolygon",
                key=str(geometry.get("properties", {}).get("name")),
                found=kind,
            )
        polygons = [geometry["arcs"]] if kind == "Polygon" else geometry["arcs"]
        code = str(geometry.get("id", ""))
        shapes.append(
            Shape(
                name=str(geometry.get("properties", {}).get("name", "")),
                m49=int(code) if code.isdigit() else None,
                polygons=tuple(tuple(ring(r) for r in polygon) for polygon in polygons),
            )
        )
    return tuple(shapes)


@functools.cache
def world_shapes() -> tuple[Shape, ...]:
    """Return the shapes that ship, decoded once a process."""
    file = package_folder() / "world" / "data" / "world_shapes.json"
    with file.open(encoding="utf-8") as stream:
        return decode_topology(json.load(stream))


def equal_earth(longitude: Array, latitude: Array) -> tuple[Array, Array]:
    """Project degrees to the plane of the Equal Earth projection (radius 1).

    Parameters
    ----------
    longitude
        Degrees east of the central meridian, -180 to 180.
    latitude
        Degrees north.

    References ---------- Šavrič, B., Patterson, T. & Jenny, B. (2018). The Equal Earth map
    projection. International Journal of Geographical Information Science 33(3), 454-465.
    """
    theta = np.arcsin(np.sqrt(3.0) / 2.0 * np.sin(np.radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = 9.0 * _A4 * sixth * square + 7.0 * _A3 * sixth + 3.0 * _A2 * square + _A1
    x = 2.0 * np.sqrt(3.0) * np.radians(longitude) * np.cos(theta) / (3.0 * slope)
    y = theta * (_A4 * sixth * square + _A3 * sixth + _A2 * square + _A1)
    return x, y


def _clip(ring: Array, meridian: float, *, east: bool) -> Array:
    """Keep the part of a ring on one side of a meridian (Sutherland & Hodgman 1974)."""
    sign = 1.0 if east else -1.0
    side = sign * (ring[:, 0] - meridian)
    if (side >= 0).all():
        return ring
    if (side < 0).all():
        return np.empty((0, 2))
    kept: list[Array] = []
    for here, there, a, b in zip(ring[:-1], ring[1:], side[:-1], side[1:], strict=True):
        if a >= 0:
            kept.append(here)
        if a * b < 0:
            kept.append(here + (there - here) * (a / (a - b)))
    return np.asarray([*kept, kept[0]]) if len(kept) > 2 else np.empty((0, 2))


def _pieces(ring: Array, centre: float) -> list[Array]:
    """Cut a ring where the map is cut, and turn it to degrees from the central meridian."""
    # The shapes are stitched: a ring goes on over 180 degrees, where its longitudes jump.
    unwrapped = np.column_stack([np.unwrap(ring[:, 0], period=360.0), ring[:, 1]])
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        piece = unwrapped + np.array([turn - centre, 0.0])
        for meridian, east in ((-180.0, True), (180.0, False)):
            if len(piece):
                piece = _clip(piece, meridian, east=east)
        if len(piece) >= 4:
            pieces.append(piece)
    return pieces


def outline(shape: Shape, centre: float = CENTRAL_MERIDIAN) -> Outline | None:
    """Return a shape's projected outline, holes included; None for an empty shape."""
    paths = []
    for polygon in shape.polygons:
        for ring in polygon:
            for piece in _pieces(ring, centre):
                x, y = equal_earth(piece[:, 0], piece[:, 1])
                paths.append(Outline(np.column_stack([x, y]), closed=True))
    return Outline.make_compound_path(*paths) if paths else None


@functools.cache
def _outlines(centre: float) -> tuple[tuple[Shape, Outline], ...]:
    pairs = ((shape, outline(shape, centre)) for shape in world_shapes())
    return tuple((shape, path) for shape, path in pairs if path is not None)


def draw_shapes(
    ax: Axes,
    colours: Mapping[int, str],
    *,
    neutral: str,
    edge: str = "white",
    without: Iterable[str] = ("Antarctica",),
    hatches: Mapping[int, str] | None = None,
    centre: float = CENTRAL_MERIDIAN,
) -> None:
    """Draw every shape, coloured by its M49 code; those without a colour are neutral, some are hatched as well."""
    hidden = set(without)
    drawn = [(shape, path) for shape, path in _outlines(centre) if shape.name not in hidden]
    codes = [_DRAWN_WITH.get(shape.name, shape.m49) for shape, _ in drawn]
    faces = [neutral if code is None else colours.get(code, neutral) for code in codes]
    collection = PathCollection(
        [path for _, path in drawn], facecolors=faces, edgecolors=edge, linewidths=0.25, zorder=1
    )
    # The map sets its own limits: finding those of 100,000 points would take a second.
    ax.add_collection(collection, autolim=False)
    marks = [(hatches or {}).get(-1 if code is None else code, "") for code in codes]
    for hatch in sorted({*marks} - {""}):
        lined = [path for (_, path), mark in zip(drawn, marks, strict=True) if mark == hatch]
        ax.add_collection(
            PathCollection(
                lined,
                facecolors="none",
                edgecolors="#222222",
                linewidths=0.0,
                hatch=hatch,
                zorder=1,
            ),
            autolim=False,
        )


def frame(
    ax: Axes,
    longitudes: tuple[float, float] = (-180.0, 180.0),
    latitudes: tuple[float, float] = LATITUDES,
) -> None:
    """Set the limits of a map: degrees east of its central meridian at the equator, degrees north."""
    ax.set_axis_off()
    ax.set_aspect("equal")
    x, _ = equal_earth(np.array(longitudes), np.zeros(2))
    _, y = equal_earth(np.zeros(2), np.array(latitudes))
    ax.set_xlim(x[0], x[1])
    ax.set_ylim(y[0], y[1])


@functools.cache
def _codes_with_shapes() -> frozenset[int | None]:
    return frozenset(shape.m49 for shape in world_shapes())


def is_dot(iso3: str) -> bool:
    """Return whether an economy is too small to be seen on a map of the world, or has no shape at this scale."""
    lists = country_lists()
    return lists.m49(iso3) not in _codes_with_shapes() or lists.area(iso3) < SMALL


def place_of(iso3: str, centre: float = CENTRAL_MERIDIAN) -> tuple[float, float]:
    """Return where an economy's people live, on the map."""
    x, y = project_arc(np.array([country_lists().position(iso3)]), centre)[0]
    return float(x[0]), float(y[0])


def great_circle(start: tuple[float, float], end: tuple[float, float], points: int = 64) -> Array:
    """Return points along the shortest way over the sphere, shape (points, 2) in degrees.

    Parameters
    ----------
    start, end
        Degrees east and north.
    points
        Number of points, ends included.
    """
    a, b = (_unit_vector(*place) for place in (start, end))
    angle = float(np.arccos(np.clip(a @ b, -1.0, 1.0)))
    share = np.linspace(0.0, 1.0, points)[:, None]
    if angle < 1e-9:
        way = np.repeat(a[None, :], points, axis=0)
    else:
        way = (np.sin((1.0 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    latitude = np.degrees(np.arctan2(way[:, 2], np.hypot(way[:, 0], way[:, 1])))
    longitude = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
    return np.column_stack([longitude, latitude])


def bent_way(
    start: tuple[float, float], end: tuple[float, float], bend: float, points: int = 64
) -> Array:
    """Return a way over the sphere that leaves the great circle to one side, shape (points, 2) in degrees.

    Parameters
    ----------
    start, end
        Degrees east and north.
    bend
        How far its middle lies aside, as a share of the way's length; 0 is the great circle.
    points
        Number of points, ends included.
    """
    a, b = (_unit_vector(*place) for place in (start, end))
    side = np.cross(a, b)
    length = float(np.linalg.norm(side))
    if bend == 0.0 or length < 1e-9:
        return great_circle(start, end, points)
    share = np.linspace(0.0, 1.0, points)[:, None]
    angle = float(np.arctan2(length, a @ b))
    way = (np.sin((1.0 - share) * angle) * a + np.sin(share * angle) * b) / length
    way = way + bend * angle * 4.0 * share * (1.0 - share) * side / length
    latitude = np.degrees(np.arctan2(way[:, 2], np.hypot(way[:, 0], way[:, 1])))
    return np.column_stack([np.degrees(np.arctan2(way[:, 1], way[:, 0])), latitude])


def _unit_vector(longitude: float, latitude: float) -> Array:
    lon, lat = np.radians(longitude), np.radians(latitude)
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def project_arc(way: Array, centre: float = CENTRAL_MERIDIAN) -> list[tuple[Array, Array]]:
    """Project a way over the sphere, in two parts where it leaves the map and comes back.

    Parameters
    ----------
    way
        Shape (points, 2), degrees east and north.
    """
    longitude = (way[:, 0] - centre + 180.0) % 360.0 - 180.0
    latitude = way[:, 1]
    jumps = np.flatnonzero(np.abs(np.diff(longitude)) > 180.0)
    if not len(jumps):
        return [equal_earth(longitude, latitude)]
    k = int(jumps[0])
    edge = 180.0 if longitude[k] > 0 else -180.0
    beyond = longitude[k + 1] + 2.0 * edge
    share = (edge - longitude[k]) / (beyond - longitude[k])
    crossing = latitude[k] + share * (latitude[k + 1] - latitude[k])
    return [
        equal_earth(np.append(longitude[: k + 1], edge), np.append(latitude[: k + 1], crossing)),
        equal_earth(
            np.insert(longitude[k + 1 :], 0, -edge), np.insert(latitude[k + 1 :], 0, crossing)
        ),
    ]
