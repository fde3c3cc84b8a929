"""Parts for Mesa's own page: it takes the model's parameters, and parts show the model as far as it has come."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("solara")

from reacton import render

from sscsim.dashboard import components as parts
from sscsim.errors import InputError
from sscsim.model import SouthSouthModel

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from mesa.visualization.solara_viz import _check_model_params, split_model_params

# Of Solara's own code.
pytestmark = pytest.mark.filterwarnings("ignore")


def test_mesa_takes_the_models_parameters() -> None:
    given = parts.model_params(seed="7", parameters="tables")
    _check_model_params(SouthSouthModel.__init__, given)
    fields, fixed = split_model_params(given)
    assert set(fields) == {"scenario", "seed"}
    # What Mesa's page makes of them when it is reset.
    model = SouthSouthModel(**fixed, **{name: one["value"] for name, one in fields.items()})
    assert model.seed == 7
    assert model.policy_scenario.name == "baseline"


def test_parts_show_the_model_as_far_as_it_has_come() -> None:
    model = SouthSouthModel(seed=7, parameters="tables", keep="indicators")
    several = [parts.series("goal_index", "South"), parts.world(), parts.plan(), parts.agent("NDB")]

    def said(component) -> str:
        _, rc = render(component(model), handle_error=False)
        found = [str(one.children) for one in rc.find().widgets if hasattr(one, "children")]
        rc.close()
        return " ".join(found)

    assert all("No year yet" in said(one) for one in several)
    model.step()
    model.step()
    texts = [said(one) for one in several]
    assert "2014: " in texts[0]
    assert "year=2014" in texts[1]
    assert "3. trade" in texts[2]
    assert "Loans outstanding of a bank" in texts[3]


def test_nobody_is_said_before_the_page_is_made() -> None:
    with pytest.raises(InputError, match="partner of this name"):
        parts.agent("Atlantis")
    with pytest.raises(InputError):
        parts.series("goal_index", language="fr")
