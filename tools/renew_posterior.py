"""Enter in the manifest of the posterior that the model's files are others and its numbers the same.

    python -m tools.renew_posterior --hold    after a fit was recorded: writes down what runs at its draws show
    python -m tools.renew_posterior           after a change: runs them again, and where every number is the same
                                              enters the files as they are now

A posterior is of the model that it was fitted with, and every change of the model's code or data makes it one of
another model. A fit takes an hour. A change that moves no number, such as a lever that is neutral unless it is asked
for or a loop written faster, needs none: runs at the central draw and at the first draws, every indicator of two groups
in two years, must be what they were to 1e-9 of their size. The manifest then says when that was found, and how far the
furthest number was off. Changed priors and changed figures of the report always need a fit.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sscsim.basis import basis_now, differing, hashes
from sscsim.calibrated import DRAWS_FILE, MANIFEST_FILE, shipped_posterior
from sscsim.calibration.shipped import manifest_text
from sscsim.model import simulate
from sscsim.resources import calibration_folder

ROOT = Path(__file__).resolve().parents[1]
HELD = ROOT / "tests" / "calibration" / "posterior_runs.csv"
DRAWS = 3
GROUPS = ("World", "LDC")
YEARS = (2018, 2034)
TOLERANCE = 1e-9
RENEWED = "renewed"
"""Key of the manifest: when files were entered anew, and how far the furthest number was off."""

Key = tuple[str, str, str, int]
"""Draw, indicator, group, year."""


def shown() -> Iterator[tuple[Key, float]]:
    """Yield every indicator of the groups and years at the central draw and the first draws, a seed each."""
    points = ["central", *(f"draw:{i}" for i in range(DRAWS))]
    for seed, point in enumerate(points, start=1):
        run = simulate("baseline", seed=seed, parameters=point, keep="indicators")
        table = run.indicators
        some = table[table["group"].isin(GROUPS) & table["year"].isin(YEARS)]
        for row in some.itertuples(index=False):
            yield (point, str(row.indicator), str(row.group), int(row.year)), float(row.value)


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


def main() -> int:
    """Write down, or compare and enter; 1 where the numbers are others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hold", action="store_true", help="write down what runs show")
    options = parser.parse_args()
    shipped = shipped_posterior()
    if options.hold:
        if shipped.stale:
            print("The posterior is of another model: only runs of its own can be written down.")
            return 1
        HELD.write_text(written(shipped.sha256), encoding="utf-8")
        return 0
    if not shipped.stale:
        print("The posterior is of this model.")
        return 0
    files = [name for names in shipped.stale.values() for name in names]
    other = {"priors", "targets"} & set(shipped.stale)
    if other:
        print(f"A fit is needed: {' and '.join(sorted(other))} are others ({', '.join(files)}).")
        return 1
    if shipped.sha256 not in HELD.read_text(encoding="utf-8"):
        print(f"{HELD.name} is of another posterior; only its fit can write it anew.")
        return 1
    most, which = furthest(held(), dict(shown()))
    if most > TOLERANCE:
        print(f"A fit is needed: {which} moved by {most:.2g} of its size ({', '.join(files)}).")
        return 1
    place = calibration_folder() / MANIFEST_FILE
    manifest: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    basis = basis_now()
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "files": files, "furthest": most}
    head = {k: v for k, v in manifest.items() if k != "basis"} | {
        "hashes": hashes(basis),
        RENEWED: [*manifest.get(RENEWED, []), told],
    }
    place.write_text(manifest_text({**head, "basis": basis}), encoding="utf-8")
    print(f"Entered: {', '.join(files)}; the furthest number moved by {most:.2g} of its size.")
    assert not differing(basis)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
