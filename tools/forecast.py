"""The frozen forecast: ``python -m tools.forecast`` (``make forecast``) makes what the model says of 2019 to 2024.

Shocks, business cycles and swings of prices, trade and finance are drawn along: a forecast is of a world that has them.
Written are ``calibration/forecast_2018.csv`` and ``.json``. A forecast that has been published is not made again: a new
posterior gets a new one, and the old one stays in the history.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from sscsim.calibrated import shipped_posterior
from sscsim.calibration.forecast import (
    FORECAST,
    LAST_KNOWN,
    MANIFEST,
    STATEMENTS,
    YEARS,
    content_hash,
    forecast_of,
    forecast_text,
)
from sscsim.experiments.ensemble import run_ensemble
from sscsim.experiments.executors import available_cores
from sscsim.experiments.members import members
from sscsim.experiments.store import RunStore
from sscsim.resources import calibration_folder

DRAWS = 400


def main() -> int:
    """Make the forecast and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--workers", type=int, default=available_cores())
    options = parser.parse_args()
    asked = {(name, group) for name, groups in STATEMENTS.items() for group in groups}
    values: dict[tuple[str, str], list[np.ndarray]] = {key: [] for key in asked}
    units: dict[tuple[str, str], str] = {}
    years: list[int] = []
    with tempfile.TemporaryDirectory() as place:
        found = run_ensemble(
            members(["baseline"], options.draws, source="posterior", end=YEARS[-1], shocks=True),
            RunStore(Path(place) / "store"),
            "processes" if options.workers > 1 else "serial",
            workers=options.workers if options.workers > 1 else None,
        )
        for _, run in found:
            table = run.indicators
            for (name, group), rows in table.groupby(["indicator", "group"], sort=False):
                if (name, group) in asked:
                    rows = rows.sort_values("year")
                    years = rows["year"].tolist()
                    units[name, group] = str(rows["unit"].iloc[0])
                    values[name, group].append(rows["value"].to_numpy(float))
    statements = [
        statement
        for name, groups in STATEMENTS.items()
        for group in groups
        for statement in forecast_of(
            np.array(values[name, group]), years, name, group, units[name, group]
        )
    ]
    text = forecast_text(statements)
    shipped = shipped_posterior()
    told = {
        "command": "python -m tools.forecast",
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "data_to": LAST_KNOWN,
        "draws": options.draws,
        "shocks": True,
        "lost": found.failed,
        "posterior": shipped.sha256,
        "hashes": dict(shipped.manifest["hashes"]),
        "sha256": content_hash(text),
    }
    folder = calibration_folder()
    (folder / FORECAST).write_text(text, encoding="utf-8")
    (folder / MANIFEST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"{len(statements)} statements from {options.draws} draws in {folder / FORECAST}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
