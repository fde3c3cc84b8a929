"""Set the model against gravity trade out of sample: ``python benchmarks/beat_the_naive_model.py``.

Both models start from the record of 2013 and know growth; each economy's share of world goods exports and imports
in 2015, which neither has seen, is predicted and set against the World Bank's record
(tools/world_data/observations). The fall of oil prices in 2014 moved shares most and neither model knows it, so errors
are also shown without fuel exporters, marked by a fall of more than a quarter. For the Goals, goal_backcast.py does the
same for 2007 to 2013.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sscsim import load_world, simulate

RECORD = Path(__file__).resolve().parent.parent / "tools" / "world_data" / "observations"
FELL = 0.75
SMALLEST = 1e-4  # share of world trade below which a record is too rough to judge by


def record(variable: str, iso3: tuple[str, ...]) -> np.ndarray:
    tables = [pd.read_csv(path, dtype={"iso3": str}) for path in sorted(RECORD.glob("*.csv"))]
    table = pd.concat(t for t in tables if "variable" in t.columns)
    rows = table[(table["variable"] == variable) & (table["year"] == 2015)]
    return rows.set_index("iso3")["value"].reindex(list(iso3)).to_numpy(float)


def shares(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    part = np.where(known, values, 0.0)
    return part / part.sum()


def main() -> None:
    world = load_world()
    model = simulate("baseline", seed=1, end=2015, keep="full")
    naive = simulate("baseline", seed=1, end=2015, keep="full", naive=True)
    print(
        f"{'share of world':18} {'economies':>9}  mean absolute error of log share, model / gravity / no change"
    )
    for variable, axis, name in (
        ("goods_exports_busd", 1, "exports"),
        ("goods_imports_busd", 0, "imports"),
    ):
        seen = record(variable, world.iso3)
        before = model.trade(2013).to_numpy().sum(axis=axis)
        known = np.isfinite(seen) & (seen > 0) & (before > 0)
        truth, start = shares(seen, known), shares(before, known)
        judged = known & (truth > SMALLEST) & (start > SMALLEST)
        steady = judged & (truth / np.where(start > 0, start, 1) > FELL)
        for label, mask in (("all", judged), ("no great fall", steady)):
            errors = []
            for flows in (model.trade(2015), naive.trade(2015), model.trade(2013)):
                guess = shares(flows.to_numpy().sum(axis=axis), known)
                errors.append(np.abs(np.log(guess[mask] / truth[mask])).mean())
            print(
                f"{name + ', ' + label:18.18} {mask.sum():9d}  "
                + " / ".join(f"{e:.4f}" for e in errors)
                + f"   model over gravity {errors[0] / errors[1]:.3f}"
            )


if __name__ == "__main__":
    main()
