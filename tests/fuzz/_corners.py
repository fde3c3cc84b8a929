"""Corners of what may be asked for: parameters and levers at their bounds, alone and together."""

from __future__ import annotations

from pathlib import Path
from random import Random

from sscsim.parameters import default_parameters
from sscsim.policy import lever_table
from tests.fuzz._edits import to_yaml
from tests.fuzz._inputs import OUT, Given, Input, generator


@generator("parameters", 4)
def parameters(rng: Random, folder: Path, given: Given) -> Input:
    """Return parameters at the ends of their bounds: one, a few, those of a submodel, all."""
    table = sorted(default_parameters().definitions(), key=lambda d: d.name)
    submodels = sorted({d.submodel for d in table})
    way = rng.choice(["one", "one", "few", "submodel", "all"])
    chosen = {
        "one": lambda: [rng.choice(table)],
        "few": lambda: rng.sample(table, 5),
        "submodel": lambda: (lambda name: [d for d in table if d.submodel == name])(
            rng.choice(submodels)
        ),
        "all": lambda: table,
    }[way]()
    ends = {d.name: rng.choice(d.bounds) for d in chosen}
    words = [word for name, value in ends.items() for word in ("--set", f"{name}={value!r}")]
    end = rng.choice(["2013", "2014", "2016"])
    return Input(
        f"{way}: {' '.join(words[1::2])[:200]}",
        ("run", *words, "--end", end, "--audit", "--quiet", "--out", f"{OUT}/run"),
    )


@generator("levers", 4)
def levers(rng: Random, folder: Path, given: Given) -> Input:
    """Return levers at their ends for everybody or for somebody: one, a few, all."""
    names = rng.sample(sorted(lever_table()), rng.choice([1, 1, 5, len(lever_table())]))
    settings = {}
    for name in names:
        lever = lever_table()[name]
        setting: dict[str, object] = {
            "value": rng.choice(lever.bounds),
            "from": rng.choice([2013, 2014]),
        }
        if lever.scope in ("country", "pair") and rng.random() < 0.5:
            setting["where"] = {"countries": rng.sample(given.codes, rng.choice([1, 10]))}
        settings[name] = setting
    data = {"name": "corner", "title": "A corner", "levers": settings}
    (folder / "corner.yaml").write_text(to_yaml(data), encoding="utf-8")
    words = ("run", "corner.yaml", "--end", rng.choice(["2014", "2015"]), "--audit", "--quiet")
    return Input(f"{len(names)} levers", (*words, "--out", f"{OUT}/run"))
