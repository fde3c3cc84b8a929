"""Who lives in a model: the agents of each kind, made of the user's classes where there are any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sscsim.agents.bank import DevelopmentBank
from sscsim.agents.country import Country
from sscsim.agents.partner import Partner
from sscsim.agents.united_nations import UnitedNations
from sscsim.errors import InputError, unknown
from sscsim.framework import Agent, AgentSet

if TYPE_CHECKING:
    from sscsim.world.institutions.banks import BankRules

__all__ = ["Classes", "together", "unknown_bank"]


@dataclass(frozen=True)
class Classes:
    """Classes of the agents, those of single banks by their code."""

    country: type[Country] = Country
    partner: type[Partner] = Partner
    united_nations: type[UnitedNations] = UnitedNations
    banks: Mapping[str, type[DevelopmentBank]] = field(default_factory=dict)

    def own(self) -> dict[str, type]:
        """Return the classes that are not the model's own, by what they take the place of."""
        kinds = {"country": Country, "partner": Partner, "united_nations": UnitedNations}
        found = {role: getattr(self, role) for role in kinds}
        return {role: one for role, one in found.items() if one is not kinds[role]} | {
            f"bank {code}": one for code, one in self.banks.items()
        }

    def make_banks(self, model: Any, rules: Sequence[BankRules]) -> list[DevelopmentBank]:
        """Return the agents of banks, in the order of their rows.

        Raises
        ------
        InputError
            For a class of a bank that there is not.
        """
        codes = [one.bank.code for one in rules]
        for code in self.banks:
            if code not in codes:
                raise unknown_bank(code, codes)
        return [
            self.banks.get(one.bank.code, DevelopmentBank)(model, i, one)
            for i, one in enumerate(rules)
        ]


def together(model: Any, agents: Iterable[Agent]) -> AgentSet:
    """Return agents as a set of Mesa's, which shuffles them by the model's own luck."""
    return AgentSet(agents, random=model.random)


def unknown_bank(code: str, codes: Sequence[str]) -> InputError:
    """Return the error for a code that is no bank's."""
    return unknown("bank of this code", code, codes, key="bank")
