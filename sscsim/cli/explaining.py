"""`sscsim explain` and `sscsim plan`: what every name means, from the tables of the model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from sscsim.cli import options
from sscsim.cli.main import examples
from sscsim.cli.plugins import called, each_installed, indicators_of, parameters_of, steps_with
from sscsim.cli.printing import fields, heading, number, print_table, say, unit_of
from sscsim.cli.terminal import echo
from sscsim.errors import InputError, nearest, unknown

if TYPE_CHECKING:
    from sscsim.added import Added
    from sscsim.calibration import Target
    from sscsim.parameters import Parameters, Prior
    from sscsim.parameters.table import Definition

__all__ = ["explain", "plan"]

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Named:
    """Something that has a name: what it is, one line on it, and all that is known."""

    kind: str
    name: str
    brief: str
    unit: str
    details: Callable[[], Fields]


# -------------------------------------------------------------------------------------------- kinds


def _parameters() -> Iterator[Named]:
    seen: dict[str, list[Definition]] = {}
    of_plugins = {d.name: one.name for one, _ in each_installed() for d in parameters_of(one)}
    for definition in _known_parameters().definitions():
        seen.setdefault(definition.name.partition(".")[0], []).append(definition)
    for name, definitions in seen.items():
        entry = definitions[0].entry
        plugin = of_plugins.get(definitions[0].name, "")
        told = f"{entry.description} [plug-in {plugin}]" if plugin else entry.description
        yield Named("parameter", name, told, entry.unit, _parameter(name, definitions, plugin))
        if len(definitions) > 1:
            for one in definitions:
                yield Named(
                    "parameter", one.name, f"{entry.description} (Goal {one.goal})", entry.unit,
                    _parameter(one.name, [one]),
                )  # fmt: skip


def _known_parameters() -> Parameters:
    """Return the parameters of the model and of installed plug-ins that work."""
    from sscsim.parameters import default_parameters
    from sscsim.plugins import with_parameters

    return with_parameters(default_parameters(), [one for one, _ in each_installed()])


def _parameter(name: str, definitions: list[Definition], plugin: str = "") -> Callable[[], Fields]:
    def details() -> Fields:
        first = definitions[0]
        entry = first.entry
        low, high = first.bounds
        lines: Fields = [
            ("symbol", entry.symbol),
            ("meaning", entry.description),
            ("submodel", first.submodel),
            ("unit", entry.unit),
        ]
        if len(definitions) == 1:
            lines += [
                ("value", f"{first.default:g}"),
                ("bounds", f"{low:g} to {high:g}"),
                ("prior", _prior(entry.prior, first.goal)),
                ("source", first.source),
            ]
        else:
            lines += [
                ("value", ", ".join(f"Goal {d.goal}: {d.default:g}" for d in definitions)),
                ("bounds", f"{low:g} to {high:g}"),
                ("prior", f"{entry.prior.distribution}, Goal by Goal: see {name}.1 to {name}.17"),
                ("source", "; ".join(dict.fromkeys(d.source for d in definitions))),
            ]
        return [
            *lines,
            ("report", _paragraphs(entry.paragraph)),
            ("plug-in", plugin),
            ("change it", f"sscsim run{plugin and ' --plugin '}{plugin} --set {name}=VALUE"),
        ]

    return details


def _prior(prior: Prior, goal: int | None) -> str:
    if prior.distribution == "fixed":
        return "fixed: never drawn"
    numbers = []
    for field in ("mean", "sd", "median", "sigma", "low", "high"):
        value = getattr(prior, field)
        if value is not None:
            one = value[goal or 1] if isinstance(value, dict) else value
            numbers.append(f"{field} {one:g}")
    return f"{prior.distribution} ({', '.join(numbers)}), truncated to the bounds"


def _levers() -> Iterator[Named]:
    from sscsim.policy import lever_table

    for name, lever in lever_table().items():
        low, high = lever.bounds
        given = {
            "country": "each country",
            "pair": "each ordered pair of countries",
            "world": "the world",
            "bank": "each development bank",
        }[lever.scope]
        lines = [
            ("meaning", lever.description),
            ("group", lever.group),
            ("given for", given),
            ("unit", lever.unit),
            ("default", f"{lever.default:g}, which leaves the baseline as it is"),
            ("bounds", f"{low:g} to {high:g}"),
            ("moves", f"the state variable {lever.moves}"),
            ("source", lever.source),
            ("report", _paragraphs(lever.paragraph)),
            ("change it", f"in a scenario file: levers: {{{name}: {{from: 2019, value: …}}}}"),
        ]
        yield Named("lever", name, lever.description, lever.unit, lambda lines=lines: lines)  # type: ignore[misc]


def _indicators() -> Iterator[Named]:
    from sscsim.outcomes.indicators import indicator_table

    every = [(name, one, "") for name, one in indicator_table().indicators.items()]
    every += [
        (name, one, plugin.name)
        for plugin, _ in each_installed()
        for name, one in indicators_of(plugin).items()
    ]
    for name, indicator, of in every:
        given = ", ".join(indicator.groups)
        if indicator.between:
            given = "ordered pairs A → B of " + "; of ".join(
                ", ".join(names) for names in indicator.between
            )
        if indicator.formula is not None and indicator.formula.kind == "places":
            given = f"World, and each {indicator.formula.along} by its code"
        lines = [
            ("title", indicator.title),
            ("meaning", indicator.description),
            ("unit", indicator.unit),
            ("given for", given),
            ("computed as", indicator.how if indicator.formula else ""),
            ("always", indicator.law.text if indicator.law.text != "any" else ""),
            ("plug-in", of and f"{of}; in runs with --plugin {of} only"),
            ("see it", f"sscsim show RUN --indicator {name}"),
        ]
        title = f"{indicator.title} [plug-in {of}]" if of else indicator.title
        yield Named("indicator", name, title, indicator.unit, lambda lines=lines: lines)  # type: ignore[misc]


def _groups() -> Iterator[Named]:
    from sscsim.outcomes.indicators import indicator_table

    for name, group in indicator_table().groups.items():
        yield Named("group", name, group.title, "countries", _group(name, group.title))
    from sscsim.world.loading import load_world

    for name in load_world().groups():
        yield Named(
            "list of countries", name, f"list {name} of the world's data", "countries", _list(name)
        )


def _group(name: str, title: str) -> Callable[[], Fields]:
    def details() -> Fields:
        from sscsim.outcomes.indicators import group_members
        from sscsim.world.loading import load_world

        world = load_world()
        members = group_members(world)[name]
        codes = [iso3 for iso3, inside in zip(world.iso3, members, strict=True) if inside]
        return [
            ("title", title),
            (
                "used in",
                f'indicators, figures, targets, scenario files, as where: {{group: "{name}"}}, and '
                f'sscsim compare --group "{name}"',
            ),
            ("members", f"{len(codes)} countries: {', '.join(codes)}"),
        ]

    return details


def _list(name: str) -> Callable[[], Fields]:
    def details() -> Fields:
        from sscsim.world.loading import load_world

        world = load_world()
        members = world.membership(name)
        codes = [iso3 for iso3, inside in zip(world.iso3, members, strict=True) if inside]
        return [
            (
                "used in",
                f"scenario files, as where: {{group: {name}}}, and sscsim compare --group {name}",
            ),
            ("members", f"{len(codes)} countries in 2018: {', '.join(codes)}"),
        ]

    return details


def _countries() -> Iterator[Named]:
    from sscsim.world.loading import load_world

    world = load_world()
    for code, name in zip(world.iso3, world.attributes["name"].tolist(), strict=True):
        yield Named("country", code, name, "", _country(code, name))


def _country(code: str, name: str) -> Callable[[], Fields]:
    def details() -> Fields:
        from sscsim.world.loading import load_world
        from sscsim.world.sources import memberships_of

        world = load_world()
        at = world.position(code)
        row = {name: values[at] for name, values in world.attributes.items()}
        return [
            ("name", name),
            ("region", f"{row['report_region']}; {row['subregion']}"),
            ("income group", str(row["income_group"])),
            ("lists", ", ".join(memberships_of(world, code))),
            ("figures", f"sscsim data show {code}"),
            ("in a run", f"sscsim show RUN --country {code}"),
            ("in a comparison", f"sscsim compare baseline SCENARIO --country {code}"),
        ]

    return details


def _variables() -> Iterator[Named]:
    from sscsim.steps.plan import variables

    every = [(one, "") for one in variables()]
    for plugin, there in each_installed():
        every += [(one, plugin.name) for one in there.variables[len(variables()) :]]
    for variable, of in every:
        lines = [
            ("meaning", variable.description),
            ("unit", variable.unit),
            ("axes", " × ".join(variable.axes)),
            ("plug-in", of and f"{of}; in runs with --plugin {of} only"),
            ("in Python", f"model.state.{variable.name}"),
        ]
        told = f"{variable.description} [plug-in {of}]" if of else variable.description
        yield Named(
            "state variable", variable.name, told, variable.unit,
            lambda lines=lines: lines,  # type: ignore[misc]
        )  # fmt: skip


def _steps() -> Iterator[Named]:
    from sscsim.steps.plan import PLAN

    every = [(i, step, PLAN, "") for i, step in enumerate(PLAN, 1)]
    for plugin, there in each_installed():
        every += [
            (i, step, there.year, called(plugin))
            for i, step in enumerate(there.year, 1)
            if there.origin(step)
        ]
    for i, step, year, of in every:
        lines = [
            ("place", f"step {i} of {len(year)} of a year"),
            ("meaning", step.title),
            ("reads", ", ".join(step.all_reads()) or "–"),
            ("writes", ", ".join(step.all_writes()) or "–"),
            ("note", step.note),
            ("comes with", of and f"{of}, in runs that name it only"),
            ("leave it out", f"sscsim run --off {step.name}"),
        ]
        title = f"{step.title} [{of}]" if of else step.title
        yield Named("step", step.name, title, "", lambda lines=lines: lines)  # type: ignore[misc]


def _scenarios() -> Iterator[Named]:
    from sscsim.policy import list_scenarios, load_scenario

    for name in list_scenarios():
        scenario = load_scenario(name)
        lines = [
            ("title", " / ".join(scenario.title.values())),
            ("meaning", " ".join(scenario.description.split())),
            ("inherits", " → ".join(scenario.lineage)),
            ("levers", ", ".join(scenario.levers) or "none moved"),
            ("report", _paragraphs(list(scenario.paragraphs))),
            ("run it", f"sscsim run {name}"),
        ]
        yield Named("scenario", name, scenario.title.get("en", name), "", lambda lines=lines: lines)  # type: ignore[misc]


def _targets() -> Iterator[Named]:
    from sscsim.calibration import load_targets

    for target in load_targets():
        lines: Fields = [
            ("meaning", target.title),
            ("report", f"{target.paragraphs}: {target.stated}"),
            ("unit", target.unit),
            ("role", target.role),
            ("tolerance", target.tolerance),
            ("simulated", "yes" if target.simulated else target.status or "no: kept as context"),
        ]
        for name, reading in target.readings.items():
            fitted = " (fitted)" if name == target.fitted else ""
            lines.append((f"reading {name}{fitted}", f"{reading.text} – {reading.source}"))
        lines += [("why", target.why or ""), ("note", " ".join(target.note.split()))]
        told = partial(_with_expected, target, lines)
        yield Named("target", target.id, target.title, target.unit, told)


def _with_expected(target: Target, lines: Fields) -> Fields:
    """Return what is told of a row, with what single runs of the posterior show of it."""
    from sscsim.calibration.observing import checks_of
    from sscsim.calibration.predictive import load_predictive

    predictive = load_predictive()
    if predictive is None:
        return lines
    more = []
    for item in checks_of([target]):
        one = predictive.of(item)
        if one is not None:
            part = f" [{item.check.part}]" if item.check.part else ""
            low, high = number(one.low, item.unit), number(one.high, item.unit)
            place = (
                "" if math.isnan(one.pit) else f"; {100 * one.pit:.0f} % show less than the report"
            )
            text = (
                f"90 % show {low} to {high} {unit_of(item.unit)}, {100 * one.inside:.0f} % lie within "
                f"the tolerance{place}"
            )
            more.append((f"runs of the posterior{part}", text))
    return lines + more


def _country_codes() -> Iterable[str]:
    from sscsim.world.loading import country_names

    return country_names()


def _group_names() -> Iterable[str]:
    from sscsim.outcomes.indicators import indicator_table
    from sscsim.world.loading import list_names

    return (*indicator_table().groups, *list_names())


def _scenario_names() -> Iterable[str]:
    from sscsim.policy import list_scenarios

    return list_scenarios()


@dataclass(frozen=True)
class Kind:
    """A kind of names: all that is known of each, and the names alone where they are known faster."""

    items: Callable[[], Iterator[Named]]
    fast: Callable[[], Iterable[str]] | None = None

    def names(self) -> tuple[str, ...]:
        """Return the names of this kind."""
        return tuple(self.fast() if self.fast else (item.name for item in self.items()))


KINDS = {
    "parameters": Kind(_parameters),
    "levers": Kind(_levers),
    "indicators": Kind(_indicators),
    "groups": Kind(_groups, _group_names),
    "countries": Kind(_countries, _country_codes),
    "variables": Kind(_variables),
    "steps": Kind(_steps),
    "scenarios": Kind(_scenarios, _scenario_names),
    "targets": Kind(_targets),
}
"""What can be listed, in the order in which a name is looked for."""


def _find(name: str) -> list[Named]:
    """Return all that has a name, or the same in other letters, or the country that is meant.

    Raises
    ------
    InputError
        Where there is none, with the nearest name.
    """
    names = {kind: KINDS[kind].names() for kind in KINDS}
    every = [known for kind in KINDS for known in names[kind]]
    fold = name.casefold()
    meant = {name} & set(every) or {known for known in every if known.casefold() == fold}
    if not meant and (code := _code(name)) is not None:
        meant = {code}
    if not meant:
        # Codes are no words: any short word is like one of them.
        words = [known for kind in KINDS if kind != "countries" for known in names[kind]]
        raise InputError(
            "nothing has this name",
            found=name,
            allowed="a name that is listed by sscsim explain " + " | ".join(KINDS),
            suggestion=nearest(name, [*words, *KINDS]),
        )
    return [
        item
        for kind in KINDS
        if meant & set(names[kind])
        for item in KINDS[kind].items()
        if item.name in meant
    ]


def _paragraphs(paragraph: int | list[int] | None) -> str:
    if not paragraph:
        return ""
    numbers = [paragraph] if isinstance(paragraph, int) else paragraph
    return "¶" + ", ".join(str(n) for n in numbers)


# ----------------------------------------------------------------------------------------- commands


def _print_paragraph(number: int) -> None:
    """Print what of the model rests on a paragraph of the report.

    Raises
    ------
    InputError
        For a number that no paragraph has.
    """
    from sscsim.calibration import load_targets
    from sscsim.parameters import default_parameters
    from sscsim.policy import lever_table, list_scenarios, load_scenario
    from sscsim.policy.scenario import LAST_PARAGRAPH

    if not 1 <= number <= LAST_PARAGRAPH:
        raise InputError(
            "the report has no paragraph of this number",
            found=number,
            allowed=f"1 to {LAST_PARAGRAPH}",
        )

    def cites(paragraph: int | Sequence[int] | None) -> bool:
        return number == paragraph if isinstance(paragraph, int) else number in (paragraph or ())

    heading(f"¶{number} – paragraph of the report of the Secretary-General, A/73/383")
    figures = [(t.id, f"{t.title}: {t.stated}") for t in load_targets() if cites(t.paragraph)]
    levers = [(n, one.description) for n, one in lever_table().items() if cites(one.paragraph)]
    entries = {
        one.name.partition(".")[0]: one.entry.description
        for one in default_parameters().definitions()
        if cites(one.entry.paragraph)
    }
    scenarios = [
        (one.name, one.title.get("en", one.name))
        for one in map(load_scenario, list_scenarios())
        if cites(one.paragraphs)
    ]
    found = (
        ("figure that runs are held to", figures),
        ("lever", levers),
        ("parameter", list(entries.items())),
        ("scenario", scenarios),
    )
    if not any(rows for _, rows in found):
        say("Nothing of the model rests on it.")
        return
    for i, (what, rows) in enumerate((what, rows) for what, rows in found if rows):
        if i:
            echo()
        print_table([f"{what}|", "meaning"], rows)
    echo("", "sscsim explain NAME tells all about one.")


@click.command(
    epilog=examples(
        "sscsim explain trade_elasticity",
        "sscsim explain indicators",
        "sscsim explain LDC",
        "sscsim explain 79",
    )
)
@click.argument("name", required=False)
def explain(name: str | None) -> None:
    """Explain NAME: meaning, unit, value, bounds, source and paragraph of the report.

    NAME is a parameter, lever, indicator, group, country, state variable, step, scenario or target;
    where one name means several things all are explained. A number is a paragraph of the report:
    what of the model rests on it. A kind in the plural lists all of it: parameters, levers,
    indicators, groups, countries, variables, steps, scenarios, targets.
    """
    if name is None:
        echo("sscsim explain NAME explains any name of the model. Lists of names:", "")
        for kind in KINDS:
            echo(f"  sscsim explain {kind}")
        return
    if name in KINDS:
        _print_list(name)
        return
    if (number := name.removeprefix("¶").strip()).isdigit():
        _print_paragraph(int(number))
        return
    for i, item in enumerate(_find(name)):
        if i:
            echo()
        heading(f"{item.name} – {item.kind}")
        fields(item.details())


def _code(name: str) -> str | None:
    from sscsim.cli.countries import find_country
    from sscsim.world.loading import country_names

    try:
        return find_country(name, dict(country_names()))
    except InputError:
        return None


def _print_list(kind: str) -> None:
    items = list(KINDS[kind].items())
    if kind == "parameters":
        parameters = _known_parameters()
        rows = []
        for item in items:
            if "." not in item.name:
                value = f"{parameters[item.name]:g}" if item.name in parameters else "by Goal"
                rows.append((item.name, value, item.unit, item.brief))
        print_table(["parameter|", "value>", "unit", "meaning"], rows)
    elif kind == "indicators":
        from sscsim.outcomes.indicators import indicator_table

        table = indicator_table().indicators
        lines = []
        for item in items:
            goal = table[item.name].goal if item.name in table else None
            if goal in (None, 1):
                each = "" if goal is None else " (1 to 17)"
                lines.append((item.name, unit_of(item.unit), item.brief + each))
        print_table(["indicator|", "unit", "title"], lines)
    elif kind == "groups":
        print_table(["name|", "kind", "title"], [(i.name, i.kind, i.brief) for i in items])
    elif kind == "countries":
        print_table(["code|", "name"], [(i.name, i.brief) for i in items])
    elif kind in ("steps", "scenarios"):
        print_table(["name|", "title"], [(i.name, i.brief) for i in items])
    else:
        print_table(["name|", "unit", "meaning"], [(i.name, i.unit, i.brief) for i in items])
    echo("", f"{len(items)} names; sscsim explain NAME tells all about one.")


@click.command(epilog=examples("sscsim plan", "sscsim plan trade", "sscsim run --off trade"))
@click.argument("step", required=False)
@click.option("--variables", is_flag=True, help="What every step reads and writes, too.")
@options.plugins
def plan(step: str | None, variables: bool, plugins: tuple[str, ...]) -> None:
    """Print the plan of a year: its nine steps in their order, and those of plug-ins that are named.

    With STEP, all that this step reads and writes, with what it means.
    """
    there = steps_with(plugins)
    year = there.year
    if step is not None:
        names = [one.name for one in year]
        if step not in names:
            raise unknown("step of this name", step, names)
        _print_step(there, names.index(step))
        return
    if variables:
        for i, one in enumerate(year, 1):
            heading(f"{i}. {one.name} – {one.title}")
            fields([("reads", ", ".join(one.all_reads())), ("writes", ", ".join(one.all_writes()))])
        return
    rows = [
        (f"{i}. {one.name}", _with_origin(one.title, there.origin(one)), f"--off {one.name}")
        for i, one in enumerate(year, 1)
    ]
    print_table(["step|", "what happens in a year", "left out by|"], rows)
    echo()
    say(
        "What a step would write stays as it was at the opening of 2013 where the step is left out."
    )
    say("sscsim plan STEP and sscsim plan --variables print what steps read and write.")
    for plugin, other in each_installed():
        named = ", ".join(one.name for one in other.year if other.origin(one))
        if named and plugin.name not in plugins:
            say(f"Not in it: {named}, of the {called(plugin)}; sscsim plan --plugin {plugin.name}.")


def _with_origin(title: str, origin: str) -> str:
    return f"{title} [{origin}]" if origin else title


def _print_step(there: Added, place: int) -> None:
    step = there.year[place]
    heading(f"{step.name} – {step.title}")
    fields(
        [
            ("place", f"step {place + 1} of {len(there.year)}"),
            ("comes with", there.origin(step)),
            ("note", step.note),
            ("left out by", f"sscsim run --off {step.name}"),
        ]
    )
    known = {variable.name: variable for variable in there.variables}
    for title, names in (("Reads", step.all_reads()), ("Writes", step.all_writes())):
        echo()
        heading(title)
        print_table(
            ["variable|", "unit", "meaning"],
            [(n, known[n].unit, known[n].description) for n in names if n in known],
        )
