"""How a comparison is told on a terminal: effects with what they are large beside, who gains, who is best."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sscsim.cli.printing import (
    NO_CHANGE,
    WIDTH,
    change,
    heading,
    number,
    print_table,
    say,
    signed,
    unit_of,
    width,
)
from sscsim.cli.terminal import echo, fitted
from sscsim.errors import clean
from sscsim.experiments.noticeable import LEAST_TOLD, is_named, is_nought

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.experiments.effects import PairedEffect
    from sscsim.experiments.pairs import Effects, Question

__all__ = [
    "print_beside",
    "print_by_country",
    "print_effects",
    "print_foot",
    "print_gains",
    "print_method",
    "print_ranking",
    "print_uninformed",
]

MOST_SOURCES = 3
"""Parameters that are named as sources of a variance."""

MOST_NAMES = 5
"""Countries that are named of those who gain, and who lose, where few scenarios are compared."""

FEW_SCENARIOS = 3
"""Above this number fewer countries are named."""

GAINS = {"real_income": "Real income", "goal_index": "Goals"}
"""In what gainers and losers are named unless the comparison is about something else."""

_JOINED = "\N{NO-BREAK SPACE}"

NARROWEST = 22
"""Letters that a title is given at least, however narrow the terminal."""


# ------------------------------------------------------------------------------------------- effects


def print_effects(effects: Effects, scenario: str) -> None:
    """Print the effects of one scenario: a line of numbers each, and below it what they are large beside."""
    said = f"{effects.titles[scenario]}: {scenario} against {effects.reference}{_when(effects)}"
    _heading(said)
    beside = effects.yardsticks()
    words = beside[beside["scenario"] == scenario]["words"].tolist()
    rows = []
    for question, yardstick in zip(effects.questions, words, strict=True):
        effect = effects.effect(scenario, *question[:3])
        told = _effect(question, effect)
        below = yardstick if effect.seen else _unseen(effect)
        if told[1] == "–" and not effect.none:
            below = f"no change: less than {LEAST_TOLD} either way in nine pairs of ten"
        elif effect.seen and is_share_told(question, effect):
            below = f"{_percent(effect.relative)}; {below}" if below else _percent(effect.relative)
        rows.append(
            (_titled(question, effects), (number(effect.reference, question.unit), *told), below)
        )
    _print_rows([effects.reference, "effect", "90 % interval", "P(effect>0)"], rows)
    echo()


def _unseen(effect: PairedEffect) -> str:
    if effect.none:
        return "no effect: the same in every pair"
    return "no effect seen: the interval holds zero"


def _heading(text: str) -> None:
    for line in _wrapped(text, min(width(), WIDTH)):
        heading(line)


def is_share_told(question: Question, effect: PairedEffect) -> bool:
    """Whether an effect is told as a share of what it adds to: money, trade, people and projects, not points."""
    if math.isnan(effect.relative) or is_nought(100.0 * effect.relative):
        return False
    return question.unit not in ("fraction", "share", "0 to 100")


def _titled(question: Question, effects: Effects) -> str:
    unit = {"0 to 100": "", "0 to 1": ""}.get(question.unit, unit_of(question.unit))
    year = "" if _when(effects) else f", {question.year}"
    # A unit is not broken.
    return f"{effects.title(question)}{year}{f' ({unit})'.replace(' ', _JOINED) if unit else ''}".replace(
        f"{_JOINED}(", " ("
    )


def _effect(question: Question, effect: PairedEffect) -> tuple[str, str, str]:
    """Return effect, interval and chance; where nothing is left of them there is none of either sign."""
    ends = effect.median, effect.low, effect.high
    middle, between = change(*ends, question.unit, effect.reference)
    return middle, between, "–" if between == "–" else _chance(effect.positive)


def _print_rows(
    heads: Sequence[str], rows: Sequence[tuple[str, tuple[str, ...], str]], below: str = "  "
) -> None:
    """Print rows of a title, numbers, and a sentence below them; titles and sentences are broken between words."""
    room = min(width(), WIDTH)
    sizes = [
        max(len(fitted(cell)) for cell in (head, *(numbers[i] for _, numbers, _ in rows)))
        for i, head in enumerate(_short(heads, rows))
    ]
    left = max(NARROWEST, room - sum(sizes) - 2 * len(sizes))

    def line(first: str, cells: Sequence[str]) -> str:
        told = "".join(f"  {fitted(c):>{s}}" for c, s in zip(cells, sizes, strict=True))
        return f"{first:<{left}}{told}".rstrip()

    for words in _stacked(heads, sizes):
        echo(line("", words), bold=True)
    for title, numbers, sentence in rows:
        first, *more = _wrapped(title, left) or [""]
        echo(line(first, numbers))
        for text in more:
            echo(f"  {text}")
        for text in _wrapped(sentence, room - len(below)) if sentence else []:
            echo(f"{below}{text}")


def _short(heads: Sequence[str], rows: Sequence[tuple[str, tuple[str, ...], str]]) -> list[str]:
    """Return the longest word of each heading: the others stand above or below it."""
    return [max(head.split(), key=len) for head in heads]


def _stacked(heads: Sequence[str], sizes: Sequence[int]) -> list[list[str]]:
    """Return headings over as many lines as they take, the last word on the last."""
    broken = [_wrapped(head, size) for head, size in zip(heads, sizes, strict=True)]
    most = max(map(len, broken))
    whole = [[""] * (most - len(lines)) + lines for lines in broken]
    return [list(words) for words in zip(*whole, strict=True)]


def _wrapped(text: str, size: int) -> list[str]:
    lines = textwrap.wrap(clean(text), max(size, 1), break_long_words=False, break_on_hyphens=False)
    return [fitted(line.replace(_JOINED, " ")) for line in lines]


def print_method(effects: Effects, scenario: str) -> None:
    """Print how well each effect is known: what pairing narrowed, and how many more draws it takes."""
    _heading(f"How well these effects are known: {scenario}")
    rows = []
    for question in effects.questions:
        effect = effects.effect(scenario, *question[:3])
        share = effect.relative
        rows.append(
            (
                _titled(question, effects),
                (
                    "–" if math.isnan(share) else _percent(share),
                    _times(effect.narrowed),
                    _more(effect.more_draws(effects.precision, absolute=effects.absolute)),
                ),
                "",
            )
        )
    _print_rows(["share", "pairing", "draws"], rows)
    echo()


# --------------------------------------------------------------------------------- parameters beside


def print_beside(effects: Effects, other: Effects, scenario: str) -> None:
    """Print the effects of one scenario with parameters of two sources."""
    from sscsim.choices import in_words

    _heading(f"{scenario} with {in_words(effects.source)}, and with {in_words(other.source)}")
    first, second = _source_name(effects.source), _source_name(other.source)
    rows = []
    for question in effects.questions:
        here, there = (one.effect(scenario, *question[:3]) for one in (effects, other))
        rows += [
            (
                _titled(question, effects),
                (first, *_effect(question, here), _narrower(here, there)),
                "",
            ),
            ("", (second, *_effect(question, there), ""), ""),
        ]
    _print_rows(["source", "effect", "90 % interval", "P(effect>0)", "width"], rows)
    say(f"width: that of the interval with {first} as a share of that with {second}.")
    echo()


def _source_name(source: str) -> str:
    from pathlib import Path

    return Path(source).name


def _narrower(here: PairedEffect, there: PairedEffect) -> str:
    wide = there.high - there.low
    return f"{100 * (here.high - here.low) / wide:.0f} %" if wide > 0.0 else "–"


# ------------------------------------------------------------------------------------------ variance


@dataclass(frozen=True)
class _Part:
    what: str
    share: float
    names: tuple[tuple[str, float], ...]


def print_uninformed(effects: Effects, scenario: str) -> None:
    """Print in one line how much of the effects on Goals rests on parameters that no figure of the report informs.

    Effects on Goals rest on what nothing has measured more than others do. Too few draws tell nothing of it.
    """
    from sscsim.experiments.identification import LEAST_DRAWS

    if not effects.drawn or effects.draws < LEAST_DRAWS:
        return
    parts = []
    for question in effects.questions:
        if question.indicator.startswith("goal"):
            found = effects.identify(scenario, *question[:3])
            most = [p for p in found.parameters if p.informed < p.share]
            named = tuple((p.name, p.share) for p in most)
            parts.append(_Part(effects.title(question), found.uninformed, named))
    if not parts:
        return
    shares = "; ".join(f"{part.what}: {100 * part.share:.0f} %" for part in parts)
    sizes: dict[str, float] = {}
    for part in parts:
        for name, share in part.names:
            sizes[name] = max(share, sizes.get(name, 0.0))
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST_SOURCES]
    listed = ", ".join(f"{name} {100 * sizes[name]:.0f} %" for name in largest)
    say(
        "Part of the variance from parameters that the report does not inform: "
        f"{shares}{f' (most: {listed})' if listed else ''}."
    )
    echo()


# ---------------------------------------------------------------------------------- gainers, losers


def print_gains(effects: Effects, scenario: str) -> None:
    """Print who gains and who loses, by name."""
    years = [one.year for one in effects.countries]
    if not years:
        say(
            "Who gains and who loses is known for 2030, the first and the last year: give it as --year."
        )
        echo()
        return
    most = MOST_NAMES if len(effects.scenarios) <= FEW_SCENARIOS else MOST_SOURCES
    group = whose(effects)
    for year in years:
        among = "" if group == "World" else f" in {group}"
        _heading(f"Who gains and who loses{among}: {scenario}, {year}")
        table = effects.by_country(scenario=scenario, year=year)
        for indicator, title in measures(effects).items():
            lines = table[table["indicator"] == indicator]
            inside = lines[lines["iso3"].isin(_members(effects, year, group))]
            gain, lose = (sum(map(is_named, inside[side])) for side in ("gains", "loses"))
            say(f"{title}: {_counted(gain, lose, len(inside))}.")
            for verb, of in (("gain", effects.gainers), ("lose", effects.worse_off)):
                found = of(indicator, scenario=scenario, year=year, group=group, most=most)
                names = ", ".join(_named(line) for line in _records(found))
                for text in (
                    _wrapped(f"{verb} most: {names}", min(width(), WIDTH) - 2) if names else []
                ):
                    echo(f"  {text}")
        echo()


def _counted(gain: int, lose: int, of: int) -> str:
    """Say how many countries gain and lose; where none does it is said, and none is named."""
    if not gain + lose:
        return f"none of {of} countries gains or loses noticeably"
    if not gain:
        return f"none of {of} countries gains noticeably, {lose} {_verb('lose', lose)}"
    return f"{gain} of {of} countries {_verb('gain', gain)} noticeably, {lose or 'none'} {_verb('lose', lose)}"


def _verb(verb: str, count: int) -> str:
    """Return the form of a verb that goes with a number; none takes that of one."""
    return verb if count > 1 else f"{verb}s"


def measures(effects: Effects) -> dict[str, str]:
    """Return by what gainers are named: real income and Goals, and what was asked for that single countries have."""
    from sscsim.experiments.questions import DEFAULT_QUESTIONS, indicator_title

    if not effects.countries:
        return {}
    kept = effects.countries[0].indicators
    usual = {name for name, _ in DEFAULT_QUESTIONS}
    asked = dict.fromkeys(q.indicator for q in effects.questions)
    if set(asked) >= usual or not any(name in kept for name in asked):
        return GAINS
    own = [name for name in asked if name in kept]
    return {name: GAINS.get(name, indicator_title(name)) for name in own[:MOST_SOURCES]}


def whose(effects: Effects) -> str:
    """Return among whom gainers are looked for: the one group that was asked for, or the world."""
    groups = {q.group for q in effects.questions}
    known = effects.countries[0].groups if effects.countries else {}
    several = [name for name in groups if name in known]
    return several[0] if len(several) == len(groups) == 1 else "World"


def _members(effects: Effects, year: int, group: str) -> set[str]:
    [one] = [c for c in effects.countries if c.year == year]
    return {code for code, inside in zip(one.iso3, one.groups[group], strict=True) if inside}


def _named(line: dict[str, Any]) -> str:
    """Write a country with its effect and interval."""
    from sscsim.experiments.gains import is_relative

    if is_relative(line["unit"]) and not math.isnan(line["relative"]):
        ends = [line[name] for name in ("relative", "relative_low", "relative_high")]
        unit, mark = "fraction", " %"
    else:
        ends = [line[name] for name in ("median", "low", "high")]
        unit, mark = line["unit"], {"fraction": " pp"}.get(line["unit"], "")
    median, low, high = ends
    middle, between = change(median, low, high, unit)
    half = is_named(line["chance"]) and not line["surely"]
    sure = f", {100 * line['chance']:.0f} % sure" if half else ""
    return f"{line['country']} {middle}{mark} ({between}{sure})"


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in line.items()} for line in table.to_dict("records")]


def print_by_country(effects: Effects, scenario: str) -> None:
    """Print the effects on every country of the group asked for, the largest gain first."""
    group = whose(effects)
    for one in effects.countries:
        _heading(f"{scenario} against {effects.reference}, country by country, {one.year}")
        for indicator, title in measures(effects).items():
            table = effects.by_country(indicator, scenario=scenario, year=one.year)
            table = table[table["iso3"].isin(_members(effects, one.year, group))]
            print_table(
                [title, "effect>", "90 % interval>", "share>", "P(effect > 0)>"],
                [
                    _country_row(line)
                    for line in _records(
                        table.sort_values("median", ascending=False, kind="stable")
                    )
                ],
                most=min(width(), WIDTH),
            )
            say(f"In {_unit_words(str(table['unit'].iloc[0]))}.")
            echo()


def _country_row(line: dict[str, Any]) -> tuple[str, ...]:
    ends = line["median"], line["low"], line["high"]
    middle, between = change(*ends, line["unit"], line["reference"])
    if between == "–":
        return str(line["country"]), middle, between, "–", "–"
    none = middle == NO_CHANGE or math.isnan(line["relative"])
    share = "–" if none else _percent(line["relative"])
    return str(line["country"]), middle, between, share, _chance(line["positive"])


def _unit_words(unit: str) -> str:
    return {"fraction": "percentage points", "0 to 100": "points of a hundred"}.get(unit, unit)


# ------------------------------------------------------------------------------------------- ranking


def print_ranking(effects: Effects) -> None:
    """Print who does best, number by number."""
    if len(effects.scenarios) < 2:
        return
    table = effects.ranking()
    _heading(
        f"Ranking by median effect{_when(effects)}; % of draws in which a scenario is the best"
    )
    rows = []
    for question in effects.questions:
        lines = table[(table[["indicator", "group", "year"]] == list(question[:3])).all(axis=1)]
        order = ", ".join(
            f"{name} {100 * best:.0f}"
            for name, best in zip(lines["scenario"], lines["best"], strict=True)
        )
        year = "" if _when(effects) else f", {question.year}"
        better = str(lines["better"].iloc[0])
        rows.append((f"{effects.title(question)}{year}", better, order))
    print_table(["", "better", "from best to worst"], rows, most=min(width(), WIDTH))
    echo()


# ---------------------------------------------------------------------------------------------- foot


def print_foot(effects: Effects, *, method: bool) -> None:
    """Say what the columns are and what the intervals hold and do not hold."""
    lines = [
        f"Intervals hold 90 % of {effects.draws} pairs: {effects.spread_from}.",
        "What is not known of parameters is not in them: --source posterior draws it too."
        if effects.seeds_only
        else "What neither varies, such as the form of the model and its data, is not in them.",
        "Goals are in points of a hundred, effects on shares in percentage points. Own progress: what "
        f"{effects.reference} itself brings. Noticeable: 0.1 points of a Goal, else 0.1 % of a country's own. "
        f"What is less than {LEAST_TOLD} is no change, unless it is noticeable.",
    ]
    if method:
        wanted = (
            f"{effects.precision:g} in the unit given"
            if effects.absolute
            else f"{100 * effects.precision:g} % of it"
        )
        lines += [
            f"share: effect over the level in {effects.reference}, draw by draw",
            "pairing: factor by which pairs narrowed the variance of the effect against runs drawn apart",
            f"draws: how many more it takes to know the median effect to {wanted} with 90 % confidence",
        ]
    if effects.left_out:
        lines.append(
            f"{effects.left_out} pairs are left out because a member failed: see `sscsim store ls --failed`."
        )
    for line in lines:
        say(line)
    tally = effects.tally
    echo(f"{tally.total} members: {tally.stored} were in the store, {tally.run} run now.")


def _when(effects: Effects) -> str:
    years = {q.year for q in effects.questions}
    return f", {min(years)}" if len(years) == 1 else ""


def _chance(positive: float) -> str:
    return "–" if math.isnan(positive) else f"{100 * positive:.0f} %"


def _percent(share: float) -> str:
    return f"{signed(share, 'fraction', known=True)} %"


def _times(factor: float) -> str:
    if math.isnan(factor):
        return "–"
    if factor >= 1e6:  # beyond it only rounding is left to compare with
        return ">×10⁶"
    return f"×{factor:,.0f}" if factor >= 10 else f"×{factor:.1f}"


def _more(draws: float) -> str:
    if math.isnan(draws):
        return "–"
    return "enough" if draws == 0 else f"+{draws:,.0f}"
