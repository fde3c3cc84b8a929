"""Development banks: how one ranks what is proposed, what it approves, and what its governors decide."""

from __future__ import annotations

from typing import Any

from sscsim.agents.base import FromState, SscAgent
from sscsim.flows import banking
from sscsim.types import Array, Mask
from sscsim.world.institutions.banks import BankRules

__all__ = ["DevelopmentBank"]


_APPROVING = frozenset({"weights", "score", "approve"})
"""What a bank ranks and approves by."""


class DevelopmentBank(SscAgent):
    """A development bank.

    Decisions are methods on a year's proposals at once; a subclass that overrides one, handed to the model for a bank's
    code, changes that bank and no other: ``SouthSouthModel(bank_classes={"NDB": MyBank})``.

    Parameters
    ----------
    model, index
        As for every agent; the index is the bank's row in arrays by bank.
    rules
        Its file, laid over the countries of the model.
    """

    bank_liquid_assets = FromState()
    bank_loans = FromState()
    bank_borrowings = FromState()
    bank_reserves = FromState()
    bank_subscribed = FromState()
    bank_outstanding = FromState()
    bank_member = FromState()
    bank_limit_ratio = FromState()
    bank_headroom = FromState()
    bank_envelope = FromState()
    bank_approvals = FromState()
    bank_disbursements = FromState()
    bank_repayments = FromState()

    def __init__(self, model: Any, index: int, rules: BankRules) -> None:
        super().__init__(model, index)
        self.rules = rules
        self.code = rules.bank.code
        self.name = rules.bank.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code})"

    @property
    def weights(self) -> banking.Weights:
        """What its score is made of this year: its file and the scenario's levers."""
        file, state, i = self.rules.bank.scoring, self.state, self.index
        return banking.Weights(
            need=file.need,
            mandate=file.mandate,
            renewable=file.renewable + float(state.bank_weight_renewable[i]),
            ldc=file.ldc + float(state.bank_weight_ldc[i]),
            lldc=file.lldc,
            sids=file.sids + float(state.bank_weight_sids[i]),
            exposure=file.exposure,
            noise=file.noise,
        )

    @property
    def goes_by_the_rule(self) -> bool:
        """Whether it ranks and approves as every bank does, so that many can be ranked at once."""
        kind = type(self)
        return _APPROVING.isdisjoint(vars(self)) and (
            kind is DevelopmentBank
            or all(getattr(kind, name) is getattr(DevelopmentBank, name) for name in _APPROVING)
        )

    def score(self, proposals: banking.Proposals) -> Array:
        """Rank proposals, ``(proposal,)``: the highest is approved first."""
        return banking.score(proposals, self.weights)

    def approve(
        self, proposals: banking.Proposals, standing: Array, limit: float, room: Array
    ) -> Mask:
        """Choose among proposals, ``(proposal,)``: the best that fit within the envelope and each country's room.

        Whatever a subclass chooses, the model takes it in the order of `standing` and no further than the limits.
        """
        return banking.approve(standing, proposals.amount, proposals.receiver, limit, room)

    def govern(self, outlook: banking.Outlook, luck: Array, hazard: float) -> int:
        """Decide on capital, limit or members: the place in ``flows.banking.DECISIONS``."""
        return banking.decide(
            outlook, luck, hazard, self.model.submodels["banking"].base.parameters
        )
