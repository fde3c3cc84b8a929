"""Read how the 17 Goals move one another, and which Goals each driver reaches.

Both are data with a reason for every entry: ``data/goal_interlinkages.yaml`` holds the signed
scores of pairs on the scale of Nilsson, Griggs & Visbeck (2016), ``data/goal_channels.yaml`` the
direct reach of infrastructure and capability.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sscsim.errors import InadmissibleInput
from sscsim.resources import package_folder
from sscsim.types import Array
from sscsim.yamlfile import Block, read_yaml

__all__ = [
    "GOAL_COUNT",
    "Channels",
    "Interlinkage",
    "Interlinkages",
    "check_interlinkages",
    "default_channels",
    "default_interlinkages",
    "load_channels",
    "load_interlinkages",
    "spectral_radius",
]


GOAL_COUNT = 17
Goal = Annotated[int, Field(ge=1, le=GOAL_COUNT, strict=True)]


class Interlinkage(Block):
    """One entry: a move of Goal `origin` moves Goal `destination`, and why."""

    origin: Goal = Field(alias="from")
    destination: Goal = Field(alias="to")
    score: Annotated[int, Field(ge=-3, le=3, strict=True)]
    reason: str = Field(min_length=15)
    source: Literal["ICSU 2017", "Nilsson 2016", "Pradhan 2017"]


class _Scale(Block):
    lowest: Literal[-3]
    highest: Literal[3]


class _InterlinkageFile(Block):
    scale: _Scale
    interlinkages: list[Interlinkage] = Field(min_length=1)


@dataclass(frozen=True)
class Interlinkages:
    """The entries and the matrix they make.

    Attributes
    ----------
    entries
        The non-zero pairs with their reasons.
    matrix
        ``(17, 17)``, row the Goal that is moved, column the Goal that moves it, scaled to a
        spectral radius of one.
    """

    entries: tuple[Interlinkage, ...]
    matrix: Array


class _Sector(Block):
    goal: Goal
    reason: str = Field(min_length=10)


class _Domain(Block):
    weights: dict[Goal, Annotated[float, Field(gt=0, le=1)]] = Field(min_length=1)
    reason: str = Field(min_length=10)


class _ChannelFile(Block):
    infrastructure: dict[str, _Sector] = Field(min_length=1)
    capability: dict[str, _Domain] = Field(min_length=1)


@dataclass(frozen=True)
class Channels:
    """Direct reach of drivers that come by sector or domain.

    Attributes
    ----------
    sectors, domains
        Names, in the order of the axes below.
    sector_goal
        ``(sector,)``, the Goal (counted from zero) that a sector of infrastructure serves.
    domain_weights
        ``(domain, 17)``, weights of the Goals that a domain of capability serves; each row adds up
        to one.
    """

    sectors: tuple[str, ...]
    domains: tuple[str, ...]
    sector_goal: NDArray[np.intp]
    domain_weights: Array


def spectral_radius(matrix: Array) -> float:
    """Return the largest modulus of a square matrix's eigenvalues."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def load_interlinkages(path: Path) -> Interlinkages:
    """Read a file of interlinkages.

    Raises
    ------
    InputError
        With file, line and key: for unknown keys, Goals outside 1 to 17, scores off the scale or
        zero, a Goal linked to itself, a pair given twice, an entry without a reason, or entries
        without a feedback to scale by.
    """
    document = read_yaml(path)
    content = document.validate(_InterlinkageFile, document.data)
    matrix = np.zeros((GOAL_COUNT, GOAL_COUNT))
    for number, entry in enumerate(content.interlinkages):
        place = ("interlinkages", number)
        if entry.score == 0:
            raise document.error(
                "a pair without effect is left out",
                *place,
                "score",
                found=0,
                allowed="-3 to 3, not 0",
            )
        if entry.origin == entry.destination:
            raise document.error(
                "a Goal cannot be linked to itself", *place, "to", found=entry.destination
            )
        row, column = entry.destination - 1, entry.origin - 1
        if matrix[row, column] != 0:
            pair = f"from {entry.origin} to {entry.destination}"
            raise document.error("this pair stands twice", *place, found=pair)
        matrix[row, column] = entry.score
    radius = spectral_radius(matrix)
    # Eigenvalues of a matrix without cycles are zero only up to rounding, which grows as the n-th
    # root.
    if radius < 0.1:
        raise document.error(
            "no chain of pairs leads back to its Goal: there is no spectral radius to scale by",
            "interlinkages",
        )
    matrix /= radius
    matrix.flags.writeable = False
    return Interlinkages(tuple(content.interlinkages), matrix)


def load_channels(path: Path) -> Channels:
    """Read a file of channels.

    Raises
    ------
    InputError
        With file, line and key: for unknown keys, Goals outside 1 to 17, or weights that do not add
        up to one.
    """
    document = read_yaml(path)
    content = document.validate(_ChannelFile, document.data)
    weights = np.zeros((len(content.capability), GOAL_COUNT))
    for row, (name, domain) in enumerate(content.capability.items()):
        total = sum(domain.weights.values())
        if abs(total - 1) > 1e-9:
            raise document.error(
                "the weights of a domain add up to one",
                "capability",
                name,
                found=total,
                allowed="1",
            )
        for goal, weight in domain.weights.items():
            weights[row, goal - 1] = weight
    weights.flags.writeable = False
    return Channels(
        tuple(content.infrastructure),
        tuple(content.capability),
        np.array([sector.goal - 1 for sector in content.infrastructure.values()]),
        weights,
    )


@lru_cache(maxsize=1)
def default_interlinkages() -> Interlinkages:
    """Return the interlinkages that ship."""
    return load_interlinkages(package_folder() / "outcomes" / "data" / "goal_interlinkages.yaml")


@lru_cache(maxsize=1)
def default_channels() -> Channels:
    """Return the channels that ship."""
    return load_channels(package_folder() / "outcomes" / "data" / "goal_channels.yaml")


def check_interlinkages(matrix: Array, strength: float) -> None:
    """Refuse a matrix whose spillovers would not die out.

    Raises
    ------
    InadmissibleInput
        When the shape is not 17 by 17 or the scaled spectral radius reaches one half (model
        documentation, Goals).
    """
    if matrix.shape != (GOAL_COUNT, GOAL_COUNT) or not np.isfinite(matrix).all():
        raise InadmissibleInput(
            "the interlinkages must be finite numbers, a row and a column for each Goal",
            key="interlinkages",
            found=matrix.shape,
            allowed="17 by 17",
        )
    radius = strength * spectral_radius(matrix)
    if not radius < 0.5:
        raise InadmissibleInput(
            "spillovers between Goals are too strong",
            key="goal_spillover_strength",
            found=radius,
            allowed="a spectral radius below 0.5",
        )
