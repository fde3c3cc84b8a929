"""Formulas of a line: what ``how`` of an indicator may say without a function of its own.

A *sum* joins terms by ``+``; a term joins factors by ``*``; a factor is a state variable, or of one
between pairs what countries have ``sent``, what they have ``received``, or what went between members,
``within``.

>>> str(read_formula("mean of poverty_headcount weighted by population"))
'mean of poverty_headcount weighted by population'
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sscsim.errors import nearest
from sscsim.world.state import Variable

__all__ = ["Factor", "Formula", "Kind", "Law", "Misfit", "Sum", "Term", "read_formula", "read_law"]

COUNTRY, PAIR = ("country",), ("origin", "destination")
PARTS = ("sent", "received", "within")

Kind = Literal[
    "sum", "mean", "weighted mean", "share", "ratio", "growth", "total", "pairs", "places"
]

_NAME = r"[a-z][a-z0-9_]*"
_SUM = rf"{_NAME}(?: (?:sent|received|within))?(?: [+*] {_NAME}(?: (?:sent|received|within))?)*"
_SENTENCES: tuple[tuple[Kind, str], ...] = (
    ("weighted mean", rf"mean of (?P<of>{_SUM}) weighted by (?P<by>{_SUM})"),
    ("mean", rf"mean of (?P<of>{_SUM})"),
    ("sum", rf"sum of (?P<of>{_SUM})"),
    ("share", rf"share of (?P<of>{_SUM})"),
    ("growth", rf"growth of (?P<of>{_SUM})"),
    ("total", rf"total of (?P<of>{_NAME})"),
    ("pairs", rf"pairs of (?P<of>{_NAME})"),
    ("places", rf"each (?P<along>{_NAME}) of (?P<of>{_NAME})"),
    ("ratio", rf"(?P<of>{_SUM}) over (?P<by>{_SUM})"),
)
SENTENCES = (
    "sum of X, mean of X, mean of X weighted by Y, share of X, growth of X, X over Y, total of V, "
    "pairs of V, each bank of V, each goal, function"
)


class Misfit(ValueError):
    """What a line says and the state does not have.

    Parameters
    ----------
    message
        What is wrong.
    found, allowed, suggestion
        What stands there, what may, and what was perhaps meant.
    """

    def __init__(
        self, message: str, found: str, allowed: str, suggestion: str | None = None
    ) -> None:
        super().__init__(message)
        self.details = {"found": found, "allowed": allowed, "suggestion": suggestion}


@dataclass(frozen=True)
class Factor:
    """A state variable, or a part of one between pairs."""

    variable: str
    part: str = ""

    def __str__(self) -> str:
        """Return the factor as it is written."""
        return f"{self.variable} {self.part}".strip()


Term = tuple[Factor, ...]
Sum = tuple[Term, ...]


@dataclass(frozen=True)
class Formula:
    """How an indicator follows from state variables, for every group at once.

    Attributes
    ----------
    kind
        With Σ the sum over a group's members: Σ of, Σ of / members, Σ of·by / Σ by, Σ of / Σ of over
        the world, Σ of / Σ by, Σ of / Σ of a year ago − 1, the sum over all axes, what members of
        one group send to those of another, or what stands at each place of an axis and all of it.
    of, by
        The sums that it names.
    along
        The axis whose places have a number each.
    """

    kind: Kind
    of: Sum
    by: Sum = ()
    along: str = ""

    def __str__(self) -> str:
        """Return the formula as it is written."""
        of, by = _written(self.of), _written(self.by)
        if self.kind == "ratio":
            return f"{of} over {by}"
        if self.kind == "places":
            return f"each {self.along} of {of}"
        weighted = f" weighted by {by}" if by else ""
        return f"{self.kind.removeprefix('weighted ')} of {of}{weighted}"

    @property
    def parts(self) -> tuple[Sum, Sum]:
        """Numerator and denominator as sums; the denominator of a plain sum or mean is empty."""
        if self.kind == "weighted mean":
            return tuple((*one, *weight) for one in self.of for weight in self.by), self.by
        return self.of, self.of if self.kind == "share" else self.by

    def factors(self) -> Iterator[Factor]:
        """Iterate over every variable that is named."""
        for term in self.of + self.by:
            yield from term

    def check(self, variables: Mapping[str, Variable]) -> None:
        """Look whether the state has what the formula names.

        Raises
        ------
        Misfit
            For a variable that there is not, or whose axes do not fit.
        """
        for factor in self.factors():
            name = factor.variable
            if name not in variables:
                raise Misfit(
                    "there is no state variable of this name",
                    name,
                    "a name that `sscsim explain variables` lists",
                    nearest(name, variables),
                )
            axes = variables[name].axes
            if self.kind == "total":
                continue
            if self.kind == "places":
                if axes != (self.along,):
                    raise Misfit(
                        f"this variable has no number for each {self.along}",
                        name,
                        f"a variable with the one axis {self.along}",
                    )
                continue
            pairs = self.kind == "pairs" or bool(factor.part)
            if pairs and axes != PAIR:
                raise Misfit(
                    "this variable is not one between countries", name, "a variable of pairs"
                )
            if not pairs and axes[:1] != COUNTRY:
                parts = f"{name} sent, {name} received or {name} within"
                raise Misfit(
                    "this variable is not one of countries",
                    name,
                    parts if axes == PAIR else f"a variable of countries, or total of {name}",
                )
        for term in self.parts[0] + self.by:
            if len(term) > 1 and any(factor.part == "within" for factor in term):
                raise Misfit(
                    "what went between members belongs to none of them",
                    " * ".join(map(str, term)),
                    "within without a product or a weight",
                )


def _written(terms: Sum) -> str:
    return " + ".join(" * ".join(map(str, term)) for term in terms)


def read_formula(text: str) -> Formula | None:
    """Return the formula that a line says; None where it says none."""
    for kind, sentence in _SENTENCES:
        found = re.fullmatch(sentence, text)
        if found:
            parts = found.groupdict()
            by, along = _sum(parts.get("by") or ""), parts.get("along") or ""
            return Formula(kind, _sum(found["of"]), by, along)
    return None


def _sum(text: str) -> Sum:
    return tuple(
        tuple(Factor(*factor.split(" ")) for factor in term.split(" * "))
        for term in text.split(" + ")
        if term
    )


@dataclass(frozen=True)
class Law:
    """Between which numbers an indicator stays, whatever happens in a run."""

    text: str
    low: float = -math.inf
    high: float = math.inf

    def holds(self, value: float, slack: float = 1e-9) -> bool:
        """Return whether a number keeps the law, but for rounding; one that is not defined does."""
        return math.isnan(value) or self.low - slack <= value <= self.high + slack


def read_law(text: str) -> Law | None:
    """Return the law of a text; None where it says none.

    >>> read_law("share"), read_law("between 0 and 100")
    (Law(text='share', low=0.0, high=1.0), Law(text='between 0 and 100', low=0.0, high=100.0))
    """
    known = {"share": (0.0, 1.0), "not negative": (0.0, math.inf), "any": (-math.inf, math.inf)}
    if text in known:
        return Law(text, *known[text])
    number = r"(-?\d+(?:\.\d+)?)"
    between = re.fullmatch(rf"between {number} and {number}", text)
    if between and float(between[1]) < float(between[2]):
        return Law(text, float(between[1]), float(between[2]))
    least = re.fullmatch(rf"at least {number}", text)
    return Law(text, float(least[1])) if least else None


LAWS = "share, not negative, between A and B, at least A, any"
