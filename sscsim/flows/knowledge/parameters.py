"""The numbers of the submodel, and what bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "LARGEST_COUNT",
    "LIST_LENGTH",
    "LONGEST_PROJECT",
    "REGIONAL_SLOTS",
    "SMALLEST_REGIONAL",
    "KnowledgeParameters",
]

Array32 = NDArray[np.float32]

LARGEST_COUNT = 10
"""Requests of a country in one domain in one year; the count's distribution is cut there."""

LIST_LENGTH = 14
"""How many providers a country keeps on its list in one domain and year."""

LONGEST_PROJECT = 4
"""Calendar years (model specification; OECD 2016: triangular projects run two to four years)."""

REGIONAL_SLOTS = 12
"""Regional projects a body can start in one domain in one year."""

SMALLEST_REGIONAL = 3
"""A regional project has three members of one body or more (¶91, as the Ibero-American report counts them)."""


@dataclass(frozen=True)
class KnowledgeParameters:
    """The numbers of the submodel; ``knowledge.yaml`` gives meaning and source of each."""

    request_rate: float
    request_dispersion: float
    request_body: float
    absorption_gap: float
    preference_absorption: float
    preference_similarity: float
    preference_tie: float
    preference_nearness: float
    preference_size: float
    similarity_income_scale: float
    similarity_latitude_scale: float
    nearness_scale: float
    reach_base: float
    reach_tie: float
    reach_body: float
    reach_region: float
    reach_un_support: float
    reach_practices: float
    reach_platform: float
    reach_partner: float
    reach_catalogue: float
    reach_centre: float
    centre_projects: float
    arranging_cost: float
    offer_rate: float
    offer_size_elasticity: float
    third_party_lift: float
    third_party_value: float
    third_party_cost_base: float
    third_party_money: float
    regional_rate: float
    project_second_year: float
    project_continuation: float
    budget_elasticity: float
    budget_speed: float
    triangular_continuation: float
    success_low: float
    success_high: float
    fragmentation_loss: float
    evaluation_gain: float
    learning_rate: float
    tie_strength: float
    tie_decay: float
    practice_rate: float
    intensity_scale: float
    bilateral_cost: float
    project_cost_spread: float
    technology_bank_effect: float
    usual_project_years: float
    body_reference: float
    technology_frontier_speed: float
    technology_adjustment_speed: float
    technology_adjustment_cost: float

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, float]) -> Self:
        """Build from the parameter tables (``knowledge.yaml``)."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls)})
