"""`sscsim scenario`: list, show, compare and validate scenario files."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import TYPE_CHECKING, Any

import click

from sscsim.cli.main import LazyGroup, examples
from sscsim.cli.printing import WIDTH, fields, heading, print_table, width
from sscsim.cli.terminal import echo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sscsim.policy import Lever, Scenario
    from sscsim.policy.paths import LeverPaths
    from sscsim.policy.scenario import Expectation, Setting, Where
    from sscsim.world.tables import World

__all__ = ["differences", "scenario"]


@click.group(
    cls=LazyGroup,
    epilog=examples(
        "sscsim scenario list",
        "sscsim scenario levers",
        "sscsim scenario diff baseline trade-integration",
        "sscsim scenario validate mine.yaml",
    ),
)
def scenario() -> None:
    """List, show, compare and validate scenarios.

    SCENARIO is a name that ships with sscsim or the path of a YAML file of your own.
    """


@scenario.command("list")
def list_() -> None:
    """Print the scenarios that ship, and those of your own in this folder and in its folder scenarios."""
    from sscsim.policy import list_scenarios, load_scenario
    from sscsim.policy.scenario import own_scenarios

    rows = []
    own = own_scenarios()
    for name in [*list_scenarios(), *(f"./{path}" for path in own.values())]:
        one = load_scenario(name)
        first, *others = [one.title[language] for language in ("en", "zh") if language in one.title]
        rows.append((name, first, _marks(one.paragraphs)))
        rows += [("", title, "") for title in others]  # a cell is one text: a line of its own
    print_table(["scenario|", "title", "¶"], rows)


@scenario.command(
    "new",
    epilog=examples(
        "sscsim scenario new more-triangular --lever partner_budget",
        "sscsim scenario new mine --extends full-agenda --lever trade_cost --lever aid_volume",
    ),
)
@click.argument("name", metavar="NAME")
@click.option(
    "--extends",
    metavar="SCENARIO",
    default="baseline",
    show_default=True,
    help="What it differs from.",
)
@click.option(
    "--lever",
    "names",
    metavar="LEVER",
    multiple=True,
    help="A lever to begin with; may be repeated.",
)
def new(name: str, extends: str, names: tuple[str, ...]) -> None:
    """Write the scenario file NAME.yaml into this folder, to be filled in.

    It is found by its name from this folder, and does nothing before a number is changed: levers stand at their
    defaults, with unit, bounds and source beside them. A file that is there is left alone.
    """
    from pathlib import Path

    from sscsim.errors import OutputError, in_words
    from sscsim.policy import load_scenario
    from sscsim.policy.drafts import scenario_draft

    load_scenario(extends)
    path = Path(f"{name}.yaml")
    text = scenario_draft(name, extends, names)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as failure:
        raise OutputError(f"{path}: {in_words(failure)}") from None
    echo(
        f"Wrote {path}. Set the numbers, then:",
        f"  sscsim scenario validate {path}",
        f"  sscsim compare {extends} {name}",
    )


@scenario.command("levers", epilog=examples("sscsim scenario levers", "sscsim explain trade_cost"))
def levers() -> None:
    """Print what a scenario can move: meaning, for whom, unit, default, bounds, paragraph.

    `sscsim explain LEVER` says more of one, and where its bounds come from.
    """
    import textwrap

    from sscsim.policy import lever_table

    table = lever_table()
    wide = max(map(len, table)) + 2
    room = min(width(), WIDTH)
    for name, lever in table.items():
        low, high = lever.bounds
        whom = {"world": "the world"}.get(lever.scope, f"a {lever.scope}")
        facts = f"{lever.default:g} ({low:g} to {high:g}) {lever.unit}, for {whom}, ¶{_marks(lever.paragraph)}"
        for i, line in enumerate(textwrap.wrap(facts, room - wide, break_on_hyphens=False)):
            echo(f"{'' if i else name:<{wide}}{line}")
        for line in textwrap.wrap(lever.description, room - 4, break_on_hyphens=False):
            echo(f"    {line}")


@scenario.command("show")
@click.argument("scenario_name", metavar="SCENARIO")
def show(scenario_name: str) -> None:
    """Print what SCENARIO sets, with everything it inherits."""
    from sscsim.policy import lever_table, load_scenario

    one = load_scenario(scenario_name)
    heading(f"{one.name} – {' / '.join(one.title.values())}")
    fields(
        [
            ("meaning", " ".join(one.description.split())),
            ("inherits", " → ".join(one.lineage)),
            ("report", _marks(one.paragraphs)),
            ("sizes", " ".join(one.source.split())),
            *(("expected", _expected(each)) for each in one.expects),
        ]
    )
    rows = [
        (name, _when(setting), _what(setting), lever_table()[name].unit, _whom(setting.where))
        for name, settings in one.levers.items()
        for setting in settings
    ]
    if rows:
        echo()
        print_table(["lever|", "years|", "value>", "unit", "for"], rows)
    if one.parameters:
        from sscsim.parameters import default_parameters

        echo()
        parameters = default_parameters()
        print_table(
            ["parameter|", "value>", "default>", "unit"],
            [
                (
                    name,
                    f"{value:g}",
                    f"{parameters[name]:g}",
                    parameters.definition(name).entry.unit,
                )
                for name, value in one.parameters.items()
            ],
        )
    if not rows and not one.parameters:
        echo("", "No lever is moved and no parameter changed.")


@scenario.command("diff", epilog=examples("sscsim scenario diff baseline trade-integration"))
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
def diff(a: str, b: str) -> None:
    """Print every difference in effect between scenarios A and B, year by year, with its paragraph.

    What two files say in different words and comes to the same is no difference. Years in a row
    with the same difference share a line.
    """
    from sscsim.policy import load_scenario

    first, second = load_scenario(a), load_scenario(b)
    rows = list(differences(first, second))
    if not rows:
        echo(f"{first.name} and {second.name} come to the same.")
        return
    heading(f"A {first.name}, B {second.name}")
    print_table(["what|", "years|", "for", "A>", "B>", "unit", "¶|"], rows)


@scenario.command("validate", epilog=examples("sscsim scenario validate scenarios/mine.yaml"))
@click.argument("file", metavar="FILE")
def validate(file: str) -> None:
    """Check a scenario FILE: keys, levers, bounds, years, groups, parameters, inheritance.

    A mistake is named with file, line, key and the nearest valid name, and the exit code is 2.
    """
    from sscsim.parameters import default_parameters
    from sscsim.policy import load_scenario
    from sscsim.policy.paths import LeverPaths
    from sscsim.world.loading import load_world

    one = load_scenario(file)
    default_parameters().replace(one.parameters, source=file)
    LeverPaths(one, load_world())
    echo(
        f"{file}: valid; {_count(one.levers, 'lever')} moved, "
        f"{_count(one.parameters, 'parameter')} changed, "
        f"inherits {' → '.join(one.lineage)}"
    )


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")


# -------------------------------------------------------------------------------------- differences


def differences(first: Scenario, second: Scenario) -> Iterator[tuple[str, ...]]:
    """Yield every effective difference: name, years, for whom, value in each, unit, paragraph."""
    from sscsim.names import FIRST_YEAR, LAST_YEAR
    from sscsim.parameters import default_parameters
    from sscsim.policy import lever_table
    from sscsim.policy.paths import LeverPaths
    from sscsim.world.loading import load_world

    world = load_world()
    paths = LeverPaths(first, world), LeverPaths(second, world)
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    for name, lever in lever_table().items():
        if name not in first.levers and name not in second.levers:
            continue
        labels = _labels(name, first, second, world)
        blocks: list[tuple[int, int, list[tuple[str, float, float]]]] = []
        for year in years:
            found = _year(lever, name, paths, year, labels, world)
            if blocks and blocks[-1][1] == year - 1 and blocks[-1][2] == found:
                blocks[-1] = (blocks[-1][0], year, found)
            else:
                blocks.append((year, year, found))
        for begin, end, found in blocks:
            when = str(begin) if begin == end else f"{begin}–{end}"
            for whom, one, other in found:
                yield (
                    name,
                    when,
                    whom,
                    f"{one:.4g}",
                    f"{other:.4g}",
                    lever.unit,
                    _marks(lever.paragraph),
                )
    parameters = default_parameters()
    before = parameters.replace(first.parameters, source=first.name)
    after = parameters.replace(second.parameters, source=second.name)
    for name in before:
        if before[name] != after[name]:
            entry = parameters.definition(name).entry
            paragraph = [entry.paragraph] if isinstance(entry.paragraph, int) else entry.paragraph
            yield (
                name,
                f"{FIRST_YEAR}–{LAST_YEAR}",
                "all",
                f"{before[name]:.6g}",
                f"{after[name]:.6g}",
                entry.unit,
                _marks(paragraph or ()),
            )


def _year(
    lever: Lever,
    name: str,
    paths: tuple[LeverPaths, LeverPaths],
    year: int,
    labels: list[tuple[str, NDArray[np.bool_]]],
    world: World,
) -> list[tuple[str, float, float]]:
    """Return for whom a lever differs in a year, and its two values there."""
    import numpy as np

    values = [path.value(name, year) for path in paths]
    shape = next((v.shape for v in values if v is not None), None)
    if shape is None:
        return []
    one, other = (np.full(shape, lever.default) if v is None else v for v in values)
    differs = one != other
    if lever.scope == "pair":
        differs = differs & ~np.eye(shape[0], dtype=bool)  # nobody trades with itself
    pairs = sorted(set(zip(one[differs].tolist(), other[differs].tolist(), strict=True)))
    return [
        (
            _name_places(lever, differs & (one == x) & (other == y), labels, world, paths[0].banks),
            x,
            y,
        )
        for x, y in pairs
    ]


def _labels(
    name: str, first: Scenario, second: Scenario, world: World
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return the places that the scenarios' settings name: differences are told in their words."""
    from dataclasses import replace

    from sscsim.names import FIRST_YEAR
    from sscsim.policy import lever_table
    from sscsim.policy.paths import LeverPaths
    from sscsim.policy.scenario import Setting

    default = lever_table()[name].default
    result = []
    for one in (first, second):
        for setting in one.levers.get(name, ()):
            if setting.where is None:
                continue
            # A setting reaches whomever any value other than the default would mark.
            mark = Setting.model_validate({"value": default + 1.0, "where": setting.where})
            values = LeverPaths(replace(one, levers={name: (mark,)}), world).value(name, FIRST_YEAR)
            assert values is not None
            result.append((_whom(setting.where), values != default))
    return result


def _name_places(
    lever: Lever,
    places: NDArray[np.bool_],
    labels: list[tuple[str, NDArray[np.bool_]]],
    world: World,
    banks: tuple[str, ...],
) -> str:
    """Return whom an array of true and false marks, in as few words as there are."""
    import numpy as np

    real: NDArray[np.bool_] = np.ones(places.shape, dtype=np.bool_)
    if lever.scope == "pair":
        real = ~np.eye(len(world.iso3), dtype=bool)
    if bool((places | ~real).all()):
        return "all"
    for label, mask in labels:
        if bool((places == (mask & real)).all()):
            return label
    if lever.scope == "pair":
        return f"{int(places.sum()):,} pairs of countries"
    if lever.scope == "bank":
        names, noun = banks, "banks"
    else:
        names, noun = world.iso3, "countries"
    codes = [names[i] for i in np.flatnonzero(places)]
    shown = ", ".join(codes[:6])
    return shown if len(codes) <= 6 else f"{len(codes)} {noun}: {shown}, …"


# -------------------------------------------------------------------------------------------- words


def _marks(paragraphs: Any) -> str:
    return ", ".join(str(p) for p in paragraphs)


def _expected(one: Expectation) -> str:
    reason = " ".join(one.because.split())
    return f"{one.indicator} of {one.group} in {one.year} goes {one.moves}: {reason}"


def _whom(where: Where | None) -> str:
    if where is None:
        return "all"
    parts = []
    if where.group:
        parts.append(where.group)
    if where.countries:
        parts.append(", ".join(where.countries))
    if where.agreement:
        parts.append(f"agreement {where.agreement}")
    if where.bank:
        parts.append(where.bank)
    if where.origin:
        parts.append(f"from {where.origin}")
    if where.destination:
        parts.append(f"to {where.destination}")
    return "; ".join(parts)


def _when(setting: Setting) -> str:
    from sscsim.names import FIRST_YEAR, LAST_YEAR

    if setting.table is not None:
        return ", ".join(str(year) for year in sorted(setting.table))
    if setting.ramp is not None:
        return f"{setting.first}–{setting.last}, then held"
    return f"{setting.first or FIRST_YEAR}–{setting.last or LAST_YEAR}"


def _what(setting: Setting) -> str:
    if setting.table is not None:
        return ", ".join(f"{setting.table[year]:g}" for year in sorted(setting.table))
    if setting.ramp is not None:
        return f"{setting.ramp[0]:g} → {setting.ramp[1]:g}"
    return f"{setting.value:g}"
