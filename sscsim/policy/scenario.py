"""Scenario files: read strictly, inherit by name, say only what differs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from sscsim.errors import InputError, unknown
from sscsim.files import open_file
from sscsim.names import FIRST_YEAR, LAST_YEAR
from sscsim.parameters import default_parameters
from sscsim.policy.levers import lever_table
from sscsim.resources import scenario_folder
from sscsim.yamlfile import LARGEST_FILE_BYTES, Block, Complaint, Listed, YamlFile, read_yaml

__all__ = [
    "Expectation",
    "Scenario",
    "Setting",
    "Where",
    "find_scenario",
    "list_scenarios",
    "load_scenario",
]


class Where(Block):
    """To whom a setting applies; every condition given must hold.

    For a lever on pairs, ``group``, ``countries`` and ``agreement`` ask it of both ends, ``origin`` and
    ``destination`` of one.
    """

    group: str | None = None
    countries: list[str] | None = Field(None, min_length=1)
    agreement: str | None = None
    origin: str | None = Field(
        None, description="group or country that sells or invests; pairs only"
    )
    destination: str | None = Field(
        None, description="group or country that buys or hosts; pairs only"
    )

    bank: str | None = Field(None, description="code of a development bank; levers on banks only")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("a place names at least one of group, countries, agreement, …")
        return self


class Setting(Block):
    """What a scenario does to a lever: one value, a ramp, or a table by year, from one year to another."""

    model_config = ConfigDict(populate_by_name=True)

    value: float | None = None
    ramp: Listed[tuple[float, float]] | None = None
    table: dict[int, float] | None = None
    first: int | None = Field(
        None, alias="from", description="first year; without it the base year"
    )
    last: int | None = Field(None, alias="to", description="last year of a value, end of a ramp")
    where: Where | None = None

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Self:
        given = [n for n in ("value", "ramp", "table") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a lever takes one of value, ramp, table, found {', '.join(given) or 'none'}"
            )
        if self.ramp is not None and (self.first is None or self.last is None):
            raise ValueError("a ramp needs both from and to")
        if self.table is not None:
            if self.first is not None or self.last is not None:
                raise ValueError("a table names its years itself: no from, no to")
            if not self.table:
                raise ValueError("a table needs at least one year")
        for year in self.years:
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise ValueError(f"year {year} lies outside {FIRST_YEAR} to {LAST_YEAR}")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(f"from {self.first} lies after to {self.last}")
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """Every year the setting names."""
        ends = tuple(y for y in (self.first, self.last) if y is not None)
        return ends + tuple(self.table or ())

    @property
    def values(self) -> tuple[float, ...]:
        """Every value the setting names."""
        if self.value is not None:
            return (self.value,)
        return tuple(self.ramp or ()) + tuple((self.table or {}).values())

    def at(self, year: int) -> float | None:
        """Return the value in a year, None where the setting says nothing.

        A value holds from its first to its last year; a ramp is straight between its years and stays at its end; a
        table's entry holds until the next one.
        """
        if self.table is not None:
            entries = [y for y in sorted(self.table) if y <= year]
            return self.table[entries[-1]] if entries else None
        if self.first is not None and year < self.first:
            return None
        if self.value is not None:
            return self.value if self.last is None or year <= self.last else None
        if self.ramp is None or self.first is None or self.last is None:
            return None
        start, end = self.ramp
        length = self.last - self.first
        share = 1.0 if length == 0 else min(1.0, (year - self.first) / length)
        return start + share * (end - start)


class Expectation(Block):
    """What somebody expected of a scenario against the baseline, written down before it was run.

    The gallery of the documents says of each whether the model agrees (`sscsim.experiments.expectations`).
    """

    indicator: str
    group: str
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    moves: Literal["up", "down"]
    because: Annotated[str, Field(min_length=1, description="the reason, one sentence")]


NAME = r"[a-z0-9][a-z0-9-]{0,60}"


def _is_name(text: str) -> str:
    if not re.fullmatch(NAME, text):
        raise Complaint(
            "this cannot be the name of a scenario",
            found=text,
            allowed="small letters, digits and hyphens, at most 61: no path",
        )
    return text


def _is_language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", text):
        raise Complaint(
            "this is no language",
            found=text,
            allowed='two letters, such as en, es, fr, zh: {en: "Trade, and more"}',
        )
    return text


Name = Annotated[str, AfterValidator(_is_name)]
"""What a scenario may be called: it is also the name of its file."""

Language = Annotated[str, AfterValidator(_is_language)]

LAST_PARAGRAPH = 134
"""The report's paragraphs are numbered from 1 to this one."""


class _File(Block):
    """A scenario file as written, before inheritance."""

    name: Name
    title: dict[Language, str] | str | None = None
    description: str = ""
    source: str = ""
    extends: Name | None = None
    paragraphs: list[Annotated[int, Field(ge=1, le=LAST_PARAGRAPH)]] = Field([])
    expects: list[Expectation] = Field([])
    levers: dict[str, float | Setting | list[Setting]] = Field({})
    parameters: dict[str, float] = Field({})

    @model_validator(mode="after")
    def _has_a_title(self) -> Self:
        titles = self.titles
        if "en" not in titles or not all(text.strip() for text in titles.values()):
            raise ValueError("a scenario needs an English title (en), and no title may be empty")
        return self

    @property
    def titles(self) -> dict[str, str]:
        """The titles by language; one without a language is English, and without any it is the name."""
        if isinstance(self.title, dict):
            return self.title
        return {
            "en": self.name.replace("-", " ").capitalize() if self.title is None else self.title
        }


@dataclass(frozen=True)
class Scenario:
    """A scenario with its inheritance resolved.

    ``levers`` maps a lever to its settings in order, later ones winning where they overlap; ``parameters`` maps a
    parameter to the value the scenario gives it; ``source`` says where the sizes come from; ``lineage`` names the
    ancestors from the root down; ``expects`` is what somebody expected of this very scenario, and of no parent.
    """

    name: str
    title: dict[str, str]
    description: str = ""
    paragraphs: tuple[int, ...] = ()
    levers: dict[str, tuple[Setting, ...]] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)
    lineage: tuple[str, ...] = ()
    source: str = ""
    expects: tuple[Expectation, ...] = field(default=(), compare=False)
    places: dict[str, tuple[Path, int | None]] = field(default_factory=dict, compare=False)
    """File and line of levers (``aid_volume``), of what limits a setting (``aid_volume.0.group``), of parameters."""

    def as_dict(self) -> dict[str, Any]:
        """Return the scenario as plain data, the form a run's manifest keeps."""
        return {
            "name": self.name,
            "title": self.title,
            "lineage": list(self.lineage),
            "levers": {
                name: [s.model_dump(by_alias=True, exclude_none=True) for s in settings]
                for name, settings in self.levers.items()
            },
            "parameters": self.parameters,
        }

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what the scenario does, whatever its words."""
        said = self.as_dict()
        content = {k: said[k] for k in ("levers", "parameters")}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def error(self, message: str, key: str, **details: Any) -> InputError:
        """Return an error that names the file and line where `key` was set."""
        name = key.partition(".")[0]
        path, line = self.places.get(key) or self.places.get(name) or (None, None)
        return InputError(message, file=path, line=line, key=name, **details)


def list_scenarios(folder: Path | None = None) -> list[str]:
    """Return the names of the scenarios in a folder, by default those that ship."""
    return sorted(p.stem for p in (folder or scenario_folder()).glob("*.yaml"))


OWN_FOLDERS = (".", "scenarios")
"""Where a scenario of one's own is looked for by name, from the folder one works in."""


def own_scenarios() -> dict[str, Path]:
    """Return the files that may be scenarios of one's own in the folder one works in, by name."""
    shipped = scenario_folder().resolve()
    found: dict[str, Path] = {}
    for folder in map(Path, OWN_FOLDERS):
        if folder.resolve() == shipped:
            continue
        for path in sorted(folder.glob("*.yaml")):
            if re.fullmatch(NAME, path.stem) and _names_itself(path):
                found.setdefault(path.stem, path)
    return found


def _names_itself(path: Path) -> bool:
    """Return whether a file begins like a scenario: other files of YAML lie about in folders, too."""
    try:
        with open_file(path, LARGEST_FILE_BYTES) as file:
            head = file.read(4096).decode("utf-8", "ignore")
    except (InputError, OSError):
        return False
    return (
        re.search(rf"^name:\s*['\"]?{re.escape(path.stem)}['\"]?\s*(#.*)?$", head, re.M) is not None
    )


def find_scenario(name: str, folder: Path | None = None) -> Path:
    """Return the file of a scenario, given its name or a path.

    A name is looked for in `folder`, where one is given, and else in the folder one works in and in its folder
    ``scenarios``; then among those that ship.

    Raises
    ------
    InputError
        When neither a file nor a scenario has this name, or one of one's own has the name of one that ships.
    """
    if name.endswith((".yaml", ".yml")) or "/" in name:
        return Path(name)
    shipped = scenario_folder() / f"{name}.yaml"
    own = {} if folder is not None else own_scenarios()
    if folder is not None and (folder / f"{name}.yaml").is_file():
        return folder / f"{name}.yaml"
    if name in own:
        if shipped.is_file():
            raise InputError(
                "a scenario that ships has the name of this file",
                file=own[name],
                key="name",
                found=name,
                allowed=f"another name, or ./{own[name]} for the file",
            )
        return own[name]
    if shipped.is_file():
        return shipped
    there = list(own) if folder is None else list_scenarios(folder)
    names = sorted({*there, *list_scenarios()})
    raise unknown("scenario of this name", name, names, told=_words(names, folder, own))


def _words(names: Iterable[str], folder: Path | None, own: Mapping[str, Path]) -> dict[str, str]:
    """Return titles and descriptions of scenarios, for who knows what one is about and not what it is called."""
    found = {}
    for name in names:
        places = (
            own.get(name),
            folder and folder / f"{name}.yaml",
            scenario_folder() / f"{name}.yaml",
        )
        # A folder or a broken link may have the name of a scenario, and one that cannot be read is not what is meant.
        path = next((path for path in places if path is not None and path.is_file()), None)
        if path is None:
            continue
        try:
            held = read_yaml(path).data
        except InputError:
            continue
        title = held.get("title")
        titles = title.values() if isinstance(title, dict) else [title]
        found[name] = " ".join(str(text) for text in (*titles, held.get("description")) if text)
    return found


def load_scenario(scenario: str | Path) -> Scenario:
    """Load a scenario by name or path and resolve what it inherits.

    Parents are looked for beside the file first, then among the scenarios that ship.

    Raises
    ------
    InputError
        With file, line and key: an unknown key, lever or parent, a value outside a lever's bounds, a year outside the
        model's, a circle of parents (which is printed).
    """
    path = find_scenario(str(scenario))
    chain: list[tuple[_File, YamlFile]] = []
    seen: list[str] = []
    while True:
        document = read_yaml(path)
        parsed = document.validate(_File, document.data)
        if parsed.name != path.stem:
            raise document.error(
                "a scenario's name must be the name of its file",
                "name",
                found=parsed.name,
                allowed=path.stem,
            )
        if parsed.name in seen:
            circle = " → ".join([*seen[seen.index(parsed.name) :], parsed.name])
            raise document.error("scenarios inherit in a circle", "extends", found=circle)
        seen.append(parsed.name)
        chain.append((parsed, document))
        if parsed.extends is None:
            break
        try:
            path = find_scenario(parsed.extends, path.parent)
        except InputError as failure:
            raise document.error(
                "there is no scenario of this name to extend",
                "extends",
                found=parsed.extends,
                allowed=failure.allowed,
                suggestion=failure.suggestion,
            ) from None
    return _merge(reversed(chain))


def _merge(chain: Iterable[tuple[_File, YamlFile]]) -> Scenario:
    levers: dict[str, tuple[Setting, ...]] = {}
    parameters: dict[str, float] = {}
    paragraphs: tuple[int, ...] = ()
    places: dict[str, tuple[Path, int | None]] = {}
    lineage: list[str] = []
    for parsed, document in chain:
        lineage.append(parsed.name)
        for name, raw in parsed.levers.items():
            levers[name] = _settings(document, name, raw)
            places[name] = (document.path, document.line("levers", name))
            for i, where in enumerate(s.where for s in levers[name]):
                keys = ("levers", name, i) if isinstance(raw, list) else ("levers", name)
                for what in where.model_fields_set if where else ():
                    line = document.line(*keys, "where", what)
                    places[f"{name}.{i}.{what}"] = (document.path, line)
        _check_parameters(document, parsed.parameters)
        for name, number in parsed.parameters.items():
            parameters[name] = number
            places[name] = (document.path, document.line("parameters", name))
        paragraphs = tuple(parsed.paragraphs) or paragraphs
    return Scenario(
        name=parsed.name,
        title=parsed.titles,
        description=parsed.description.strip(),
        source=parsed.source.strip(),
        paragraphs=paragraphs,
        levers=levers,
        parameters=parameters,
        lineage=tuple(lineage),
        expects=_expectations(document, parsed.expects),
        places=places,
    )


def _expectations(document: YamlFile, expects: Sequence[Expectation]) -> tuple[Expectation, ...]:
    """Return expectations whose numbers exist."""
    if not expects:
        return ()
    from sscsim.outcomes.indicators import indicator_table, rows_of

    table = indicator_table()
    if not any(table.gives_places(one.indicator) for one in expects):
        table = replace(table, places={})  # banks are read where one is named
    given: dict[str, list[str]] = {}
    for row in rows_of(table, table.groups)[0]:
        given.setdefault(row.indicator, []).append(row.group)
    for i, one in enumerate(expects):
        if one.indicator not in given:
            raise document.unknown(
                "indicator of this name", one.indicator, given, "expects", i, "indicator"
            )
        if one.group not in given[one.indicator]:
            raise document.unknown(
                f"group of this name that {one.indicator} is given for",
                one.group,
                given[one.indicator],
                "expects",
                i,
                "group",
            )
    return tuple(expects)


def _check_parameters(document: YamlFile, parameters: dict[str, float]) -> None:
    for name, number in parameters.items():
        try:
            default_parameters().replace({name: number})
        except InputError as failure:
            raise document.error(
                failure.message,
                "parameters",
                name,
                found=failure.found,
                allowed=failure.allowed,
                suggestion=failure.suggestion,
            ) from None


def _settings(
    document: YamlFile, name: str, raw: float | Setting | list[Setting]
) -> tuple[Setting, ...]:
    table = lever_table()
    if name not in table:
        raise document.unknown("lever of this name", name, table, "levers", name)
    lever = table[name]
    if raw == []:
        raise document.error("a lever needs at least one setting", "levers", name, found=raw)
    settings = raw if isinstance(raw, list) else [raw]
    result = tuple(
        s if isinstance(s, Setting) else Setting.model_validate({"value": s}) for s in settings
    )
    low, high = lever.bounds
    for setting in result:
        for value in setting.values:
            if not low <= value <= high:
                raise document.error(
                    "the value lies outside the lever's bounds",
                    "levers",
                    name,
                    found=value,
                    allowed=f"{low:g} to {high:g} ({lever.unit})",
                )
        where = setting.where
        if where and lever.scope == "world":
            raise document.error(
                "this lever moves the world as a whole: it takes no place",
                "levers",
                name,
                "where",
                found=where.model_dump(exclude_none=True),
                allowed="no where",
            )
        other = where.model_dump(exclude_none=True, exclude={"bank"}) if where else {}
        if (where and (where.bank is not None) != (lever.scope == "bank")) or (
            lever.scope == "bank" and other
        ):
            raise document.error(
                "a bank goes with levers on banks only, and they take no other place",
                "levers",
                name,
                "where",
                found=None if where is None else where.model_dump(exclude_none=True),
                allowed="bank: CODE" if lever.scope == "bank" else "a place without bank",
            )
        if where and lever.scope == "country" and (where.origin or where.destination):
            raise document.error(
                "origin and destination go with levers on pairs only",
                "levers",
                name,
                "where",
                found=where.origin or where.destination,
                allowed="group, countries, agreement",
            )
    return result
