"""Changes of one line that nobody must be able to make unnoticed: each is made in a copy, and a quick test must fail.

Run from the top folder: ``python -m tools.mutations [NAME …] [--jobs N]``. A mutation is found by its text alone,
wherever in the package it stands and however its lines are broken. A text that is gone or stands twice is an error:
write the mutation anew for the code that took its place, since a change that cannot be made shows nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("sscsim", "scenarios", "calibration", "tests", "pyproject.toml")

NUMBERS = "tests/model/test_expected_run.py::test_no_number_has_moved"
"""The change detector, without hashes: it bites on every machine."""
WIRING = "tests/model/test_wiring.py"


@dataclass(frozen=True)
class Mutation:
    """A change of one line.

    Attributes
    ----------
    name
        What goes wrong.
    text, becomes
        What stands in one place of the package, and what is put there.
    killed_by
        Tests of which one must fail.
    """

    name: str
    text: str
    becomes: str
    killed_by: tuple[str, ...] = (NUMBERS,)

    @property
    def pattern(self) -> re.Pattern[str]:
        """The text as an expression that does not mind how lines are broken."""
        words = r"\s+".join(re.escape(word) for word in self.text.split())
        return re.compile(re.sub(r"(\\\()(?!\\s)", r"\1\\s*", words).replace(r"\)", r"\s*\)"))


class Misplaced(ValueError):
    """A mutation whose text does not stand in exactly one place."""


MUTATIONS = (
    # --------------------------------------------------------------------------------------------- turn of the year
    Mutation(
        "dollars without inflation",
        "opening.gdp_current * wage * (state.gdp / opening.gdp) * now.prices(),",
        "opening.gdp_current * wage * (state.gdp / opening.gdp),",
        (WIRING,),
    ),
    Mutation(
        "capability of last year is not handed over",
        "now.state.capability = now.last.closing_capability.copy()",
        "now.state.capability = now.last.capability.copy()",
    ),
    Mutation(
        "a year opens with last year's roads",
        "state.infrastructure_capital = last.closing_infrastructure_capital.copy()",
        "state.infrastructure_capital = last.infrastructure_capital.copy()",
    ),
    # -------------------------------------------------------------------------------------------------------- policy
    Mutation(
        "a lever is not neutral",
        "oda_factor=state.oda_factor,",
        "oda_factor=1.001 * state.oda_factor,",
    ),
    Mutation(
        "a lever of one country has one end only",
        "return before * ends[:, None] * ends[None, :]",
        "return before * ends[:, None]",
    ),
    Mutation(
        "what a lever did last year stays",
        "values = neutral",
        "values = getattr(state, one.name)",
    ),
    Mutation(
        "levers come a year late",
        "moved = levers.value(lever, state.year)",
        "moved = levers.value(lever, state.year - 1)",
    ),
    Mutation(
        "green lending has no lever",
        "green = funders @ state.credit_green",
        "green = 0.0 * (funders @ state.credit_green)",
    ),
    # -------------------------------------------------------------------------------------------------- institutions
    Mutation(
        "agreements end slowly",
        "np.where(gap < 0, gap, np.minimum(gap, self.agreement_step))",
        "np.clip(gap, -self.agreement_step, self.agreement_step)",
        (NUMBERS, WIRING),
    ),
    Mutation(
        "agreements enter into force at once",
        "np.where(gap < 0, gap, np.minimum(gap, self.agreement_step))",
        "gap",
    ),
    Mutation(
        "coordination jumps to its target",
        "state.coordination + rules.coordination_speed * gap",
        "state.coordination + gap",
    ),
    Mutation(
        "experience does not bring countries to provide",
        "np.log1p(state.experience) - average_experience,",
        "np.zeros(count),",
    ),
    # --------------------------------------------------------------------------------------------------------- trade
    Mutation(
        "facilitation learned at one end only",
        "add_ends(rest, side, side)",
        "add_ends(rest, side, response.infrastructure * sides.infrastructure)",
        (NUMBERS, WIRING),
    ),
    Mutation(
        "ties of cooperation bring no trade",
        "rest: Array = response.tie * pairs.tie",
        "rest: Array = 0.0 * pairs.tie",
    ),
    Mutation(
        "roads are worn by no traffic",
        "infrastructure=np.log(state.infrastructure_capital / opening.infrastructure_capital) - np.log(volume),",
        "infrastructure=np.log(state.infrastructure_capital / opening.infrastructure_capital),",
    ),
    # ---------------------------------------------------------------------------------------------------- investment
    Mutation(
        "investment in dollars without inflation",
        "gdp_ratio=state.gdp_current / opening.gdp_current,",
        "gdp_ratio=state.gdp / opening.gdp,",
        (NUMBERS, WIRING),
    ),
    Mutation(
        "investors do not look at what hosts have learned",
        "capability_change=state.capability[:, FINANCE] - opening.capability[:, FINANCE],",
        "capability_change=0.0,",
    ),
    Mutation(
        "the cycle of the world starts anew every year",
        "state.fdi_world_cycle = cycles.world",
        "state.fdi_world_cycle = 0.0 * cycles.world",
    ),
    # ------------------------------------------------------------------------------------------------------- finance
    Mutation(
        "external finance without a part",
        "+ banks.net + borrowed - lent",
        "+ banks.net + borrowed",
    ),
    Mutation(
        "loans of banks finance no imports",
        "+ banks.net + borrowed - lent",
        "+ borrowed - lent",
    ),
    Mutation(
        "aid does not follow its lever",
        "oda_factor=state.oda_factor,",
        "oda_factor=np.ones_like(state.oda_factor),",
    ),
    # --------------------------------------------------------------------------------------------------------- banks
    Mutation(
        "called capital is not remembered",
        "state.bank_called = state.bank_called + account.called",
        "state.bank_called = state.bank_called.copy()",
        (WIRING,),
    ),
    Mutation(
        "what a bank has promised a country is forgotten",
        "- service.principal - service.written + waiting,",
        "- service.principal - service.written,",
    ),
    Mutation(
        "projects at the prices of the base year",
        "mean_size=base.banks.project_size * prices,",
        "mean_size=base.banks.project_size,",
    ),
    Mutation(
        "governors forget the pace they reached",
        "pace = np.maximum(state.bank_pace, account.choice.approved)",
        "pace = account.choice.approved",
    ),
    Mutation(
        "borrowers in distress pay",
        "distressed = (loans.sovereign & (distress > 0.0).take(loans.receiver)).nonzero()[0]",
        "distressed = np.zeros(0, dtype=np.intp)",
    ),
    # ------------------------------------------------------------------------------------------------- credit lines
    Mutation(
        "tied lines buy nothing in their lender's country",
        "rise = self._tied_rise(self.desk.flows, now.state)",
        "rise = self._tied_before",
    ),
    Mutation(
        "debt on credit lines burdens nobody",
        "state.debt_service = banks.service + state.credit_service",
        "state.debt_service = banks.service.copy()",
    ),
    Mutation(
        "lenders do not know whom they lent to",
        "self.desk.book.partner,\n            state.distress,",
        "~self.desk.book.partner,\n            state.distress,",
    ),
    # ----------------------------------------------------------------------------------------------------- knowledge
    Mutation(
        "a purse is not cut",
        "cooperation.purse = np.minimum(planned - spent, planned % 1.0)",
        "cooperation.purse = planned - spent",
    ),
    Mutation(
        "a partner's purse is lost",
        "np.where(planned > 0.0, planned + self.cooperation.purse, 0.0)",
        "np.where(planned > 0.0, planned, 0.0)",
    ),
    Mutation(
        "providers are never busy",
        "return whole(factor * np.maximum(limit - busy, 0.0) + uniform",
        "return whole(factor * limit + uniform",
    ),
    Mutation(
        "regional projects take nobody's people",
        "room = room - np.bincount(regional.provider, minlength=len(room))",
        "room = room - 0 * np.bincount(regional.provider, minlength=len(room))",
    ),
    Mutation(
        "projects that fail teach too",
        "return cooperation.succeeding(year)",
        "return cooperation.closing(year)",
    ),
    Mutation(
        "what waits to come into use is learned twice",
        "known[:, TECHNOLOGY] = np.minimum(known[:, TECHNOLOGY] + state.technology_adjusting, 1.0)",
        "known[:, TECHNOLOGY] = np.minimum(known[:, TECHNOLOGY], 1.0)",
    ),
    # -------------------------------------------------------------------------------------------------------- growth
    Mutation(
        "cooperation teaches no productivity",
        "capability_change=None if recorded else state.productive_learning,",
        "capability_change=None,",
    ),
    Mutation(
        "banks build no infrastructure",
        "infrastructure_addition=state.infrastructure_addition,",
        "infrastructure_addition=np.zeros_like(state.gdp),",
    ),
    Mutation(
        "income from abroad follows the wrong stock",
        "state.fdi_outward_stock - state.fdi_inward_stock,",
        "state.fdi_inward_stock - state.fdi_outward_stock,",
    ),
    # --------------------------------------------------------------------------------------------------------- Goals
    Mutation(
        "cooperation does nothing for the Goals",
        "cooperation=state.cooperation_intensity if disturbed else None,",
        "cooperation=None,",
    ),
    Mutation(
        "trends of the Goals never fade",
        "trend=base.trend * base.parameters.trend_retention**since,",
        "trend=base.trend,",
    ),
    # --------------------------------------------------------------------------------------------------- measurement
    Mutation(
        "countries report on last year's method",
        "state.evidence, state.reporting, state.common_method, rules\n",
        "state.evidence, state.reporting, 0.0 * state.common_method, rules\n",
    ),
    Mutation(
        "reports cover all that happened",
        "self.reports[state.year] = state.reporting * cover",
        "self.reports[state.year] = state.reporting * 1.0",
    ),
    # ------------------------------------------------------------------------------------------ opening and recording
    Mutation(
        "the base year opens without what bodies report",
        "state.common_method = np.maximum(method, self.method_opening)",
        "state.common_method = np.full_like(method, self.method_opening)",
    ),
    Mutation(
        "the recorder forgets the first year",
        "if self.state.year < self.start:",
        "if self.state.year <= self.start:",
    ),
    Mutation(
        "growth is measured from the year itself",
        "self.measured = self.book.measure(self.state, self.opening, self.measured)",
        "self.measured = self.book.measure(self.state, self.state, self.measured)",
    ),
)


def place(mutation: Mutation, package: Path) -> Path:
    """Return the file in which the text of a mutation stands.

    Raises
    ------
    Misplaced
        When it stands nowhere, or more than once.
    """
    pattern = mutation.pattern
    found = [
        path
        for path in sorted(package.rglob("*.py"))
        for _ in pattern.findall(path.read_text(encoding="utf-8"))
    ]
    if len(found) != 1:
        where = ", ".join(str(path.relative_to(package.parent)) for path in found)
        raise Misplaced(
            f"{mutation.name!r} stands {f'{len(found)} times: {where}' if found else 'nowhere'}: {mutation.text!r}"
        )
    return found[0]


def survives(mutation: Mutation, source: Path = ROOT) -> str:
    """Make a mutation in a copy and return why it survived; nothing if a test noticed it.

    Raises
    ------
    Misplaced
        When the text of the mutation is not found in one place.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            if (source / name).is_dir():
                shutil.copytree(source / name, copy / name)
            else:
                shutil.copy2(source / name, copy / name)
        path = place(mutation, copy / "sscsim")
        text = path.read_text(encoding="utf-8")
        path.write_text(mutation.pattern.sub(lambda _: mutation.becomes, text), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *mutation.killed_by],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=600,
        )
    # 1: tests ran and one failed. Anything else that is not 0 is a mistake of the mutation and not a find of a test.
    if done.returncode == 1 and "ModuleNotFoundError" not in done.stdout:
        return ""
    return done.stdout[-2000:] + done.stderr[-2000:]


def main() -> int:
    """Make the mutations, or those named, and say which survived; 1 if any did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of names of mutations")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    chosen = [m for m in MUTATIONS if not asked.names or any(n in m.name for n in asked.names)]
    for mutation in chosen:
        place(mutation, ROOT / "sscsim")
    began = time.monotonic()
    with ThreadPoolExecutor(asked.jobs) as pool:
        found: Sequence[str] = []
        for mutation, why in zip(chosen, pool.map(survives, chosen), strict=True):
            print(f"{'SURVIVED' if why else 'noticed ':8}  {mutation.name}", flush=True)
            if why:
                found = [*found, why]
                print(f"{why}\n")
    print(f"{len(chosen)} mutations, {len(found)} survived, {time.monotonic() - began:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
