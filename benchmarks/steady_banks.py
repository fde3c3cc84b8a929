"""Whether banks' approvals neither hump nor collapse, in the median of runs at draws of the posterior.

    python benchmarks/steady_banks.py [--draws 40]

For every bank the median approvals of a year from 2024 to 2034 are set beside their mean over the five years before.
The exit code is 1 where a year of any bank lies under 70 % of it.
"""

from __future__ import annotations

import argparse

import numpy as np

from sscsim import simulate

LEAST = 0.70
YEARS = range(2013, 2035)
JUDGED = range(2024, 2035)
BEFORE = 5


def main() -> int:
    """Print the lowest ratio of each bank, and return 1 where one is under what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=40)
    options = parser.parse_args()
    paths: dict[str, list[np.ndarray]] = {}
    for draw in range(options.draws):
        run = simulate("baseline", seed=draw + 1, parameters=f"draw:{draw}", keep="standard")
        for bank, rows in run.table("banks").groupby("bank"):
            by_year = rows.set_index("year")["approvals"].reindex(YEARS, fill_value=0.0)
            paths.setdefault(str(bank), []).append(by_year.to_numpy())
    lowest = {}
    for bank, found in sorted(paths.items()):
        median = np.median(found, axis=0)
        ratios = {
            year: float(
                median[year - YEARS[0]] / median[year - YEARS[0] - BEFORE : year - YEARS[0]].mean()
            )
            for year in JUDGED
        }
        year = min(ratios, key=lambda y: ratios[y])
        lowest[bank] = ratios[year]
        print(f"{bank:8} {ratios[year]:.2f} ({year}), of {options.draws} draws")
    print(f"lowest {min(lowest.values()):.2f}, at least {LEAST:.2f} asked for")
    return int(min(lowest.values()) < LEAST)


if __name__ == "__main__":
    raise SystemExit(main())
