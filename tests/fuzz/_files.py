"""Files that a user writes: scenarios, targets, figures of countries, matrices, institutions, draws of parameters."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from random import Random

from sscsim.calibration.targets import load_targets
from sscsim.outcomes.indicators import indicator_table, rows_of
from sscsim.parameters import default_parameters
from sscsim.policy import lever_table
from sscsim.resources import calibration_folder, package_folder, scenario_folder
from sscsim.world.loading import load_world
from tests.fuzz._edits import edited, from_yaml, to_yaml
from tests.fuzz._inputs import OUT, Given, Input, generator
from tests.fuzz._mutations import NUMBERS, WORDS, mutate

SCENARIO = """\
name: example
title: {en: An example, zh: 例子}
extends: baseline
description: >
  Every kind of setting once.
source: None.
paragraphs: [21, 79]
expects:
  - {indicator: goal_index, group: LDC, year: 2030, moves: up, because: Trade is cheaper.}
levers:
  trade_cost: {from: 2019, to: 2024, ramp: [0.0, -0.1], where: {group: south_unctad_2014}}
  aid_volume: 1.5
  productivity_growth:
    - {from: 2019, value: -0.005, where: {countries: [BRA, IND]}}
    - {table: {2020: -0.02, 2021: 0.01}}
  investment_agreement: {from: 2020, value: 1.0, where: {agreement: AfCFTA, origin: ZAF}}
  bank_capital: {from: 2019, value: 1.2, where: {bank: AIIB}}
parameters:
  trade_elasticity: 4.0
"""
OVERLAY = """\
iso3,column,value,year
BRA,gdp_current_busd,2500,
IND,population_m,1300,
NPL,goal_1,55.5,
CHN,growth,0.07,2015
"""
MATRIX = (
    "exporter,importer,value\nBRA,CHN,46.0\nCHN,BRA,35.9\nIND,NPL,3.1\nDEU,FRA,130\nUSA,MEX,226.1\n"
)


def write(rng: Random, path: Path, content: bytes) -> str:
    """Write a file, or now and then something else that stands in its place; return what stands there."""
    if rng.random() > 0.03:
        path.write_bytes(content)
        return ""
    way = rng.choice(["pipe", "device", "folder", "circle", "hole", "nothing", "dangling"])
    if way == "pipe":
        os.mkfifo(path)
    elif way == "device":
        path.symlink_to(rng.choice(["/dev/zero", "/dev/null", "/dev/urandom"]))
    elif way == "folder":
        path.mkdir()
    elif way == "circle":
        path.symlink_to(path)
    elif way == "dangling":
        path.symlink_to("/no/such/file")
    elif way == "hole":
        with path.open("wb") as file:
            file.truncate(rng.choice([10**7, 10**9, 10**12]))
    return f", {way} for a file"


def changed(rng: Random, text: str) -> tuple[str, bytes]:
    """Return a text of YAML that was mutated as text or edited as data."""
    if rng.random() < 0.35:
        return mutate(rng, text)
    done, data = edited(rng, from_yaml(text))
    return done, to_yaml(data).encode("utf-8", errors="surrogatepass")


# ------------------------------------------------------------------------------------------------------------ scenarios


@cache
def _scenarios() -> tuple[str, ...]:
    shipped = [p.read_text(encoding="utf-8") for p in sorted(scenario_folder().glob("*.yaml"))]
    return (SCENARIO, SCENARIO, *shipped)


def _name(text: str) -> str:
    found = [line for line in text.split("\n") if line.startswith("name:")]
    return found[0].removeprefix("name:").strip() if found else "example"


def _use_of_scenario(rng: Random, name: str) -> tuple[str, ...]:
    file = f"{name}.yaml"
    return rng.choice(
        [
            ("scenario", "validate", file),
            ("scenario", "validate", file),
            ("scenario", "show", file),
            ("scenario", "diff", "baseline", file),
            ("scenario", "diff", file, "full-agenda"),
            ("run", file, "--end", "2014", "--out", f"{OUT}/run", "--quiet"),
        ]
    )


@generator("scenario", 16)
def scenario(rng: Random, folder: Path, given: Given) -> Input:
    """Return a scenario file that was sound."""
    text = rng.choice(_scenarios())
    what, content = changed(rng, text)
    name = _name(text)
    what += write(rng, folder / f"{name}.yaml", content)
    return Input(what, _use_of_scenario(rng, name))


@generator("grammar", 14)
def grammar(rng: Random, folder: Path, given: Given) -> Input:
    """Return a scenario built from all that the grammar knows, in and out of its bounds, over several files."""
    names = ["fuzz"] + [f"parent{i}" for i in range(rng.choice([0, 0, 0, 1, 2, 6]))]
    for i, name in enumerate(names):
        parent = names[i + 1] if i + 1 < len(names) else rng.choice(["baseline", "full-agenda", ""])
        if rng.random() < 0.02:
            parent = rng.choice([name, names[0], "nobody", ""])
        data = built(rng, name, parent, given)
        (folder / f"{name}.yaml").write_text(to_yaml(data), encoding="utf-8")
    return Input(f"{len(names)} files", _use_of_scenario(rng, "fuzz"))


def built(rng: Random, name: str, parent: str, given: Given) -> dict[str, object]:
    data: dict[str, object] = {
        "name": name,
        "title": rng.choice(["Fuzz", {"en": "Fuzz", "fr": "f"}]),
    }
    for key in ("description", "source"):
        if rng.random() < 0.3:
            data[key] = rng.choice(["", "A sentence.", "Two\nlines: {of: text}\n", *WORDS])
    if parent:
        data["extends"] = parent
    if rng.random() < 0.3:
        data["expects"] = [_expectation(rng) for _ in range(rng.choice([0, 1, 3]))]
    if rng.random() < 0.3:
        data["paragraphs"] = [
            rng.choice([1, 79, 134] * 9 + [135, 0]) for _ in range(rng.randint(0, 3))
        ]
    levers = {}
    for lever in rng.sample(sorted(lever_table()), rng.choice([0, 1, 1, 2, 3, 12, 40])):
        several = [_setting(rng, lever, given) for _ in range(rng.choice([1, 1, 1, 2, 5]))]
        only = several[0]
        plain = set(only) == {"value"} and rng.random() < 0.5
        levers[lever] = only["value"] if plain else several if len(several) > 1 else only
    if levers:
        data["levers"] = levers
    if rng.random() < 0.3:
        chosen = rng.sample(sorted(d.name for d in default_parameters().definitions()), 2)
        data["parameters"] = {
            # Those given for each Goal are set for one or for all of them.
            rng.choice([n, n.partition(".")[0]]): _within(
                rng, *default_parameters().definition(n).bounds
            )
            for n in chosen
        }
    return data


@cache
def _given_for() -> list[tuple[str, str]]:
    table = indicator_table()
    return sorted({(row.indicator, row.group) for row in rows_of(table, table.groups)[0]})


def _expectation(rng: Random) -> dict[str, object]:
    """Return what somebody expects: names that go together, and seldom ones that do not or are none."""
    indicator, group = rng.choice(_given_for())
    if rng.random() < 0.05:
        indicator, group = rng.choice([(rng.choice(WORDS), group), (indicator, rng.choice(WORDS))])
    return {
        "indicator": indicator,
        "group": group,
        "year": rng.choice([2013, 2030, 2034] * 20 + [2012, 2035]),
        "moves": rng.choice(["up", "down"] * 20 + ["sideways"]),
        "because": rng.choice(["It is so.", "It is: {so}."] * 20 + [""]),
    }


def _within(rng: Random, low: float, high: float) -> float:
    """Return a value between two bounds, often one of them, seldom beyond."""
    return rng.choice(
        [low, high, low + rng.random() * (high - low), low + rng.random() * (high - low)]
        + [low - 1e-9, high * 2 + 1] * (rng.random() < 0.01)
    )


def _setting(rng: Random, lever: str, given: Given) -> dict[str, object]:
    row = lever_table()[lever]
    low, high = row.bounds
    years = sorted(rng.choice([2013, 2014, 2019, 2033, 2034]) for _ in range(2))
    if rng.random() < 0.01:
        years = [rng.choice([2012, 2035, 0, 99999]), rng.choice([2019, 2012])]
    way = rng.random()
    setting: dict[str, object] = {}
    if way < 0.6:
        setting["value"] = _within(rng, low, high)
        if rng.random() < 0.6:
            setting["from"] = years[0]
        if rng.random() < 0.3:
            setting["to"] = years[1]
    elif way < 0.8:
        ramp = [_within(rng, low, high), _within(rng, low, high)]
        setting |= {"ramp": ramp, "from": years[0], "to": years[1]}
    else:
        setting["table"] = {
            rng.randint(2013, 2034): _within(rng, low, high) for _ in range(rng.randint(1, 4))
        }
    if rng.random() < 0.6:
        where = _where(rng, row.scope, given)
        setting |= {"where": where} if where else {}
    return setting


def _where(rng: Random, scope: str, given: Given) -> dict[str, object]:
    world = load_world()
    groups, agreements = world.groups(), world.agreements()
    ends = [*groups, *given.codes[:20]]
    pools: dict[str, object] = {
        "group": rng.choice(groups),
        "countries": rng.sample(given.codes, rng.choice([1, 1, 3, 50])),
        "agreement": rng.choice(agreements),
        "origin": rng.choice(ends),
        "destination": rng.choice(ends),
        "bank": rng.choice(["AIIB", "NDB", "CAF", "ISDB"] * 9 + ["XXX"]),
    }
    fitting = {
        "country": ["group", "countries", "agreement"],
        "pair": ["group", "countries", "agreement", "origin", "destination"],
        "bank": ["bank"],
        "world": [],
    }
    keys = fitting[scope] if rng.random() < 0.98 else list(pools)
    return {key: pools[key] for key in rng.sample(keys, min(len(keys), rng.choice([1, 1, 2])))}


# -------------------------------------------------------------------------------------------------------------- targets


@cache
def _targets() -> str:
    return (calibration_folder() / "targets.yaml").read_text(encoding="utf-8")


def _read_targets(path: Path) -> None:
    for target in load_targets(path):
        f"{target.title} {target.paragraphs} {target.note}".encode()


@generator("targets", 6)
def targets(rng: Random, folder: Path, given: Given) -> Input:
    """Return a file of figures to fit, most often cut to a few, since a mutation of 20,000 letters seldom matters."""
    blocks = _targets().split("\n\n")
    text = rng.choice([_targets(), *["\n\n".join(blocks[: rng.choice([3, 4])])] * 6])
    what, content = changed(rng, text)
    path = folder / "targets.yaml"
    what += write(rng, path, content)
    if rng.random() < 0.5:
        # A budget that is too small for a fit: all that is read is read, and nothing runs.
        words = ("calibrate", "--method", "fast", "--targets", "targets.yaml", "--budget", "20")
        return Input(what, (*words, "--out", f"{OUT}/fit"))
    return Input(what, call=lambda: _read_targets(path))


# ----------------------------------------------------------------------------------------------------- tables of a user


@generator("overlay", 8)
def overlay(rng: Random, folder: Path, given: Given) -> Input:
    """Return figures of countries."""
    if rng.random() < 0.5:
        what, content = mutate(rng, OVERLAY)
    else:
        what, content = _figures(rng, given)
    what += write(rng, folder / "mine.csv", content)
    return Input(what, _use_of_table(rng, "--data", "mine.csv"))


FIGURES = (0, 1e-9, 0.5, 1.0, 50, 100, 1e6, 1e300, -1, -1e-9, *NUMBERS)


def _figures(rng: Random, given: Given) -> tuple[str, bytes]:
    """Return figures near those that are known, and seldom one that is not."""
    base = load_world().base
    lines = ["iso3,column,value,year"]
    odd = rng.random() < 0.5
    for _ in range(rng.choice([1, 3, 300])):
        column = rng.choice([*base, "goal_1", "goal_14", "goal_17"])
        country = rng.randrange(len(given.codes))
        value = base[column][country] * rng.uniform(0.9, 1.1) if column in base else 50.0
        if odd and rng.random() < 0.3:
            value = rng.choice(FIGURES)
        if odd and rng.random() < 0.1:
            column = rng.choice(["growth", "population", "goal_18", "iso3"])
        year = rng.choice(["2015", "2035", "x"]) if odd and rng.random() < 0.1 else ""
        lines.append(f"{given.codes[country]},{column},{value},{year}")
    return "odd figures" if odd else "figures", "\n".join(dict.fromkeys(lines)).encode()


@generator("matrix", 8)
def matrix(rng: Random, folder: Path, given: Given) -> Input:
    """Return bilateral trade: a few lines that were mutated, or a whole matrix with something odd in it."""
    if rng.random() < 0.6:
        what, content = mutate(rng, MATRIX)
    else:
        what, content = _whole_matrix(rng, given)
    what += write(rng, folder / "trade.csv", content)
    return Input(what, _use_of_table(rng, "--trade-matrix", "trade.csv"))


def _whole_matrix(rng: Random, given: Given) -> tuple[str, bytes]:
    codes = list(given.codes)
    odd = rng.choice(["idle", "apart", "large", "small", "one-way", "empty", "loop", "huge"])
    gone = set(rng.sample(codes, rng.choice([1, 5, 60]))) if odd in ("idle", "apart") else set()
    scale = {"large": 1e3, "small": 1e-6, "huge": 1e150, "empty": 0.0}.get(odd, 1.0)
    lines = ["exporter,importer,value"]
    for i, one in enumerate(codes):
        for j in range(1, 12):
            other = codes[(i * 7 + j * j * 5) % len(codes)]
            if (one in gone) != (other in gone) or (odd == "idle" and one in gone):
                continue
            if odd == "one-way" and one > other:
                continue
            if other != one or odd == "loop":
                lines.append(f"{one},{other},{scale * (8.0 + (i * j) % 23)}")
    return f"{odd} matrix", "\n".join(dict.fromkeys(lines)).encode()


def _use_of_table(rng: Random, option: str, name: str) -> tuple[str, ...]:
    return rng.choice(
        [
            ("data", "check", option, name, "--notes"),
            ("data", "check", option, name),
            ("run", option, name, "--end", rng.choice(["2013", "2014"]), "--out", f"{OUT}/run"),
        ]
        + [("data", "show", "BRA", option, name)] * (option == "--data")
    )


# --------------------------------------------------------------------------------------------------------- institutions


@cache
def _institutions() -> dict[str, list[tuple[str, str]]]:
    folders = sorted((package_folder() / "institutions").iterdir())
    return {
        folder.name: [
            (p.name, p.read_text(encoding="utf-8")) for p in sorted(folder.glob("*.yaml"))
        ]
        for folder in folders
        if folder.is_dir()
    }


@generator("institution", 16)
def institution(rng: Random, folder: Path, given: Given) -> Input:
    """Return a folder with a file of any kind of institution, most often in the right place."""
    kind = rng.choice(sorted(_institutions()))
    name, text = rng.choice(_institutions()[kind])
    what, content = changed(rng, text)
    place = folder / "mine"
    place.mkdir()
    if kind != "banks" or rng.random() < 0.1:
        place = place / (kind if rng.random() < 0.95 else rng.choice(WORDS[:20]).replace("/", ""))
        place.mkdir(exist_ok=True)
    what = f"{kind}: {what}{write(rng, place / name, content)}"
    if kind in ("banks", "lenders") and rng.random() < 0.5:
        code = str(from_yaml(text).get("code", "NDB"))
        return Input(what, ("bank", rng.choice([code, "list"]), "--institutions", "mine"))
    end = rng.choice(["2013", "2014"])
    words = ("run", "--institutions", "mine", "--end", end, "--audit", "--quiet")
    return Input(what, (*words, "--out", f"{OUT}/run"))


# ---------------------------------------------------------------------------------------------------------------- draws


@generator("draws", 4)
def draws(rng: Random, folder: Path, given: Given) -> Input:
    """Return a file of draws of parameters, to be simulated in the base year."""
    table = default_parameters()
    names = rng.sample(sorted(d.name for d in table.definitions() if d.drawn), 3)
    rows = [
        ",".join(repr(_within(rng, *table.definition(name).bounds)) for name in names)
        for _ in range(rng.choice([1, 2]))
    ]
    what, content = "sound", (",".join(names) + "\n" + "\n".join(rows) + "\n").encode()
    if rng.random() < 0.7:
        what, content = mutate(rng, content.decode())
    name = rng.choice(["draws.csv", "draws.csv", "draws.parquet", "draws.txt"])
    what += write(rng, folder / name, content)
    words = ("ensemble", "baseline", "--source", name, "--end", "2013", "--executor", "serial")
    return Input(what, (*words, "--store", f"{OUT}/store", "--quiet"))
