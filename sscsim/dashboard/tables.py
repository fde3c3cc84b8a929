"""Tables of the dashboard as HTML: the year's steps, what one of them changed, an agent."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from sscsim.dashboard.inspecting import Fact
from sscsim.dashboard.pictures import names_of
from sscsim.dashboard.running import Answer
from sscsim.dashboard.watching import TURN, Change, changes
from sscsim.dashboard.words import Words
from sscsim.steps.plan import PLAN

__all__ = ["STYLE", "agent_table", "changes_table", "plan_table", "table"]

STYLE = """
.ssc-table { border-collapse: collapse; font-size: 13px; width: 100%; }
.ssc-table th { text-align: left; font-weight: 600; border-bottom: 1px solid #8a8a8a; padding: 2px 8px 2px 0; }
.ssc-table td { padding: 2px 8px 2px 0; vertical-align: top; border-bottom: 1px solid #eeeeee; }
.ssc-table .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.ssc-table .off { color: #666666; }
.ssc-table thead th { position: sticky; top: 0; background: white; }
.ssc-scroll { overflow: auto; max-height: 420px; }
.ssc-page .v-card, .v-navigation-drawer .v-card { margin: 0; }
.ssc-page .v-card__title, .v-navigation-drawer .v-card__title { font-size: 1rem; padding: 8px 12px 0; }
.ssc-page .v-card__text, .v-navigation-drawer .v-card__text { padding: 4px 12px; }
.v-navigation-drawer .v-input--slider { margin-top: -6px; }
.v-navigation-drawer .v-input--slider .v-input__slot { margin-bottom: 0; }
.v-navigation-drawer .v-input--slider .v-messages { display: none; }
.v-navigation-drawer .v-input--slider .v-label { display: none; }
.v-navigation-drawer .v-input--checkbox { margin-top: 0; }
"""

LARGEST = 3
"""How many of a step's changes are told in the overview."""

MOST = 60
"""How many lines of what a step changed are shown."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Return a table; texts are made safe.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        Texts.
    numbers
        Places of columns that hold numbers.
    """

    def cells(texts: Sequence[str], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if i in numbers else ''}>{html.escape(text)}</{tag}>"
            for i, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return (
        f"<div class=ssc-scroll><table class=ssc-table><thead><tr>{cells(head, 'th')}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def plan_table(answer: Answer, year: int, words: Words, off: Sequence[str] = ()) -> str:
    """Return the steps of a year with how much each changed, and its largest changes."""
    rows = [(TURN, words("turn"))] + [(kind.name, words(f"step_{kind.name}")) for kind in PLAN]
    lines = []
    for number, (name, title) in enumerate(rows):
        found = changes(answer.history, year, name)
        if name in off:
            said = words("step_off")
        elif not found:
            said = words("nothing_changed")
        else:
            said = "; ".join(_in_short(one, words) for one in found[:LARGEST])
            if len(found) > LARGEST:
                said += f"; {words('and_more', n=len(found) - LARGEST)}"
        step = f"{number}. {name}: {title}" if number else title
        lines.append((step, str(len(found)) if name not in off else "", said))
    head = (words("step_of_year"), words("changed"), words("largest"))
    return table(head, lines, (1,))


def _in_short(change: Change, words: Words) -> str:
    description = change.variable.description
    if change.size == float("inf"):
        return f"{description} ({words.number(change.after)} {change.variable.unit})"
    return f"{description} (±{words.number(100 * change.size)} %)"


def changes_table(answer: Answer, year: int, step: str, words: Words) -> str:
    """Return what a step changed in a year, variable by variable, the largest change first."""
    names = names_of(words.language)
    lines = []
    for one in changes(answer.history, year, step)[:MOST]:
        far = ""
        if one.furthest is not None:
            place, by = one.furthest
            far = f"{names.get(place, place)} {words.number(by, signed=True)}"
        lines.append(
            (
                one.variable.description,
                one.variable.unit,
                words.number(one.before),
                words.number(one.after),
                f"{one.moved} / {one.places}",
                far,
            )
        )
    head = ("variable", "unit", "before", "after", "moved", "furthest")
    return table([words(key) for key in head], lines, (2, 3, 4))


def agent_table(found: Sequence[Fact], year: int, words: Words, *, compared: bool) -> str:
    """Return what is known of an agent: this year, last year, the baseline."""
    head = [words("variable"), words("unit"), str(year), str(year - 1)]
    lines = [
        [one.title, one.unit, words.number(one.value), words.number(one.before)]
        + ([words.number(one.base)] if compared else [])
        for one in found
    ]
    if compared:
        head.append(f"{words('baseline')} {year}")
    return table(head, lines, (2, 3, 4))
