"""Put the fits of the parts together and hold the whole against the report: ``python benchmarks/record.py``.

Trade and investment come from the fast fit of paragraphs 79 and 80 (calibration/recorded_trade_investment.yaml, written
by ``sscsim calibrate``), knowledge from knowledge_fit.py, banks from bank_paths.py; the volume of credit lines, the one
number of its part that moves the total of India's lines, is read off its prior here. The parts are fitted apart because
their figures hardly meet: what a bank lends moves no investor. The medians over 50 seeds of the whole are what counts;
the set is written to calibration/recorded.yaml only if every fitted figure is met.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sscsim.calibration import Comparison, load_targets
from sscsim.calibration.recorded import Recorded, compare_recorded, load_recorded, recorded_text
from sscsim.parameters import default_parameters

HERE = Path(__file__).resolve().parent
CALIBRATION = HERE.parent / "calibration"
QUANTILES = np.arange(0.40, 0.86, 0.05)
FEW, MANY = 12, 50
LAST_LINE_YEAR, LAST_YEAR = 2018, 2034
LINES = 81
"""The paragraph of the report on credit lines."""


def worst(items: tuple[Comparison, ...]) -> float:
    """Return the largest distance of a fitted row from the middle of its tolerance, in half widths."""
    distance = 0.0
    for item in items:
        if item.check is not None and item.target.role == "fit":
            low, high = item.check.within.limits(item.check.value)
            distance = max(distance, abs(item.observed - (low + high) / 2) / ((high - low) / 2))
    return distance


def main() -> int:
    targets = tuple(target for target in load_targets() if target.simulated)
    lines = tuple(target for target in targets if LINES in target.paragraph_numbers)
    values = dict(load_recorded(CALIBRATION / "recorded_trade_investment.yaml").parameters)
    for name in ("knowledge_fit.json", "bank_paths.json"):
        values |= json.loads((HERE / name).read_text())["parameters"]
    volume = default_parameters().definition("credit_volume")
    tried = []
    for quantile in QUANTILES:
        guess = values | {"credit_volume": volume.quantile(float(quantile))}
        point = Recorded(seeds=FEW, end=LAST_LINE_YEAR, parameters=guess)
        tried.append((worst(compare_recorded(point, lines)), guess["credit_volume"]))
        print(
            f"credit_volume {tried[-1][1]:.3f}: worst of the lines {tried[-1][0]:.2f} half widths"
        )
    values["credit_volume"] = min(tried)[1]

    recorded = Recorded(seeds=MANY, end=LAST_YEAR, parameters=values)
    items = compare_recorded(recorded, targets)
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
    print("\n".join(comments))
    missed = [i.id for i in items if i.target.role == "fit" and i.check and i.verdict != "met"]
    if missed:
        print("not recorded, missed:", ", ".join(missed))
        return 1
    (CALIBRATION / "recorded.yaml").write_text(recorded_text(recorded, comments), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
