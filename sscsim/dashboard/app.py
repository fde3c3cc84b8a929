"""The dashboard's page: levers and mechanisms on the left, the run and what is known of it on the right.

``solara run sscsim.dashboard.app`` serves it, as `sscsim dashboard` does. All that a session chooses is its own;
answers come from `sscsim.dashboard.running.answers`, which all sessions share.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
from dataclasses import dataclass
from typing import Any

import solara
import solara.lab

from sscsim.dashboard.asked import BASELINE, Asked
from sscsim.dashboard.inspecting import Agent, find
from sscsim.dashboard.parts import AgentCard, Chart, Html, PlanCard, WorldMap
from sscsim.dashboard.pictures import indicators, lines, map_quantities, world_map
from sscsim.dashboard.running import Answer, Overtaken, answers
from sscsim.dashboard.tables import STYLE
from sscsim.dashboard.words import LANGUAGES, Words, words_of
from sscsim.errors import InputError, SscsimError
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.page.sliders import Slider, sliders
from sscsim.policy.scenario import list_scenarios
from sscsim.steps.plan import PLAN

__all__ = ["LANGUAGE", "PARAMETERS", "Page", "page"]

LANGUAGE = "SSCSIM_DASHBOARD_LANG"
"""Variable of the environment: the language that a session opens in."""

PARAMETERS = "SSCSIM_DASHBOARD_PARAMETERS"
"""Variable of the environment: the parameters that a session opens with."""

OFFERED = re.compile(r"central|tables|draw:\d{1,6}")
BEAT = 0.7
"""Seconds that a year is shown while the years are played."""


@dataclass(frozen=True)
class Wish:
    """What a session has set in its side bar, as it stands in the fields."""

    scenario: str = BASELINE
    levers: tuple[tuple[str, float], ...] = ()
    off: tuple[str, ...] = ()
    seed: str = "1"
    parameters: str = "central"
    same_steps: bool = False

    def asked(self) -> Asked:
        """Return it as the model takes it.

        Raises
        ------
        InputError
            For what there is not.
        """
        text = self.parameters.strip() or "central"
        if not OFFERED.fullmatch(text) and text != os.environ.get(PARAMETERS):
            # A file is for whoever starts the dashboard to name, and not for whoever looks at it.
            raise InputError(
                "no parameters of this name are offered here",
                key="parameters",
                found=text,
                allowed="central, tables or draw:N",
            )
        found = Asked.of(
            self.scenario,
            dict(self.levers),
            off=self.off,
            seed=self.seed,
            parameters=text,
        )
        found.key  # noqa: B018 - reads scenario and parameters, and says what is wrong with them
        return found

    def but(self, **changes: Any) -> Wish:
        """Return it with some fields changed."""
        held = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return Wish(**{**held, **changes})


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a wish: the run and the baseline, or what is wrong with it."""

    wish: Wish
    asked: Asked | None = None
    answer: Answer | None = None
    base: Answer | None = None
    wrong: str = ""


def result_of(wish: Wish, wanted: Any) -> Result | None:
    """Run what is wished for; None when the wish has changed meanwhile."""
    try:
        asked = wish.asked()
        base = answers.get(asked.baseline(same_steps=wish.same_steps), wanted)
        return Result(wish, asked, answers.get(asked, wanted), base)
    except Overtaken:
        return None
    except SscsimError as failure:
        return Result(wish, wrong=str(failure))


@solara.component
def Page() -> None:
    """Show the dashboard to one session."""
    language = solara.use_reactive(os.environ.get(LANGUAGE, LANGUAGES[0]))
    wish = solara.use_reactive(Wish(parameters=os.environ.get(PARAMETERS, "central")))
    year = solara.use_reactive(LAST_YEAR)
    words = words_of(language.value)
    newest = solara.use_ref(wish.value)
    newest.current = wish.value
    shown = solara.use_ref(Result(wish.value))
    here = wish.value
    task = solara.lab.use_task(
        lambda: result_of(here, lambda: newest.current == here),
        dependencies=[here],
        raise_error=False,
    )
    if task.finished and task.value is not None:
        if task.value.answer is not None:
            shown.current = task.value
        wrong = task.value.wrong
    else:
        wrong = ""
    solara.Title(words("title"))
    solara.Style(STYLE)
    with solara.AppBar():
        solara.AppBarTitle(words("title"))
        other = LANGUAGES[1 - LANGUAGES.index(language.value)]
        solara.Button(
            {"en": "English", "zh": "中文"}[other],
            text=True,
            on_click=lambda: language.set(other),
        )
    with solara.Sidebar():
        Wishes(wish, year, words)
    with solara.Column(gap="6px", style="padding: 0 8px", classes=["ssc-page"]):
        solara.ProgressLinear(task.pending)
        if wrong:
            solara.Error(wrong)
        elif task.error:
            solara.Error(str(task.exception))
        Years(year, wish, words)
        if shown.current.answer is not None:
            Pictures(shown.current, year, words)
        else:
            solara.Text(words("running"))


@solara.component
def Wishes(wish: solara.Reactive[Wish], year: solara.Reactive[int], words: Words) -> None:
    """Let a session set what the model is asked for."""
    held = wish.value
    levers = dict(held.levers)

    def move(name: str, value: float) -> None:
        wish.set(wish.value.but(levers=tuple({**dict(wish.value.levers), name: value}.items())))

    def switch(step: str, on: bool) -> None:
        off = {*wish.value.off} - {step} if on else {*wish.value.off, step}
        wish.set(wish.value.but(off=tuple(kind.name for kind in PLAN if kind.name in off)))

    with solara.Card(words("model"), margin=0):
        solara.Select(
            words("scenario"),
            values=list_scenarios(),
            value=held.scenario,
            on_value=lambda name: wish.set(wish.value.but(scenario=name)),
        )
        solara.InputText(
            words("seed"),
            value=held.seed,
            on_value=lambda text: wish.set(wish.value.but(seed=text)),
        )
        solara.InputText(
            words("parameters"),
            value=held.parameters,
            on_value=lambda text: wish.set(wish.value.but(parameters=text)),
        )
    with solara.Card(words("levers", year=sliders().first), margin=0):
        for name, one in sliders().table.items():
            Lever(name, one, levers.get(name, one.default), move, words)
    with solara.Card(words("steps"), words("steps_help"), margin=0):
        for kind in PLAN:
            solara.Checkbox(
                label=f"{kind.name}: {words('step_' + kind.name)}",
                value=kind.name not in held.off,
                on_value=lambda on, name=kind.name: switch(name, on),
            )
        solara.Checkbox(
            label=words("same_steps"),
            value=held.same_steps,
            on_value=lambda on: wish.set(wish.value.but(same_steps=on)),
            disabled=not held.off,
        )


@solara.component
def Lever(name: str, slider: Slider, value: float, move: Any, words: Words) -> None:
    """Let a session move one lever."""
    with solara.Tooltip(words.of(slider.help)):
        solara.Text(
            f"{words.of(slider.title)}: {words.number(value)} {words.of(slider.unit)}",
            style="font-size: 13px",
            classes=[f"ssc-lever-{name}"],
        )
    # The label is for those who hear the page: it stands above for those who see it.
    solara.SliderFloat(
        words.of(slider.title),
        value=value,
        min=slider.min,
        max=slider.max,
        step=slider.step,
        thumb_label=False,
        on_value=lambda found: move(name, round(found, 6)),
    )


@solara.component
def Years(year: solara.Reactive[int], wish: solara.Reactive[Wish], words: Words) -> None:
    """Let a session walk through the years of the run: step, play and pause, back to the start."""
    playing = solara.use_reactive(False)

    async def play() -> None:
        while playing.value and year.value < LAST_YEAR:
            await asyncio.sleep(BEAT)
            if playing.value:
                year.set(min(year.value + 1, LAST_YEAR))
        playing.set(False)

    solara.lab.use_task(play, dependencies=[playing.value], raise_error=False)

    def reset() -> None:
        playing.set(False)
        wish.set(Wish(parameters=os.environ.get(PARAMETERS, "central")))
        year.set(FIRST_YEAR)

    def start_or_stop() -> None:
        if not playing.value and year.value == LAST_YEAR:
            year.set(FIRST_YEAR)
        playing.set(not playing.value)

    with solara.Row(style="align-items: center"):
        solara.Button(words("reset"), on_click=reset, outlined=True, icon_name="mdi-restore")
        solara.Button(
            words("step"),
            on_click=lambda: year.set(year.value + 1),
            disabled=playing.value or year.value >= LAST_YEAR,
            outlined=True,
            icon_name="mdi-step-forward",
        )
        solara.Button(
            words("pause" if playing.value else "play"),
            on_click=start_or_stop,
            color="primary",
            icon_name="mdi-pause" if playing.value else "mdi-play",
        )
        solara.SliderInt(
            f"{words('controls')} {year.value}",
            value=year,
            min=FIRST_YEAR,
            max=LAST_YEAR,
            thumb_label=False,
        )


@solara.component
def Pictures(result: Result, year: solara.Reactive[int], words: Words) -> None:
    """Show a run in a year: lines, map, the year's steps, an agent."""
    answer, base, asked = result.answer, result.base, result.asked
    agent: solara.Reactive[Agent | None] = solara.use_reactive(None)
    if answer is None or asked is None:
        return
    at = min(max(year.value, answer.years[0]), answer.years[-1])

    def pick(code: str) -> None:
        agent.set(next((one for one in find(code, words.language) if one.code == code), None))

    with solara.ColumnsResponsive(12, large=[6, 6]):
        LinesCard(answer, base, at, words)
        MapCard(answer, base, at, words, asked.key, agent.value, pick)
    with solara.Card(words("plan", year=at), margin=0):
        PlanCard(answer, at, words, asked.off)
    with solara.Card(words("agent"), margin=0):
        Search(agent, words)
        if agent.value is not None:
            AgentCard(agent.value, answer, base, at, words)
    with solara.Card(words("command"), margin=0):
        try:
            Html(f"<code>{html.escape(asked.command())}</code>")
        except SscsimError:
            solara.Text(words("with_command_none"))


@solara.component
def LinesCard(answer: Answer, base: Answer | None, year: int, words: Words) -> None:
    """Show an indicator that is chosen over the years."""
    indicator, group = solara.use_reactive("goal_index"), solara.use_reactive("South")
    table = indicators(words)
    groups = answer.groups[indicator.value]
    whom = group.value if group.value in groups else groups[0]
    with solara.Card(words("lines"), margin=0):
        with solara.Row():
            _Choice(words("indicator"), {n: one.title for n, one in table.items()}, indicator)
            _Choice(words("group"), {name: words.group(name) for name in groups}, group, whom)
        Chart(lines(answer, base, indicator.value, whom, words), year, words)


@solara.component
def MapCard(
    answer: Answer,
    base: Answer | None,
    year: int,
    words: Words,
    key: str,
    agent: Agent | None,
    pick: Any,
) -> None:
    """Show a quantity that is chosen on the map."""
    quantity, change = solara.use_reactive("goal_index"), solara.use_reactive(True)
    table = map_quantities(words)
    with solara.Card(words("map"), margin=0):
        with solara.Row(style="align-items: center"):
            _Choice(words("map_of"), {n: one.title for n, one in table.items()}, quantity)
            solara.Checkbox(label=words("as_change"), value=change, style="min-width: 45%")
        picture = world_map(answer, base, quantity.value, year, words, change=change.value)
        solara.Text(f"{picture.title}, {year}", style="font-size: 13px")
        chosen = agent.code if agent is not None and agent.kind == "country" else ""
        WorldMap(picture, year, key, chosen, pick)
        solara.Text(words("boundaries"), style="font-size: 10px; line-height: 1.2; color: #666666")


@solara.component
def Search(agent: solara.Reactive[Agent | None], words: Words) -> None:
    """Let a session find an agent by name."""
    text = solara.use_reactive("")
    solara.InputText(words("search"), value=text, continuous_update=True)
    found = find(text.value, words.language)
    if text.value.strip() and not found:
        solara.Text(words("nobody"))
    with solara.Row(style="flex-wrap: wrap", gap="4px"):
        for one in found:
            solara.Button(
                f"{one.name} ({words(f'kind_{one.kind}')})",
                on_click=lambda one=one: agent.set(one),
                text=True,
                small=True,
            )


@solara.component
def _Choice(
    label: str,
    titles: dict[str, str],
    value: solara.Reactive[str],
    shown: str | None = None,
) -> None:
    """Let one of several be chosen by its title."""
    items = [{"text": title, "value": name} for name, title in titles.items()]
    solara.v.Autocomplete(
        label=label,
        items=items,
        v_model=shown or value.value,
        on_v_model=lambda name: value.set(name) if name else None,
        dense=True,
        hide_details=True,
    )


page = Page()
"""What ``solara run`` serves."""
