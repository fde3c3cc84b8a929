"""Parts for Mesa's own page: ``SolaraViz(SouthSouthModel(), components=[...], model_params=model_params())``.

Each function returns a component as `mesa.visualization.SolaraViz` takes it, a function of the model; it is drawn anew
after each step. What is shown is the model as far as it has come: nothing is run ahead.

Examples
--------
A file that ``solara run`` serves::

    from mesa.visualization import SolaraViz
    from sscsim import SouthSouthModel
    from sscsim.dashboard import components as parts

    page = SolaraViz(
        SouthSouthModel(seed="7"),
        components=[parts.series("goal_index", "South"), parts.world("income"), parts.plan()],
        model_params=parts.model_params(),
    )
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import solara

from sscsim.dashboard.asked import BASELINE
from sscsim.dashboard.inspecting import find
from sscsim.dashboard.parts import AgentCard, Chart, Html, WorldMap
from sscsim.dashboard.pictures import lines, world_map
from sscsim.dashboard.running import Answer, of_model
from sscsim.dashboard.tables import STYLE, plan_table
from sscsim.dashboard.watching import watch
from sscsim.dashboard.words import words_of
from sscsim.errors import unknown
from sscsim.model import SouthSouthModel
from sscsim.policy.scenario import list_scenarios

with warnings.catch_warnings():
    # A component of Mesa's breaks a rule of Solara's, which nobody who uses either here can mend.
    warnings.filterwarnings("ignore", message="Failed to validate hooks")
    from mesa.visualization.utils import update_counter

__all__ = ["agent", "model_params", "plan", "series", "world"]

Component = Callable[[SouthSouthModel], Any]


def model_params(
    scenario: str = BASELINE, seed: str | int = 1, parameters: str = "central"
) -> dict[str, Any]:
    """Return parameters of the model as `SolaraViz` takes them: fields for scenario and seed, the rest as it is.

    Parameters
    ----------
    scenario, seed, parameters
        What the fields begin with; keep them those of the model that is shown first.
    """
    return {
        "scenario": {
            "type": "Select",
            "value": scenario,
            "values": list_scenarios(),
            "label": "Scenario",
        },
        "seed": {"type": "InputText", "value": str(seed), "label": "Seed"},
        "parameters": parameters,
    }


def _so_far(model: SouthSouthModel) -> Answer | None:
    """Return what is known of the model, None before its first step; it is watched from the first look on."""
    update_counter.get()
    watch(model)
    return of_model(model) if model.recorder.years else None


def _shown(model: SouthSouthModel, draw: Callable[[Answer, int], None]) -> None:
    answer = _so_far(model)
    solara.Style(STYLE)
    if answer is None:
        solara.Text("No year yet: press Step.")
    else:
        draw(answer, answer.years[-1])


def series(indicator: str, group: str = "World", language: str = "en") -> Component:
    """Return a component that draws an indicator of a group over the years so far.

    Parameters
    ----------
    indicator, group
        As `sscsim show` names them.
    language
        ``en`` or ``zh``.
    """
    words = words_of(language)

    def draw(answer: Answer, year: int) -> None:
        Chart(lines(answer, None, indicator, group, words), year, words)

    return lambda model: Drawn(model, draw, model.steps)


def world(quantity: str = "goal_index", language: str = "en") -> Component:
    """Return a component that draws a quantity of countries on the map.

    Parameters
    ----------
    quantity
        ``goal_index``, ``income``, ``trade``, ``poverty``, ``projects_received``, ``projects_provided``, or ``goal_1``
        to ``goal_17``.
    language
        ``en`` or ``zh``.
    """
    words = words_of(language)

    def draw(answer: Answer, year: int) -> None:
        picture = world_map(answer, None, quantity, year, words)
        solara.Text(f"{picture.title}, {year}")
        WorldMap(picture, year)

    return lambda model: Drawn(model, draw, model.steps)


def plan(language: str = "en") -> Component:
    """Return a component that shows what each step of the last year changed."""
    words = words_of(language)

    def draw(answer: Answer, year: int) -> None:
        Html(plan_table(answer, year, words))

    return lambda model: Drawn(model, draw, model.steps)


def agent(name: str, language: str = "en") -> Component:
    """Return a component that shows a country, bank or partner.

    Parameters
    ----------
    name
        Its code, or a part of its name; the best match is taken.
    language
        ``en`` or ``zh``.

    Raises
    ------
    InputError
        When nobody is called so.
    """
    found = find(name, language)
    if not found:
        raise unknown("country, bank or partner of this name", name, (), key="agent")
    words = words_of(language)

    def draw(answer: Answer, year: int) -> None:
        AgentCard(found[0], answer, None, year, words)

    return lambda model: Drawn(model, draw, model.steps)


@solara.component
def Drawn(model: SouthSouthModel, draw: Callable[[Answer, int], None], steps: int) -> None:
    """Draw a model after a number of steps."""
    _shown(model, draw)
