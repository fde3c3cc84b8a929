"""Who decides. Each kind of agent is a `mesa.Agent`; what it knows of itself is a window onto the state arrays.

To try another behaviour, subclass one and hand the class to the model: ``SouthSouthModel(country_class=MyCountry)``.
"""

from sscsim.agents.base import FromState, SscAgent
from sscsim.agents.country import Country

__all__ = ["Country", "FromState", "SscAgent"]
