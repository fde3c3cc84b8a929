"""Enter in the posterior and in the page's emulator that the model's files are others and its numbers the same.

    python -m tools.renew_posterior --hold    after a fit was recorded: writes down what runs at its draws show
    python -m tools.renew_posterior           after a change: runs them again, and where every number is the same
                                              enters the files as they are now

A posterior is of the model that it was fitted with, the page's emulator of the model that it was trained on, and every
change of the model's code or data makes it one of another model. A fit takes an hour, a training ten minutes. A change
that moves no number, such as a lever that is neutral unless it is asked for or a loop written faster, needs neither:
runs at the central draw and at the first draws, and with every slider of the page moved either way, every indicator of
two groups in two years, must be what they were to 1e-9 of their size. The manifest and the emulator then say when that
was found, and how far the furthest number was off. Changed priors, changed figures of the report and other sliders
always need a fit or a training.

A file of parameters that came after the fit may be entered too: what no run of the fit reads keeps its prior. Runs at
the first draws have its parameters far from their values, so that a number they move is seen to move.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sscsim.basis import basis_now, hashes
from sscsim.calibrated import DRAWS_FILE, MANIFEST_FILE, ShippedPosterior, shipped_posterior
from sscsim.calibration.shipped import manifest_text
from sscsim.choices import chosen
from sscsim.model import simulate
from sscsim.page import emulator
from sscsim.page.sliders import Slider, sliders
from sscsim.page.training import RESTS_ON, meaning_of_sliders, rests_on
from sscsim.page.training import stale as stale_page
from sscsim.policy import Scenario
from sscsim.resources import calibration_folder, package_folder
from sscsim.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[1]
HELD = ROOT / "tests" / "calibration" / "posterior_runs.csv"
DRAWS = 3
GROUPS = ("World", "LDC")
YEARS = (2018, 2034)
TOLERANCE = 1e-9
LATER_AT = 0.9
"""Quantile of their priors at which parameters that came after the fit stand in the first draws."""
RENEWED = "renewed"
"""Key of the manifest: when files were entered anew, and how far the furthest number was off."""

Key = tuple[str, str, str, int]
"""Draw or setting of the page, indicator, group, year."""


def points() -> Iterator[tuple[str, str | Scenario, str]]:
    """Yield what is run: a name, a scenario, and where its parameters are."""
    for point in ("central", *(f"draw:{i}" for i in range(DRAWS))):
        yield point, "baseline", point
    for name in ("min", "max"):
        setting = {slider: halfway(one, name) for slider, one in sliders().table.items()}
        yield f"page:{name}", sliders().scenario(setting), "central"


def halfway(one: Slider, end: str) -> float:
    """Return the setting between a slider's default and an end: beyond both there is nothing to be trained on."""
    return (one.default + float(getattr(one, end))) / 2.0


def shown() -> Iterator[tuple[Key, float]]:
    """Yield every indicator of the groups and years at each point, a seed each."""
    later = dict.fromkeys(shipped_posterior().later, LATER_AT)
    for seed, (name, scenario, point) in enumerate(points(), start=1):
        parameters = chosen(point).draw(later) if point.startswith("draw:") else chosen(point)
        run = simulate(scenario, seed=seed, parameters=parameters, keep="indicators")
        table = run.indicators
        some = table[table["group"].isin(GROUPS) & table["year"].isin(YEARS)]
        for row in some.itertuples(index=False):
            yield (name, str(row.indicator), str(row.group), int(row.year)), float(row.value)


def held() -> dict[Key, float]:
    """Return what was written down after the fit."""
    with HELD.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            (row["draw"], row["indicator"], row["group"], int(row["year"])): float(row["value"])
            for row in rows
        }


def written(sha256: str) -> str:
    """Return the file of what runs show now."""
    out = io.StringIO()
    out.write(f"# {DRAWS_FILE} {sha256}: python -m tools.renew_posterior --hold\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("draw", "indicator", "group", "year", "value"))
    writer.writerows((*key, f"{value:.12g}") for key, value in shown())
    return out.getvalue()


def furthest(before: dict[Key, float], now: dict[Key, float]) -> tuple[float, Key | None]:
    """Return by how much of its size the furthest number moved, infinite where one is gone, and which it is.

    Indicators that there were not before are no change.
    """
    most, which = 0.0, None
    for key, value in before.items():
        other = now.get(key, math.nan)
        if math.isnan(value) and key in now and math.isnan(other):
            continue
        apart = abs(other - value) / max(abs(value), 1e-12)
        if not apart <= most:
            most, which = (apart if math.isfinite(apart) else math.inf), key
    return most, which


def came_later(shipped: ShippedPosterior, place: str) -> bool:
    """Return whether a file of parameters came after the fit: the posterior, which has all it knew, has none."""
    path = package_folder() / place
    if not path.is_file():
        return False
    names = read_yaml(path).mapping("parameters")
    return not set(names) & {name.partition(".")[0] for name in shipped.names}


def obstacle(shipped: ShippedPosterior) -> str | None:
    """Return why what was fitted or trained cannot be entered without running anything, None where it may."""
    files = [name for names in shipped.stale.values() for name in names]
    priors = [name for name in shipped.stale.get("priors", ()) if not came_later(shipped, name)]
    other = ({"priors"} if priors else set()) | ({"targets"} & set(shipped.stale))
    if other:
        return f"A fit is needed: {' and '.join(sorted(other))} are others ({', '.join(files)})."
    if shipped.sha256 not in HELD.read_text(encoding="utf-8"):
        return f"{HELD.name} is of another posterior; only its fit can write it anew."
    return None


def page_obstacle(told: Mapping[str, Any], manifest: Mapping[str, Any], label: str) -> str | None:
    """Return why the page's emulator must be trained anew whatever the runs say, None where it need not.

    Parameters
    ----------
    told
        What the emulator tells of itself.
    manifest, label
        Of the posterior: that the runs are what they were says something of the models that it was entered with.
    """
    trained = {kind: hashes(told["files"])[kind] for kind in RESTS_ON}
    known = [manifest["hashes"], *(one["hashes"] for one in manifest.get(RENEWED, []))]
    if told["posterior"] != label or told["sliders"] != meaning_of_sliders():
        return "it is of another posterior or of other sliders"
    if not any(trained == {kind: one[kind] for kind in RESTS_ON} for one in known):
        return "it was trained on a model that the posterior was never entered with"
    return None


def enter(shipped: ShippedPosterior, most: float) -> None:
    """Write into the manifest that its posterior is of the model that is here."""
    place = calibration_folder() / MANIFEST_FILE
    manifest: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    basis = basis_now()
    told = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "files": [name for names in shipped.stale.values() for name in names],
        "furthest": most,
        "hashes": manifest["hashes"],
    }
    head = {k: v for k, v in manifest.items() if k != "basis"} | {
        "hashes": hashes(basis),
        RENEWED: [*manifest.get(RENEWED, []), told],
    }
    place.write_text(manifest_text({**head, "basis": basis}), encoding="utf-8")
    print(f"Entered in the posterior: {', '.join(told['files'])}.")


def enter_page(told: Mapping[str, Any], most: float) -> None:
    """Write into the page's emulator that it is of the model that is here."""
    entry = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "basis": told["basis"],
        "furthest": most,
    }
    now = rests_on()
    emulator.retold(emulator.shipped_path(), **now, **{RENEWED: [*told.get(RENEWED, []), entry]})
    print(f"Entered in the page's emulator: basis {told['basis']} is {now['basis']}.")


def main() -> int:
    """Write down, or compare and enter; 1 where something must be fitted or trained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hold", action="store_true", help="write down what runs show")
    options = parser.parse_args()
    shipped, told = shipped_posterior(), emulator.load().about
    if options.hold:
        if shipped.stale:
            print("The posterior is of another model: only runs of its own can be written down.")
            return 1
        HELD.write_text(written(shipped.sha256), encoding="utf-8")
        return 0
    page = bool(stale_page(told))
    if not shipped.stale and not page:
        print("The posterior and the page's emulator are of this model.")
        return 0
    if why := obstacle(shipped):
        print(why)
        return 1
    most, which = furthest(held(), dict(shown()))
    if most > TOLERANCE:
        files = [name for names in shipped.stale.values() for name in names]
        print(f"A fit is needed: {which} moved by {most:.2g} of its size ({', '.join(files)}).")
        return 1
    print(f"The furthest number moved by {most:.2g} of its size.")
    why = page_obstacle(told, shipped.manifest, shipped.label) if page else None
    if shipped.stale:
        enter(shipped, most)
    if why:
        print(f"The page's emulator must be trained anew: {why}.")
        return 1
    if page:
        enter_page(told, most)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
