"""A change detector: some thirty numbers and the content hash of two runs, held in ``expected_run.yaml``.

The numbers must hold to a tolerance on every machine. Hashes differ between processors and versions by the last digits
of a number, so they are compared only where what they depend on is as recorded.

``make numbers`` (``python -m tests.model._expected`` from the top folder) simulates anew, prints what moved and by how
much, and renews the file. A change of results is said in the changelog.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from math import isclose
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from threadpoolctl import threadpool_info

from sscsim.model import simulate
from sscsim.results.run import Run
from sscsim.yamlfile import read_yaml

HERE = Path(__file__).resolve().parent
EXPECTED = HERE / "expected_run.yaml"
SCENARIOS: dict[str, str | Path] = {
    "baseline": "baseline",
    "every-lever": HERE / "every-lever.yaml",
}
SEED = 1
TOLERANCE = 1e-9
"""Relative; counts are equal."""

INDICATORS = (
    "gdp, World, 2034",
    "gdp_growth, South, 2034",
    "gdp_current, World, 2034",
    "gni, LDC, 2034",
    "real_income, South, 2034",
    "poverty_people, World, 2034",
    "exports, South, 2018",
    "trade_within, South, 2034",
    "network_participation, World, 2034",
    "network_common_part, World, 2034",
    "fdi_inflow, South, 2034",
    "fdi_within, South, 2034",
    "fdi_inward_stock, World, 2034",
    "oda_received, LDC, 2034",
    "remittances_received, South, 2034",
    "other_finance_received, South, 2034",
    "provider_share, South, 2034",
    "agency_share, South, 2034",
    "coordination, South, 2034",
    "fragmentation, South, 2034",
    "projects_provided, South, 2034",
    "projects_received, LDC, 2034",
    "reported_projects_received, South, 2034",
    "evidence, South, 2034",
    "documented_practices, World, 2034",
    "capability, South, 2034",
    "fund_grant, South, 2034",
    "goal_index, World, 2034",
    "goal_16, LDC, 2034",
    "goals_on_track, South, 2030",
    "goals_lost, South, 2034",
)
VARIABLES = ("gini", "distress", "infrastructure_by_finance_energy", "experience")
"""Of single countries, no indicator speaks of them; their mean over countries and years."""


@dataclass(frozen=True)
class Outcome:
    """What is held of a run."""

    hash: str
    numbers: dict[str, float | int]


def _numbers(run: Run) -> Iterator[tuple[str, float | int]]:
    for line in INDICATORS:
        indicator, group, year = line.split(", ")
        yield line, run.value(indicator, group, int(year))
    for name in VARIABLES:
        yield f"mean {name}", float(np.mean(run.countries[name]))
    projects, loans = run.projects, run.loans
    yield "projects", len(projects)
    yield "projects that succeeded", int((projects["outcome"] == "succeeded").sum())
    yield "projects on record", int((projects["reported"] == "yes").sum())
    yield "triangular projects", int(projects["triangular"].notna().sum())
    yield "cost of projects", float(projects["cost"].sum())
    yield "money of trust funds in projects", float(projects["fund_money"].sum())
    yield "loans", len(loans)
    yield "loans for renewable energy", int(loans["renewable"].sum())
    yield "amount of loans", float(loans["amount"].sum())
    yield "loans written off", float(loans["written_off"].sum())
    yield "capital paid to banks", float(run.banks["capital_received"].sum())
    yield "decisions of governors", int((run.banks["decision"] != "none").sum())
    yield "equity of banks", float(run.banks["equity"].sum())
    yield "owed on credit lines", float(run.lenders["outstanding"].sum())


@cache
def outcome(name: str) -> Outcome:
    """Return what comes of a run now."""
    run = simulate(SCENARIOS[name], seed=SEED, keep="full", parameters="tables")
    return Outcome(run.content_hash, dict(_numbers(run)))


def fingerprint() -> dict[str, str]:
    """Return what a hash depends on beside code and data: versions, processor, and how linear algebra uses it."""
    # An import of SciPy's linear algebra brings its library in.
    import scipy.linalg  # noqa: F401

    kernels = {
        f"{i['internal_api']} {i['architecture']}" for i in threadpool_info() if "architecture" in i
    }
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "machine": f"{sys.platform} {platform.machine()}",
        "kernels": ", ".join(sorted(kernels)),
        **{name: version(name) for name in ("numpy", "scipy", "pandas")},
    }


def expected() -> Any:
    """Return the file as plain data."""
    return read_yaml(EXPECTED).data


def _same(was: float | int, now: float | int) -> bool:
    if isinstance(was, int) or isinstance(now, int):
        return was == now
    return isclose(was, now, rel_tol=TOLERANCE)


def moved(before: Mapping[str, float | int], after: Mapping[str, float | int]) -> list[str]:
    """Return a line for each number that differs by more than the tolerance, or that only one side knows."""
    lines = []
    for name in (*before, *(n for n in after if n not in before)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            lines.append(f"{name}: {'not held before' if was is None else 'gone'}")
        elif not _same(was, now):
            by = f" ({now / was - 1.0:+.3g})" if was else ""
            lines.append(f"{name}: {was!r} -> {now!r}{by}")
    return lines


def _kept(before: Mapping[str, float | int], after: Mapping[str, float | int]) -> dict[str, Any]:
    """Return the numbers to hold: those that have not moved stay as they were, so that small steps never add up."""
    return {n: before[n] if n in before and _same(before[n], v) else v for n, v in after.items()}


HEAD = """\
# Numbers and hashes of two runs at seed 1, for the change detector. Do not edit: `make numbers` renews them and says
# what moved. `versions` is what the hashes hold for; numbers hold everywhere, to 1e-9 of their size, counts exactly.
"""


def main() -> int:
    """Renew the file and print what moved."""
    old = expected() if EXPECTED.exists() else {"versions": {}, "runs": {}}
    new: dict[str, Any] = {"versions": fingerprint(), "runs": {}}
    for name in SCENARIOS:
        now = outcome(name)
        was = old["runs"].get(name, {"hash": "", "numbers": {}})
        lines = moved(was["numbers"], now.numbers)
        new["runs"][name] = {"hash": now.hash, "numbers": _kept(was["numbers"], now.numbers)}
        same = "as before" if was["hash"] == now.hash else f"{was['hash'][:12]} -> {now.hash[:12]}"
        print(f"{name}: {len(lines)} of {len(now.numbers)} numbers moved; hash {same}")
        print("".join(f"  {line}\n" for line in lines), end="")
    if old["versions"] != new["versions"]:
        print(f"versions: {old['versions']} -> {new['versions']}")
    content = yaml.safe_dump(new, sort_keys=False, width=120)
    EXPECTED.write_text(HEAD + content, encoding="utf-8")
    assert (
        expected() == new
    )  # PyYAML writes YAML 1.1: whatever 1.2 read otherwise would be seen here
    return 0


if __name__ == "__main__":
    # Linear algebra on one thread, as in the tests, so that the last digits are theirs.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        sys.exit(main())
