"""Mechanisms: by which of the model's channels an effect comes, found by switching them off one at a time.

A mechanism is a set of state variables; every variable that a submodel writes is of one. In an arm without it, all
other submodels see these variables as they are in the reference (`sscsim.experiments.why.arms`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["MECHANISMS", "SCALED", "Mechanism", "mechanism_of"]


@dataclass(frozen=True)
class Mechanism:
    """A channel through which effects pass.

    Attributes
    ----------
    title
        What it is, in a few words.
    owner
        The submodel whose variables it holds.
    variables
        Which of them; none for those that no other mechanism of the owner names.
    """

    title: str
    owner: str
    variables: tuple[str, ...] = ()


MECHANISMS: Mapping[str, Mechanism] = {
    "institutions": Mechanism(
        "what institutions make of cooperation, funds included", "institutions"
    ),
    "reporting": Mechanism("reports and the evidence they leave", "measurement"),
    "trade": Mechanism("goods trade: gains, terms of trade, what exports earn", "trade"),
    "investment": Mechanism("direct investment", "investment"),
    "finance": Mechanism("banks, credit lines, aid and what they build", "finance"),
    "teaching": Mechanism("what projects teach and who is experienced", "knowledge"),
    "service": Mechanism(
        "what projects under way do for the Goals themselves",
        "knowledge",
        ("cooperation_intensity",),
    ),
    "ties": Mechanism(
        "ties of past projects, which ease trade and investment", "knowledge", ("cooperation_tie",)
    ),
    "infrastructure": Mechanism(
        "infrastructure as Goals, traders and investors see it",
        "growth",
        ("infrastructure_capital", "infrastructure_growth", "infrastructure_on_record"),
    ),
    "income": Mechanism("output and income, and how they are spread", "growth"),
    "need": Mechanism("Goals reached, for which fewer ask", "goals"),
}
"""By name, in the order in which they are listed; together they hold every variable that a submodel writes."""

SCALED: Mapping[str, tuple[str, str, str]] = {
    "gdp_current": ("gdp", "income", "trade"),
    "real_income": ("gdp", "income", "trade"),
}
"""Variables that are products of volume and price: the volume, and the mechanisms of volume and of price."""

_NAMED = {name: key for key, one in MECHANISMS.items() for name in one.variables}
_REST = {one.owner: key for key, one in MECHANISMS.items() if not one.variables}


def mechanism_of(variable: str, owner: str) -> str:
    """Return the mechanism that a variable belongs to.

    Parameters
    ----------
    variable
        Its name.
    owner
        The submodel of the year that writes it.
    """
    return _NAMED.get(variable) or _REST.get(owner, owner)
