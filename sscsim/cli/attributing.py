"""`sscsim why`: what an effect comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli import options
from sscsim.cli.ensembles import draws_of, how_run, member_options, watched
from sscsim.cli.main import examples
from sscsim.cli.printing import heading, print_table, say, say_notes, unit_of
from sscsim.cli.terminal import echo, echo_csv
from sscsim.errors import InputError
from sscsim.experiments.noticeable import LEAST_TOLD, MOST_DECIMALS, is_nought

if TYPE_CHECKING:
    import pandas as pd

    from sscsim.experiments.why import Chain, Channels, LeverShares, Worths
    from sscsim.experiments.why.asked import Number
    from sscsim.settings import RunSettings

__all__ = ["chain_links", "print_chains", "print_parts", "why"]

LEAST = 0.005
"""Parts below this share of an effect are told together."""

MORE_DECIMALS = 1
"""Digits of parts beyond those that a change has at most: they add up to it."""

SAME = 1e-9
"""Numbers below this are rounding."""

CHAINS = 3
"""Chains of a country that are printed: the Goals that moved most."""


@click.command(
    epilog=examples(
        "sscsim why baseline full-agenda",
        "sscsim why baseline triangular-scale-up --country Kenya",
        "sscsim why baseline full-agenda --levers --group LDC --indicator projects_received",
        "sscsim why baseline trade-integration --mechanisms --indicator gdp --group South",
        "sscsim why baseline --country Kenya --year 2018 --year 2030",
        "sscsim why baseline full-agenda --levers --csv > shares.csv",
    )
)
@click.argument("first", metavar="REFERENCE")
@click.argument("second", metavar="[SCENARIO]", required=False)
@click.option(
    "--channels",
    "way",
    flag_value="channels",
    default=True,
    help="By drivers that moved the Goals.  [default]",
)
@click.option("--levers", "way", flag_value="levers", help="By groups of levers: Shapley shares.")
@click.option(
    "--mechanisms",
    "way",
    flag_value="mechanisms",
    help="By mechanisms that are switched off, one at a time.",
)
@click.option(
    "--indicator",
    "indicators",
    multiple=True,
    metavar="NAME",
    help="Of what the effect is; several times.  [default: goal_index]",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME",
    help="For whom: a group, a list or a body; several times.  [default: South, LDC]",
)
@click.option(
    "--country",
    "countries",
    multiple=True,
    metavar="COUNTRY",
    help="The same for a country; also says in words how its Goals were moved.",
)
@click.option(
    "--year",
    "years",
    type=int,
    multiple=True,
    metavar="YEAR",
    help="When; several times.  [default: 2030]",
)
@click.option("--single", is_flag=True, help="--levers: each lever by itself, not by group.")
@click.option(
    "--pairs",
    type=click.IntRange(min=2, max=1000),
    metavar="N",
    help="--levers: pairs of orders drawn where there are more than six.  [default: 8]",
)
@click.option(
    "--mechanism",
    "mechanisms",
    multiple=True,
    metavar="NAME",
    help="--mechanisms: only this one; several times.",
)
@member_options(least_draws=2, draws="Draws of parameters and luck.  [default: 20; of a file all]")
@click.option(
    "--csv",
    "as_csv",
    type=click.Choice(["parts", "chains"]),
    is_flag=False,
    flag_value="parts",
    help="Print a table as CSV: parts (also without a word), or the links of chains.",
)
@options.quiet("Show no progress.")
@options.gathered
def why(
    settings: RunSettings,
    first: str,
    second: str | None,
    way: str,
    draws: int | None,
    countries: tuple[str, ...],
    groups: tuple[str, ...],
    as_csv: str | None,
    quiet: bool,
    **given: Any,
) -> None:
    """Say what effects of SCENARIO against REFERENCE come from.

    By drivers (Goals alone): what each moved since 2013 adds up to the effect; without SCENARIO, to
    the scores of a run. By levers: shares that add up, whatever the order in which levers are
    pulled. By mechanisms: what is left of an effect where others do not see one. Numbers are means
    over the draws of fair pairs. Names: `sscsim explain indicators`, `sscsim explain groups`.
    """
    from sscsim.experiments.why.asked import DRAWS

    _fit_together(way, second, countries, as_csv, given)
    how = how_run(settings, given)
    how["draws"] = draws_of(draws, how["source"], DRAWS)
    asked = {
        "indicators": given.pop("indicators") or ("goal_index",),
        "groups": (*groups, *countries),
        "years": given.pop("years"),
    }
    if not quiet:
        say_notes(settings.world())
    with watched(quiet, how["store"]) as note:
        how["progress"] = note
        found = None if as_csv == "chains" else _take_apart(way, first, second, asked | given, how)
        chains = (
            _chains(first, second, countries, asked, how)
            if second is not None and as_csv != "parts" and way == "channels"
            else []
        )
    if as_csv is not None:
        table = chain_links(chains) if found is None else found.table
        echo_csv(table.to_csv(index=False, lineterminator="\n"))
        return
    assert found is not None
    print_parts(found)
    print_chains(chains)
    print_foot(found)


def _fit_together(
    way: str,
    scenario: str | None,
    countries: Sequence[str],
    as_csv: str | None,
    given: dict[str, Any],
) -> None:
    """Raise for options of another way."""
    for option, value, its in (
        ("--single", given["single"], "levers"),
        ("--pairs", given["pairs"], "levers"),
        ("--mechanism", given["mechanisms"], "mechanisms"),
    ):
        if value and way != its:
            raise InputError("this option goes with another way", key=option, allowed=f"--{its}")
    if scenario is None and way != "channels":
        raise InputError(
            "levers and mechanisms are those of an effect: it takes a scenario beside the reference",
            key="SCENARIO",
        )
    if as_csv == "chains" and (not countries or scenario is None or way != "channels"):
        raise InputError(
            "chains are of the effect on a country",
            key="--csv",
            found="chains",
            allowed="with SCENARIO, --country and no other way",
        )


def _take_apart(
    way: str, reference: str, scenario: str | None, asked: dict[str, Any], how: dict[str, Any]
) -> Channels | LeverShares | Worths:
    from sscsim.experiments import why

    single, pairs, mechanisms = (asked.pop(n) for n in ("single", "pairs", "mechanisms"))
    if way == "channels" or scenario is None:
        return why.goal_channels(reference, scenario, **asked, **how)
    if way == "levers":
        more = {} if pairs is None else {"pairs": pairs}
        return why.lever_shares(
            reference, scenario, single=True if single else None, **more, **asked, **how
        )
    return why.mechanism_worths(reference, scenario, mechanisms=mechanisms, **asked, **how)


def _chains(
    reference: str,
    scenario: str,
    countries: Sequence[str],
    asked: dict[str, Any],
    how: dict[str, Any],
) -> list[Chain]:
    from sscsim.experiments.why import effect_chains
    from sscsim.experiments.why.asked import goal_of

    goals = [name for name in asked["indicators"] if goal_of(name) is not None]
    year = max(asked["years"], default=None)
    return [
        chain
        for country in countries
        for chain in effect_chains(
            reference, scenario, country, goals=goals, year=year, count=CHAINS, **how
        )
    ]


# ------------------------------------------------------------------------------------------- printing


def print_parts(found: Channels | LeverShares | Worths) -> None:
    """Print what each effect comes from."""
    from sscsim.experiments.why import Channels, LeverShares

    for place, one in enumerate(found.numbers):
        heading(_title(found, one))
        if isinstance(found, Channels):
            print_channels(found, place)
        elif isinstance(found, LeverShares):
            print_levers(found, place)
        else:
            print_mechanisms(found, place)
        echo()


def _title(found: Channels | LeverShares | Worths, one: Number) -> str:
    from sscsim.experiments.questions import indicator_title

    pair = f"{found.scenario} against {found.reference}" if found.scenario else found.reference
    return f"{pair}: {indicator_title(one.indicator)}, {one.title}, {one.year} ({_unit(one.unit)})"


def _unit(unit: str) -> str:
    return {"0 to 100": "points", "fraction": "percentage points"}.get(unit, unit)


def print_channels(found: Channels, place: int) -> None:
    """Print what each driver moved, the largest first, small ones together."""
    from sscsim.experiments.why.asked import spread
    from sscsim.experiments.why.channels import NOTHING, PARTS, TITLES

    effect = found.effects[place]
    whole = float(effect.sum(axis=0).mean())
    means = effect.mean(axis=1)
    there = [i for i in range(len(PARTS)) if abs(effect[i]).max() >= NOTHING]
    # Of a run where it began stands among the parts: what moved it since says how finely they are written.
    moved = None if found.scenario else float(means[1:].sum())
    write = _Figures(whole, "", moved)
    large = [
        i for i in there if abs(means[i]) >= LEAST * abs(whole) and not write.is_nought(means[i])
    ]
    small = [i for i in there if i not in large]
    if not found.scenario:  # where it began stands first
        large.sort(key=lambda i: (i > 0, -abs(means[i])))
    else:
        large.sort(key=lambda i: -abs(means[i]))
    lines = [(TITLES[PARTS[i]], effect[i]) for i in large]
    if small:
        names = ", ".join(TITLES[PARTS[i]] for i in small)
        lines.append((names if len(small) < 3 else "the other drivers", effect[small].sum(axis=0)))
    lines.append(("together", effect.sum(axis=0)))
    told = [(name, spread(values)) for name, values in lines]
    if _said_of_nothing(write, [line for _, line in told]):
        return
    what = "effect>" if found.scenario else "points>"
    rows = [write.row(name, line) for name, line in told]
    print_table(["moved by", what, "90 % interval>", "share>"], rows)


def print_levers(found: LeverShares, place: int) -> None:
    """Print the share of each group of levers."""
    unit = found.numbers[place].unit
    lines = _lines(found.table, place, len(found.levers) + 1)
    write = _Figures(lines[-1]["mean"], unit)
    if _said_of_nothing(write, lines):
        return
    rows = []
    for line in lines:
        last = line["levers_of"] == "together"
        row = write.row(line["levers_of"], line)
        error = () if found.exact else ("" if last else f"±{write.write(line['error'])}",)
        ends = ("", "") if last else (write.signed(line["alone"]), write.signed(line["last"]))
        rows.append((*row, *error, *ends))
    error = () if found.exact else ("error>",)
    print_table(
        ["levers of|", "adds>", "90 % interval>", "share>", *error, "alone>", "last>"], rows
    )


def print_mechanisms(found: Worths, place: int) -> None:
    """Print what each mechanism is worth, the largest first."""
    unit = found.numbers[place].unit
    *lines, direct, together = _lines(found.table, place, len(found.mechanisms) + 2)
    whole = together["mean"]
    write = _Figures(whole, unit)
    lines.sort(key=lambda line: -abs(line["mean"]))
    if _said_of_nothing(write, [*lines, direct, together]):
        return
    large = [
        line
        for line in lines
        if abs(line["mean"]) >= LEAST * abs(whole) and not write.is_nought(line["mean"])
    ]
    small = [line["mechanism"] for line in lines if line not in large]
    rows = [(*write.row(line["mechanism"], line), write.signed(line["without"])) for line in large]
    rows.append((*write.row("whole effect", together), ""))
    rows.append((*write.row("direct, all off", direct), ""))
    print_table(["mechanism|", "worth>", "90 % interval>", "share>", "effect without>"], rows)
    if small:
        say(f"Below {100 * LEAST:g} % each, or nought: {', '.join(small)}.")


def _said_of_nothing(write: _Figures, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Say that there is nothing to take apart, if so: shares of what is rounding, or no change, tell nothing."""
    ends = [line[key] for line in lines for key in ("mean", "low", "high")]
    if all(abs(end) < SAME for end in ends):
        say("No effect: the same in every pair.")
        return True
    if all(is_nought(write.scale * end) for end in ends):
        say(f"No change: all parts are less than {LEAST_TOLD} either way in nine draws of ten.")
        return True
    return False


def _lines(table: pd.DataFrame, place: int, each: int) -> list[dict[str, Any]]:
    """Return the lines of a table that are of one number."""
    lines: list[dict[str, Any]] = [
        {str(name): value for name, value in line.items()} for line in table.to_dict("records")
    ]
    return lines[place * each : (place + 1) * each]


@dataclass(frozen=True)
class _Figures:
    """Writes the numbers of a table, all to the decimal at which the whole has three digits."""

    whole: float
    unit: str
    beside: float | None = None
    """What sets the decimals instead of the whole."""

    @property
    def scale(self) -> float:
        """What numbers are multiplied by: fractions are written as per cent."""
        return 100.0 if unit_of(self.unit) == "%" else 1.0

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        size = abs(self.scale * (self.whole if self.beside is None else self.beside))
        most = MOST_DECIMALS + MORE_DECIMALS
        return min(max(2 - math.floor(math.log10(size)), 0), most) if size else 2

    def is_nought(self, value: float) -> bool:
        """Return whether a number is written as nought."""
        return is_nought(self.scale * value, self.decimals)

    def write(self, value: float, *, known: bool = False) -> str:
        """Return a number, fractions as per cent; one whose sign is known is not nought."""
        minus = "−" if value < 0 else ""
        if self.is_nought(value):
            least = f"<{10.0**-self.decimals:.{self.decimals}f}"
            return f"{minus}{least}" if known and value != 0.0 else "0"
        return f"{minus}{abs(self.scale * value):,.{self.decimals}f}"

    def signed(self, value: float, *, known: bool = False) -> str:
        """Return a change with its sign."""
        text = self.write(value, known=known)
        return text if text == "0" or value < 0 else f"+{text}"

    def row(self, name: str, line: Mapping[str, Any]) -> tuple[str, ...]:
        """Return mean, interval and share of the whole of one part."""
        whole = 0.0 if is_nought(self.scale * self.whole) else self.whole
        share = f"{100 * line['mean'] / whole:.1f} %" if whole else "–"
        known = line["low"] > 0.0 or line["high"] < 0.0
        ends = (self.write(line[key], known=known) for key in ("low", "high"))
        return (
            name,
            self.signed(line["mean"], known=known),
            " … ".join(ends),
            share.replace("-", "−").replace("−0.0 %", "0.0 %"),
        )


def print_chains(chains: Sequence[Chain]) -> None:
    """Print how the Goals of countries were moved, link by link."""
    from sscsim.experiments.why import sentence
    from sscsim.experiments.why.channels import TITLES

    for country in dict.fromkeys(chain.title for chain in chains):
        mine = [chain for chain in chains if chain.title == country]
        heading(f"{country}, from {mine[0].since} to {mine[0].year}, the largest way to each Goal")
        for chain in mine:
            part = f"{TITLES[chain.driver]}, {100 * chain.share:.0f} % of the effect"
            say(f"{sentence(chain)} (by {part})")
        echo()


def chain_links(chains: Sequence[Chain]) -> pd.DataFrame:
    """Return the links of chains, a line each."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "country": chain.country,
                "goal": chain.goal,
                "since": chain.since,
                "year": chain.year,
                "driver": chain.driver,
                "share": chain.share,
                "place": place,
                **vars(link),
            }
            for chain in chains
            for place, link in enumerate(chain.links, start=1)
        ]
    )


def print_foot(found: Channels | LeverShares | Worths) -> None:
    """Say what the columns are."""
    from sscsim.choices import in_words
    from sscsim.experiments.why import Channels, LeverShares

    say(
        f"Means over {found.draws} draws, which add up, and the interval that holds 90 % of them: "
        f"{in_words(found.source)}."
    )
    if isinstance(found, Channels):
        return
    if isinstance(found, LeverShares):
        many = "every order in which groups may join"
        if not found.exact:
            many = f"{found.orders} orders; error: standard error of the mean from them"
        say(
            f"adds: mean over {many} · alone: without the other groups · last: on top of all others"
        )
        return
    say(
        "worth: the effect less the effect without it; what two do in one line is in both, so they do not add up · "
        "direct: what levers move where they act"
    )
