"""Who decides. Each kind of agent is a `mesa.Agent`; what it knows of itself is a window onto the state arrays.

To try another behaviour, subclass one and hand the class to the model: ``SouthSouthModel(country_class=MyCountry)``.
"""

from sscsim.agents.bank import DevelopmentBank
from sscsim.agents.base import FromState, SscAgent
from sscsim.agents.country import Country
from sscsim.agents.partner import Partner
from sscsim.agents.united_nations import UnitedNations

__all__ = [
    "Country",
    "DevelopmentBank",
    "FromState",
    "Partner",
    "SscAgent",
    "UnitedNations",
]
