"""Tables of the description of the model, from the tables in the code: what `docs/odd.md` and `docs/reference/` list.

Each function returns Markdown; `tools.docs_tables` puts it between its marks, and a test compares the two. Nothing here
runs the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sscsim.agents import Country, DevelopmentBank, Partner, UnitedNations
from sscsim.calibration.targets import Target, load_targets
from sscsim.outcomes.indicators import indicator_table
from sscsim.parameters import default_parameters
from sscsim.parameters.table import Definition, Prior
from sscsim.policy import lever_table
from sscsim.steps.plan import OPENING, PLAN
from sscsim.steps.submodel import Submodel
from sscsim.world.columns import load_columns
from sscsim.world.institutions import (
    Bank,
    Body,
    Centre,
    Corridor,
    Fund,
    Lender,
    load_institutions,
)
from sscsim.world.institutions import (
    Partner as PartnerFile,
)
from sscsim.world.loading import load_world

Rows = Iterable[Sequence[str]]

SCOPES = {
    "country": "each country",
    "pair": "each ordered pair of countries",
    "world": "the world",
    "bank": "each development bank",
}


def cell(text: object) -> str:
    """Return a text as a cell of a table, none of its signs taken for markup."""
    words = " ".join(str(text).split())
    for sign in ("\\", "|", "*", "_", "<", "$", "`", "["):
        words = words.replace(sign, "\\" + sign)
    return words


def code(name: str) -> str:
    """Return a name as code, in which only the end of a cell must be marked."""
    return "`" + name.replace("|", "\\|") + "`"


def table(head: Sequence[str], rows: Rows) -> str:
    """Return a table of Markdown; cells are given as they are to stand."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, *rows)]
    lines.insert(1, "|" + "---|" * len(head))
    return "\n".join(lines).replace("|  |", "| |") + "\n"


def paragraphs(given: int | Sequence[int] | None) -> str:
    """Return paragraphs of the report."""
    numbers = [given] if isinstance(given, int) else (given or [])
    return "¶" + ", ".join(map(str, numbers)) if numbers else "–"


# ------------------------------------------------------------------------------------------------- process and state


def plan() -> str:
    """Return the steps of a year in their order."""
    rows = [
        [
            str(place),
            code(step.name),
            cell(step.title),
            str(len(step.all_reads())),
            str(len(step.all_writes())),
            str(len(step.policy) + sum(len(part.policy) for part in step.parts)),
        ]
        for place, step in enumerate(PLAN, 1)
    ]
    return table(["", "step", "what happens", "reads", "writes", "set by levers"], rows)


def opening() -> str:
    """Return the order in which submodels are prepared and opened."""
    names = " → ".join(code(step.name) for step in OPENING)
    return f"{names}\n"


def every_submodel() -> Iterator[type[Submodel]]:
    """Yield the submodels in the order of the year, each before its parts."""
    for step in PLAN:
        yield step
        yield from step.parts


def state_variables() -> str:
    """Return every state variable, under the submodel that declares it."""
    blocks = []
    for kind in every_submodel():
        own = [(one, "itself") for one in kind.variables] + [(one, "levers") for one in kind.policy]
        if own:
            rows = [
                [
                    code(one.name),
                    cell(one.description),
                    cell(one.unit),
                    cell(" × ".join(one.axes)) or "one number",
                    f"{one.neutral:g}",
                    by,
                ]
                for one, by in own
            ]
            head = ["variable", "meaning", "unit", "axes", "opens with", "set by"]
            blocks.append(f"## {kind.name}\n\n{table(head, rows)}")
    return "\n".join(blocks)


def entities() -> str:
    """Return what the model is populated with, and how many of each."""
    world, files = load_world(), load_institutions()
    counted = [
        (len(world.iso3), "countries", "people, capital, technology, capabilities, scores of 17 Goals"),
        (len(world.iso3) * (len(world.iso3) - 1), "ordered pairs", "trade, investment, ties, agreements"),
        (len(files.of(Bank)), "development banks", "balance sheet, members, loans"),
        (len(files.of(Lender)), "lenders", "credit lines from one State to others"),
        (len(files.of(Corridor)), "corridors", "transport links that lenders build, with dates"),
        (len(files.of(PartnerFile)), "triangular partners", "third parties with money and skill"),
        (len(files.of(Body)), "bodies", "the United Nations and regional bodies: coordination, programmes, reports"),
        (len(files.of(Fund)), "trust funds", "grants for projects"),
        (len(files.of(Centre)), "centres of excellence", "people who teach in a domain"),
    ]  # fmt: skip
    rows = [[cell(name), f"{count:,}", cell(what)] for count, name, what in counted]
    return table(["entity", "how many", "what it has"], rows)


def decisions() -> str:
    """Return what agents decide, in the words of the methods that do it."""
    rows = []
    for kind in (Country, DevelopmentBank, Partner, UnitedNations):
        for name, method in vars(kind).items():
            held = method.__func__ if isinstance(method, classmethod) else method
            if name.startswith("_") or not callable(held) or not held.__doc__:
                continue
            said = held.__doc__.strip().partition("\n")[0]
            said = re.sub(r",? ?``\([^`]*\)``", "", said).rstrip(".")
            rows.append([code(kind.__name__), code(name), cell(said)])
    return table(["agent", "method", "decision"], rows)


# --------------------------------------------------------------------------------------------------------- parameters


def _prior(prior: Prior) -> str:
    if prior.distribution == "fixed":
        return "fixed"
    numbers = []
    for name in ("mean", "sd", "median", "sigma", "low", "high"):
        value = getattr(prior, name)
        if value is not None:
            each = isinstance(value, dict)
            numbers.append(f"{name} by Goal" if each else f"{name} {value:g}")
    return f"{prior.distribution}: {', '.join(numbers)}"


def parameters() -> str:
    """Return every parameter by submodel: value, bounds, prior, source. One that each Goal has stands once."""
    blocks = []
    definitions = default_parameters().definitions()
    for submodel, all_here in groupby(definitions, key=lambda one: one.submodel):
        rows = []
        for name, given in groupby(all_here, key=lambda one: one.name.partition(".")[0]):
            ones = list(given)
            entry, (low, high) = ones[0].entry, ones[0].bounds
            rows.append(
                [
                    code(name),
                    cell(entry.symbol),
                    cell(entry.description),
                    cell(entry.unit),
                    _values(ones),
                    f"{low:g} to {high:g}",
                    cell(_prior(entry.prior)),
                    cell("; ".join(dict.fromkeys(one.source for one in ones))),
                    paragraphs(entry.paragraph),
                ]
            )
        head = [
            "name", "symbol", "meaning", "unit", "value", "bounds", "prior", "source", "report",
        ]  # fmt: skip
        blocks.append(f"## {submodel}\n\n{table(head, rows)}")
    return "\n".join(blocks)


def _values(ones: Sequence[Definition]) -> str:
    if len(ones) == 1:
        return f"{ones[0].default:g}"
    return ", ".join(f"{one.goal}: {one.default:g}" for one in ones)


# ---------------------------------------------------------------------------------------------- levers and indicators


def levers() -> str:
    """Return every lever: for whom it is set, within which bounds, what it moves."""
    rows = [
        [
            code(name),
            cell(lever.description),
            cell(lever.unit),
            SCOPES[lever.scope],
            f"{lever.default:g}",
            f"{lever.bounds[0]:g} to {lever.bounds[1]:g}",
            code(lever.moves),
            paragraphs(lever.paragraph),
            cell(lever.source),
        ]
        for name, lever in lever_table().items()
    ]
    head = ["lever", "meaning", "unit", "for", "default", "bounds", "moves", "report", "source"]
    return table(head, rows)


def indicators() -> str:
    """Return every indicator: what it is, how it is computed, for whom it is given."""
    rows = []
    named = {tuple(members): name for name, members in _sets().items()}
    for name, one in indicator_table().indicators.items():
        given = (
            named.get(one.groups)
            or ", ".join(one.groups)
            or "pairs of " + "; ".join(map(", ".join, one.between))
        )
        if one.formula is not None and one.formula.kind == "places":
            given = f"World, each {one.formula.along}"
        rows.append(
            [
                code(name),
                cell(one.title),
                cell(one.description),
                cell(one.unit),
                code(one.how) if one.formula else f"function {code(one.function or name)}",
                cell(given),
                cell(one.law.text),
            ]
        )
    head = ["indicator", "title", "meaning", "unit", "computed as", "given for", "always"]
    return table(head, rows)


def _sets() -> dict[str, list[str]]:
    held: dict[str, list[str]] = indicator_table().file.data["sets"]
    return held


def sets() -> str:
    """Return the names that stand for several groups."""
    rows = [[cell(name), cell(", ".join(members))] for name, members in _sets().items()]
    return table(["given for", "stands for"], rows)


def groups() -> str:
    """Return the groups that indicators are given for."""
    rows = [[code(name), cell(group.title)] for name, group in indicator_table().groups.items()]
    return table(["group", "who"], rows)


# --------------------------------------------------------------------------------------------------- targets and data


def _target(target: Target) -> list[str]:
    return [
        code(target.id),
        paragraphs(target.paragraph),
        cell(target.title),
        cell(target.stated),
        cell(target.role),
        cell(target.tolerance),
    ]


def targets() -> str:
    """Return the report's figures with their roles and tolerances."""
    head = ["target", "report", "figure", "stated", "role", "tolerance"]
    return table(head, [_target(target) for target in load_targets()])


def roles() -> str:
    """Return in a sentence how many figures have which role."""
    counts: dict[str, int] = {}
    for target in load_targets():
        counts[target.role] = counts.get(target.role, 0) + 1
    said = ", ".join(f"{count} {role}" for role, count in counts.items())
    return f"{sum(counts.values())} figures: {said}.\n"


def data() -> str:
    """Return every column of every table of data: unit, year, publishers, how gaps were filled."""
    columns = load_columns()
    blocks = []
    for name, own in columns.tables.items():
        rows = [
            [
                code(column),
                cell(one.description),
                cell(one.unit),
                cell(one.year),
                cell(", ".join(one.source)),
                cell(one.imputation) or "–",
                "yes" if one.overlay else "",
            ]
            for column, one in own.items()
        ]
        head = ["column", "meaning", "unit", "year", "source", "gaps", "yours may replace it"]
        blocks.append(f"## {name}\n\n{table(head, rows)}")
    return "\n".join(blocks)


def publishers() -> str:
    """Return the sources of the data by the code that columns name."""
    rows = [
        [
            cell(name),
            cell(source.publisher),
            cell(source.title),
            cell(source.edition),
            cell(source.licence),
        ]
        for name, source in load_columns().sources.items()
    ]
    return table(["code", "publisher", "title", "edition", "licence"], rows)
