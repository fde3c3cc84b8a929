"""Parts of the dashboard that draw: thin components over the data of `pictures`, `tables` and `inspecting`."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence

import solara

from sscsim.dashboard.inspecting import Agent, facts
from sscsim.dashboard.pictures import (
    HEIGHT,
    WIDTH,
    Lines,
    MapPicture,
    chart,
    outlines,
)
from sscsim.dashboard.running import Answer
from sscsim.dashboard.tables import agent_table, changes_table, plan_table
from sscsim.dashboard.words import Words

__all__ = ["AgentCard", "Chart", "Html", "PlanCard", "WorldMap"]


@solara.component_vue("world.vue")
def _World(
    shapes: str,
    fills: str,
    texts: str,
    legend: Sequence[Sequence[str]],
    label: str,
    answer: str,
    year: int,
    chosen: str,
    size: Sequence[int],
    event_pick: Callable[[str], None],
) -> None:
    """Draw shapes in their colours; what they look like is in the file.

    What is long comes as JSON in one text: of lists and mappings every element is visited at each rendering.
    """


@solara.component
def Html(text: str) -> None:
    """Show text that `tables` made."""
    solara.HTML(unsafe_innerHTML=text, style="width: 100%")


@solara.component
def WorldMap(
    picture: MapPicture,
    year: int,
    answer: str = "",
    chosen: str = "",
    on_pick: Callable[[str], None] = lambda code: None,
) -> None:
    """Draw a map; a click on a country tells its ISO code.

    Parameters
    ----------
    picture
        What is drawn.
    year, answer
        What it is of, for whoever reads the page by a program.
    chosen
        ISO code of the country with a line about it.
    on_pick
        Called with the ISO code.
    """
    shapes = solara.use_memo(lambda: json.dumps(outlines()), [])
    _World(
        shapes=shapes,
        fills=json.dumps(picture.fills),
        texts=json.dumps(picture.texts, ensure_ascii=False),
        legend=[list(one) for one in picture.legend],
        label=f"{picture.title}, {year}",
        answer=answer,
        year=year,
        chosen=chosen,
        size=[WIDTH, HEIGHT],
        event_pick=on_pick,
    )
    if picture.note:
        solara.Text(picture.note, style="font-size: 13px")


@solara.component
def Chart(picture: Lines, year: int, words: Words) -> None:
    """Draw an indicator over the years, and say its values in the year."""
    solara.FigureEcharts(
        option=chart(picture, year, words),
        attributes={"style": "height: 340px; width: 100%"},
        responsive=True,
    )
    value, base = picture.at(year)
    solara.Text(
        words(
            "in_year_alone" if picture.base is None else "in_year",
            year=year,
            value=words.number(value),
            unit=picture.shown.unit,
            base=words.number(base),
            change=words.number(value - base, signed=True),
        ),
        classes=["ssc-said"],
    )


@solara.component
def PlanCard(answer: Answer, year: int, words: Words, off: Sequence[str] = ()) -> None:
    """Show the steps of a year, and of a step that is chosen all that it changed."""
    Html(solara.use_memo(lambda: plan_table(answer, year, words, off), [id(answer), year, words]))
    every: list[str] = list(answer.history.moves.get(year, {}))
    step, set_step = solara.use_state("trade")
    if every:
        shown = step if step in every else every[0]
        solara.Select(words("all_of_step"), values=every, value=shown, on_value=set_step)
        Html(changes_table(answer, year, shown, words))


@solara.component
def AgentCard(agent: Agent, answer: Answer, base: Answer | None, year: int, words: Words) -> None:
    """Show what is known of an agent in a year."""
    everything, set_everything = solara.use_state(False)
    said = f"{agent.name} ({words(f'kind_{agent.kind}')}, {agent.code})"
    Html(f"<h3 class=ssc-agent>{html.escape(said)}</h3>")
    if agent.kind == "country":
        solara.Checkbox(label=words("everything"), value=everything, on_value=set_everything)
    found = facts(agent, answer, base, year, words, everything=everything)
    Html(agent_table(found, year, words, compared=base is not None))
