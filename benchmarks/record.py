"""Put the fits of the parts together and hold the whole against the report.

    python benchmarks/record.py FIT...        the folders of the fits named below

The figures of a part hardly meet those of another (what a bank lends moves no investor), so the parts are fitted apart,
each by one command, with the parameters that a screening found to move it and no others::

    sscsim calibrate --paragraph 79 --paragraph 80 --parameters TRADE --budget 700
    sscsim calibrate --paragraph 81 --paragraph 82 --parameters BANKS --budget 560 --final-seeds 20
    sscsim calibrate --paragraph 44 --paragraph 91 --parameters KNOWLEDGE --budget 600 --final-seeds 40

with the lists of `PARTS`; of what the second leaves, steady_banks.py takes the first point whose approvals do not hump.
All other parameters stay where the tables have them. The medians over 50 seeds of the whole are what counts; the set is
written to calibration/recorded.yaml, and the exit code says whether every fitted figure is met. Without folders the set
that is recorded is judged and written anew with today's medians.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from sscsim.calibration import Comparison, load_targets
from sscsim.calibration.recorded import Recorded, compare_recorded, load_recorded, recorded_text
from sscsim.errors import InputError

CALIBRATION = Path(__file__).resolve().parents[1] / "calibration"
MANY = 50
LAST_YEAR = 2034

PARTS: Mapping[str, tuple[str, ...]] = {
    "trade and investment": (
        "trade_record_scale",
        "gravity_south",
        "gravity_distance",
        "fdi_growth_response",
        "fdi_market_elasticity",
        "fdi_income_elasticity",
        "fdi_share_drift",
        "fdi_distance_elasticity",
        "fdi_south_affinity",
        "fdi_infrastructure_response",
    ),
    "banks and credit lines": (
        "credit_volume",
        "credit_focus_strength",
        "credit_affinity",
        "credit_need_elasticity",
        "credit_tie_elasticity",
        "credit_newcomer",
        "bank_envelope_share",
        "bank_ramp_midpoint",
        "bank_ramp_width",
        "proposal_intensity",
        "proposal_size_elasticity",
        "governors_hazard",
    ),
    "knowledge": (
        "arranging_cost",
        "third_party_cost_base",
        "request_rate",
        "request_body",
        "request_dispersion",
        "regional_rate",
        "project_second_year",
    ),
}
"""What is fitted, part by part."""


def joined(folders: list[Path]) -> dict[str, float]:
    """Return the best points of several fits as one.

    Raises
    ------
    InputError
        Where two fits give one parameter, or a fit gives one that belongs to no part.
    """
    known = {name for names in PARTS.values() for name in names}
    values: dict[str, float] = {}
    for folder in folders:
        for name, value in load_recorded(folder / "best.yaml").parameters.items():
            if name in values or name not in known:
                raise InputError(
                    "this parameter is of no part, or of two fits", file=folder, key=name
                )
            values[name] = value
    return values


def lines(items: tuple[Comparison, ...]) -> list[str]:
    """Return what the file says of itself."""
    comments = [
        "Written by benchmarks/record.py from the fits of the parts, all from their priors; nothing is set by hand.",
        f"Medians over seeds 1 to {MANY}:",
    ]
    for item in items:
        if item.check is not None:
            low, high = item.check.within.limits(item.check.value)
            comments.append(
                f"  {item.id}: {item.observed:.4g} {item.unit} (accepted {low:.4g} to {high:.4g}),"
                f" {item.target.role}, {item.verdict}"
            )
    return comments


def main() -> int:
    """Judge and write the set; return 1 where a fitted figure is missed."""
    folders = [Path(word) for word in sys.argv[1:]]
    place = CALIBRATION / "recorded.yaml"
    values = joined(folders) if folders else dict(load_recorded(place).parameters)
    targets = tuple(target for target in load_targets() if target.simulated)
    recorded = Recorded(seeds=MANY, end=LAST_YEAR, parameters=values)
    items = compare_recorded(recorded, targets, workers=2)
    comments = lines(items)
    print("\n".join(comments))
    place.write_text(recorded_text(recorded, comments), encoding="utf-8")
    missed = [i.id for i in items if i.target.role == "fit" and i.check and i.verdict != "met"]
    if missed:
        print("missed:", ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
