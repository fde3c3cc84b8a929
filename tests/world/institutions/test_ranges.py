"""No figure of any file is without a range: each is tried with what no institution has, and so is each year.

One of each kind is read as plain data, one number of it is replaced, and the file must be refused at that number: no
hang, no traceback, and the message says what is allowed.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sscsim.errors import InputError, UserError
from sscsim.model import SouthSouthModel
from sscsim.resources import package_folder
from sscsim.world.institutions import Bank, kinds, load_institutions, read_institution
from sscsim.yamlfile import YamlFile, read_yaml

SHIPPED = package_folder() / "institutions"
RICHEST = {
    "banks": "isdb",
    "bodies": "segib",
    "centres": "isa",
    "corridors": "china_pakistan",
    "funds": "ibsa",
    "lenders": "india_exim",
    "partners": "japan",
}
"""Of each kind a file that has most of what such a file may have."""

Keys = tuple[str | int, ...]


def numbers(data: Any, keys: Keys = ()) -> Iterator[Keys]:
    """Yield where numbers stand; of a long list by country only the first three."""
    if isinstance(data, dict):
        for key, value in list(data.items())[: 3 if len(data) > 20 else None]:
            yield from numbers(value, (*keys, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from numbers(value, (*keys, i))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield keys


def years(data: Any, keys: Keys = ()) -> Iterator[Keys]:
    """Yield where something stands by year."""
    if isinstance(data, dict):
        if any(isinstance(key, int) for key in data):
            yield keys
        for key, value in data.items():
            yield from years(value, (*keys, key))


def changed(data: dict[str, Any], keys: Keys, value: object) -> dict[str, Any]:
    result = copy.deepcopy(data)
    inside: Any = result
    for key in keys[:-1]:
        inside = inside[key]
    inside[keys[-1]] = value
    return result


def document(kind: str) -> YamlFile:
    return read_yaml(SHIPPED / kind / f"{RICHEST[kind]}.yaml")


PLACES = [(kind, keys) for kind in RICHEST for keys in numbers(document(kind).data)]
BY_YEAR = [(kind, keys) for kind in RICHEST for keys in years(document(kind).data)]

IMPOSSIBLE = [10**30, -(10**30), 1e300, -1e300, True, "0.5", None, [0.5], {"value": 0.5}]
"""What is no number of any institution."""


@pytest.mark.parametrize(
    ("kind", "keys"), PLACES, ids=[f"{k}-{'.'.join(map(str, p))}" for k, p in PLACES]
)
def test_a_number_that_no_institution_has_is_refused_where_it_stands(kind, keys) -> None:
    model = next(k.model for k in kinds() if k.folder == kind)
    file = document(kind)
    for value in IMPOSSIBLE:
        if value is None and keys[-1] not in ("value", "rate", "maturity"):
            continue  # as good as left out where a key may be
        if isinstance(value, dict) and keys[-1] == "width":
            continue  # widths may be given by key
        started = time.process_time()
        with pytest.raises(InputError) as caught:
            file.validate(model, changed(file.data, keys, value))
        assert time.process_time() - started < 1.0
        error = caught.value
        assert error.file == str(file.path)
        assert error.key == ".".join(map(str, keys)), value
        assert error.line == file.line(*keys)
        if not isinstance(value, dict):
            assert error.found == value
        assert error.allowed, "the message says what may stand there"


@pytest.mark.parametrize(
    ("kind", "keys"), BY_YEAR, ids=[f"{k}-{'.'.join(map(str, p))}" for k, p in BY_YEAR]
)
@pytest.mark.parametrize("year", [10**9, 10**30, -1, 99999, "2014", "soon"])
def test_a_year_of_no_calendar_is_refused_and_does_not_hang(kind, keys, year) -> None:
    model = next(k.model for k in kinds() if k.folder == kind)
    file = document(kind)
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        file.validate(model, changed(file.data, keys, {year: 1.0}))
    assert time.process_time() - started < 1.0
    assert caught.value.allowed
    assert caught.value.found == year


# ------------------------------------------------------------------------------------ what no number alone gives away

TOGETHER = [
    # A schedule.
    ("banks", {"disbursement": {"by_year": {0: 0.0, 1: 0.0}}}, "disbursement.by_year", "not to 100 %"),
    ("banks", {"disbursement": {"by_year": {0: 0.5, 3: 0.2}}}, "disbursement.by_year", "not to 100 %"),
    ("banks", {"disbursement": {"by_year": {0: 0.5, 3: 0.6}}}, "disbursement.by_year", "above 100 %"),
    ("banks", {"disbursement": {"by_year": {51: 1.0}}}, "disbursement.by_year", "0 to 50"),
    ("banks", {"disbursement": {"by_year": {-1: 1.0}}}, "disbursement.by_year", "0 to 50"),
    # Members.
    ("banks", {"members": {"of": {}}}, "members.of", "at least 1"),
    ("banks", {"members": {"of": {"CHN": {"share": 0.0}}}}, "members.of", "nobody holds a share"),
    ("banks", {"members": {"of": {"CHN": {"share": 0.5, "borrows": False}}}}, "members.of", "no member borrows"),
    ("banks", {"members": {"of": {"CHN": {"share": 0.5, "borrows": 1}}}}, "members.of.CHN", "true or false"),
    ("banks", {"members": {"of": {"CHN": {"share": 1.0}, "IND": {"share": 9.0, "since": 2020}}}},
     "members.of", "above 100 %"),
    ("banks", {"candidates": {"of": {}}}, "candidates", "at least 1"),
    ("banks", {"regions": {"weights": {"asia": 0.0}, "elsewhere": 0.0}}, "regions", "no place at all"),
    ("banks", {"regions": {"weights": {"asia": -1.0}}}, "regions.weights.asia", "0 to 1000"),
    ("banks", {"opening_balance": None}, "opened", "needs an opening_balance"),
    ("banks", {"opened": "2013-02-30"}, "opened", "no such day"),
    ("banks", {"opened": "1066-10-14"}, "opened", "1900 to 2100"),
    ("banks", {"opened": "2020-01-01"}, "opening_balance.year", "before the bank opened"),
    # Weights.
    ("bodies", {"programme": {"initiatives": 2, "domains": {"health": -1.0}}}, "programme.domains.health", "0 to 1000"),
    ("bodies", {"programme": {"initiatives": 2, "domains": {"health": 0.0}}}, "programme.domains", "no domain"),
    ("funds", {"domains": {"weights": {"health": 0.0}, "others": 0.0}}, "domains", "no domain"),
    ("funds", {"places": {"weights": {}, "elsewhere": 0.0}}, "places", "no place"),
    ("funds", {"grants": {"by_year": {2014: 1e300}}}, "grants.by_year.2014", "0 to 10000"),
    ("funds", {"contributors": ["CHN", "IND", "CHN"]}, "contributors.2", "stands twice"),
    ("centres", {"domains": ["health", "health"]}, "domains.1", "stands twice"),
    ("lenders", {"receivers": {"groups": []}}, "receivers.groups", "at least 1"),
    ("lenders", {"focus": {"weights": {"LDC": 1e-300}}}, "focus.weights.LDC", "0.001 to 1000"),
    ("lenders", {"terms": []}, "terms", "at least 1"),
    ("lenders", {"funders": {"of": {"IND": 0.0}}}, "funders.of", "not to 100 %"),
    ("partners", {"budget": {"by_year": {}}}, "budget.by_year", "at least 1"),
    # Texts, which reach a terminal.
    ("funds", {"name": "\x1b[31mred"}, "name", "2 to 1,000"),
    ("funds", {"name": "x" * 2000}, "name", "2 to 1,000"),
    ("centres", {"source": "     "}, "source", "5 to 1,000"),
    ("banks", {"windows": {"Ordinary Loans": {}}}, "windows.Ordinary Loans", "small letters"),
]  # fmt: skip


def sourced(block: object) -> object:
    """Give a block and those in it a source, as far as they take one."""
    return {"source": "A test of ranges", **block} if isinstance(block, dict) else block


@pytest.mark.parametrize(("kind", "change", "key", "says"), TOGETHER)
def test_figures_that_make_no_sense_together_are_refused(kind, change, key, says) -> None:
    model = next(k.model for k in kinds() if k.folder == kind)
    file = document(kind)
    data = {**file.data}
    for name, block in change.items():
        data[name] = sourced(block) if name != "windows" else block
    with pytest.raises(InputError) as caught:
        file.validate(model, {name: value for name, value in data.items() if value is not None})
    assert says in str(caught.value)
    # Keys that only the changed file has have no line, and the message names the nearest that has.
    assert key.startswith(caught.value.key or "")


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("banks", "by_year: {2013: 0.018", "by_year: {1000000000: 1, 2013: 0.018"),
        (
            "banks",
            "    AFG: {share: 0.0005}",
            "    AFG: {share: 0.0005, since: 1" + "0" * 30 + "}",
        ),
        ("lenders", "line_size:\n  value: 0.2", "line_size:\n  value: 0"),
        ("lenders", "line_size:\n  value: 0.2", "line_size:\n  value: -0.2"),
        ("lenders", "  since: 2003", "  since: 1"),
        ("lenders", "  growth: 0.25", "  growth: 1.0e+300"),
        ("bodies", "climate: 0.6", "climate: -0.6"),
        ("funds", "2013: 0.003", "2013: 1.0e+300"),
    ],
)
def test_a_file_is_refused_before_a_run_begins(tmp_path: Path, kind, old, new) -> None:
    text = document(kind).path.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "mine.yaml").write_text(text.replace(old, new), encoding="utf-8")
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        SouthSouthModel(seed=1, end=2013, institutions=tmp_path)
    assert time.process_time() - started < 2.0
    assert caught.value.line is not None
    assert "allowed: " in str(caught.value)


def test_a_regions_weight_below_that_of_elsewhere_holds(tmp_path: Path) -> None:
    from sscsim.world import load_world
    from sscsim.world.institutions.banks import lay_banks

    text = (SHIPPED / "banks" / "aiib.yaml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    new = "{asia: 0.2, KEN: 0.5}\n  elsewhere: 1.0"
    path.write_text(text.replace("{asia: 1.0}\n  elsewhere: 0.15", new), encoding="utf-8")
    world = load_world()
    (rules,) = lay_banks([read_institution(Bank, path)], world)
    weight = dict(zip(rules.borrowers, rules.mandate, strict=True))
    for code, wanted in {"IND": -1.609, "KEN": -0.693, "EGY": 0.0}.items():
        assert weight[world.position(code)] == pytest.approx(wanted, abs=1e-3)


# ---------------------------------------------------------------------- what a range allows, a run must be able to bear


def written(data: Any) -> str:
    """Return plain data as YAML, in one line."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {written(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(written, data)) + "]"
    return json.dumps(data) if not isinstance(data, float) else f"{data:.17g}"


def bounds(kind: str, keys: Keys) -> tuple[float, float]:
    """Return the bounds that a message states for a number."""
    model = next(k.model for k in kinds() if k.folder == kind)
    file = document(kind)
    with pytest.raises(InputError) as caught:
        file.validate(model, changed(file.data, keys, 10**30))
    allowed = str(caught.value.allowed)
    low, high = allowed.removeprefix("above ").replace(", at most ", " to ").split(" to ")
    return float(low) + (1e-9 if allowed.startswith("above") else 0.0), float(high)


def run_with(folder: Path, kind: str, data: dict[str, Any], end: int) -> None:
    place = folder / kind
    place.mkdir(exist_ok=True)
    (place / "mine.yaml").write_text(written(data), encoding="utf-8")
    try:
        load_institutions(folder=folder)
    except UserError:
        return  # refused for what it says together with the file's other figures
    SouthSouthModel(seed=1, end=end, institutions=folder, audit=True).run()


SOME = [place for i, place in enumerate(PLACES) if i % 23 == 0]


def at_its_bounds(tmp_path: Path, kind: str, keys: Keys, end: int) -> None:
    file = document(kind)
    whole = isinstance(file.data, dict) and isinstance(_at(file.data, keys), int)
    for bound in bounds(kind, keys):
        run_with(tmp_path, kind, changed(file.data, keys, int(bound) if whole else bound), end)


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


@pytest.mark.parametrize(
    ("kind", "keys"), SOME, ids=[f"{k}-{'.'.join(map(str, p))}" for k, p in SOME]
)
def test_some_numbers_at_their_bounds_are_refused_or_run(tmp_path, kind, keys) -> None:
    at_its_bounds(tmp_path, kind, keys, 2014)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "keys"), PLACES, ids=[f"{k}-{'.'.join(map(str, p))}" for k, p in PLACES]
)
def test_every_number_at_its_bounds_is_refused_or_runs(tmp_path, kind, keys) -> None:
    at_its_bounds(tmp_path, kind, keys, 2018)
