"""The numbers of development banks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

__all__ = ["BankingParameters"]


@dataclass(frozen=True)
class BankingParameters:
    """The numbers of the submodel; ``banking.yaml`` gives meaning and source of each."""

    bank_envelope_share: float
    bank_ramp_midpoint: float
    bank_ramp_width: float
    bank_appraisal_time: float
    proposal_intensity: float
    proposal_size_elasticity: float
    proposal_need_elasticity: float
    proposal_readiness_elasticity: float
    project_size_elasticity: float
    project_size_spread: float
    cancellation_probability: float
    cancellation_delay: float
    disbursement_years: float
    disbursement_start: float
    disbursement_end: float
    bank_funding_rate: float
    bank_treasury_margin: float
    bank_funding_years: float
    bank_expenses: float
    preferred_creditor_share: float
    private_default_rate: float
    private_recovery: float
    write_off_delay: float
    write_off_share: float
    mobilisation_ratio: float
    governors_horizon: float
    governors_hazard: float
    governors_increase_weight: float
    governors_limit_weight: float
    governors_accession_weight: float
    capital_increase: float
    capital_increase_paid_in: float
    capital_increase_years: float
    limit_step: float
    infrastructure_additionality: float
    distress_hazard: float
    distress_service_elasticity: float
    distress_debt_elasticity: float
    distress_exit: float
    restructuring_haircut: float
    distress_readiness: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``banking.yaml``)."""
        return cls(**{field.name: parameters[field.name] for field in fields(cls)})
