"""The page: numbers and charts of a diagnosis in one file, which asks nothing of any other place."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from sscsim.calibration.diagnosis import (
    APART,
    BY_CHANCE,
    CORRELATED,
    EXTREME,
    HELD,
    LEAST_COVERED,
    Diagnosis,
    diagnose,
)
from sscsim.calibration.emulator import require
from sscsim.calibration.posterior import GOOD_KHAT
from sscsim.calibration.saved import FigureRow, SavedPosterior
from sscsim.experiments.identification import INFORMED
from sscsim.files import write_text
from sscsim.reports.diagnosis import charts
from sscsim.reports.style import NO_BREAK, style_context

__all__ = ["Cell", "Table", "diagnosis_page", "save_diagnosis", "verdict"]

_SHARES = ("fraction", "share")
_MOST_PAIRS = 20


@dataclass(frozen=True)
class Cell:
    """What a table shows, and the number by which it is put in order; None for a text."""

    text: str
    order: float | None = None
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the page: what it says, headings, rows whose first cell names them."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = False

    @property
    def headings(self) -> list[tuple[str, bool]]:
        """Headings, and whether numbers stand below them."""
        first = self.rows[0] if self.rows else ()
        numbers = [cell.order is not None for cell in first] or [False] * len(self.columns)
        return list(zip(self.columns, numbers, strict=True))


@dataclass(frozen=True)
class Chart:
    """A chart as the page holds it: its file in letters, and what it shows in words."""

    source: str
    alt: str


def save_diagnosis(saved: SavedPosterior, path: Path) -> Diagnosis:
    """Write the page of a posterior and return what it says.

    Raises
    ------
    InputError
        Where the package that fills in the page is missing.
    OutputError
        When the file cannot be written.
    """
    found = diagnose(saved)
    write_text(path, diagnosis_page(found))
    return found


def diagnosis_page(found: Diagnosis) -> str:
    """Return the page as HTML: the same diagnosis gives the same bytes."""
    require("jinja2", "calibration")
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html").render(
        found=found,
        saved=found.saved,
        title=f"Posterior of {found.saved.told.get('scenario', 'a fit')}",
        verdict=verdict(found),
        facts=_facts(found),
        tables=_tables(found),
        charts=dict(_charts(found)),
        good_khat=GOOD_KHAT,
        informed_from=INFORMED,
        by_chance=BY_CHANCE,
        extreme=EXTREME,
        held=HELD,
        correlated=CORRELATED,
        least_covered=LEAST_COVERED,
        apart=APART,
        joined=joined,
        number=number,
        most_panels=charts.MOST_PANELS,
    )


# ---------------------------------------------------------------------------------------------------------- words


def number(value: float, unit: str = "") -> str:
    """Return a number with three significant digits, or whole, with its unit; a fraction as per cent."""
    if not math.isfinite(value):
        return "–" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = 100.0 * abs(value) if unit in _SHARES else abs(value)
    text = f"{size:,.0f}" if size >= 1000 else f"{size:.3g}"
    return f"{'−' if value < 0 and text.strip('0.') else ''}{text}{_ending(unit)}"


def _ending(unit: str) -> str:
    if unit in _SHARES:
        return f"{NO_BREAK}%"
    return f"{NO_BREAK}{unit}" if unit and unit != "1" else ""


def _bare(value: float, unit: str) -> str:
    return number(value, unit).removesuffix(_ending(unit))


def _range(low: float, high: float, unit: str = "") -> str:
    return f"{_bare(low, unit)} to {number(high, unit)}"


def _around(ends: Iterable[float], unit: str = "") -> str:
    """Return a median with its interval and its unit, of low, median and high."""
    low, middle, high = (_bare(float(end), unit) for end in ends)
    return f"{middle} ({low} to {high}){_ending(unit)}"


def joined(names: Sequence[str]) -> str:
    """Return names as a list in words."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f}{NO_BREAK}%".replace("-", "−")


def _tail(khat: float) -> str:
    return "none" if khat == -math.inf else f"{khat:.2f}".replace("-", "−")


def _accepted(row: FigureRow) -> str:
    """Return what a tolerance accepts."""
    if row.low == -math.inf:
        return f"≤{NO_BREAK}{number(row.high, row.unit)}"
    if row.high == math.inf:
        return f"≥{NO_BREAK}{number(row.low, row.unit)}"
    return _range(row.low, row.high, row.unit)


def verdict(found: Diagnosis) -> list[str]:
    """Return in plain sentences what the posterior is worth, the most important first."""
    saved, rows = found.saved, found.saved.figures
    draws = len(saved.evidence.weights)
    if found.trusted:
        first = (
            f"The draws can be trusted: the model itself, run at {draws} of them, changes their weights little (k-hat "
            f"{_tail(found.khat[-1])}; they are worth {found.worth[-1]:.0f} equal ones)."
        )
    else:
        first = (
            f"The draws cannot be trusted: k-hat is {_tail(found.khat[-1])}, above {GOOD_KHAT}, after "
            f"{_counted(len(found.khat), 'round')}; what follows is a sketch. More rounds or points are needed."
        )
    lines = [first]
    met = len(rows) - len(found.missed)
    text = f"The median of what runs show meets {met} of {len(rows)} figures."
    for row in found.missed:
        text += f" {row.id} misses by {row.miss:.2f} of its tolerance."
    lines.append(text)
    if odd := [row.id for row in found.unexplained]:
        lines.append(
            f"Not explained: fewer than one run in {1 / EXTREME:.0f} shows as little, or as much, as the report for "
            f"{joined(odd)}."
        )
    last = found.coverage[-1]
    weak = found.poorly_emulated
    lines.append(
        f"Emulators expected {_percent(float(last.inside.mean()))} of runs that they had not seen inside their 90 %"
        + (f"; too few for {joined(weak)}." if weak else ", and enough of each figure.")
    )
    lines.append(
        f"The figures inform {len(found.informed)} of {len(saved.names)} parameters; "
        f"{len(saved.names) - len(found.informed)} are not identified by them."
    )
    lines += _verdict_on_checks(found)
    return lines


def _verdict_on_checks(found: Diagnosis) -> Iterator[str]:
    two = [one for one in found.left_out if one.row.two_sided]
    told = [one for one in two if one.reliable]
    if told:
        hit = sum(one.inside for one in told)
        yield (
            f"Left out one at a time, {hit} of {len(told)} figures lie inside the 90 % that the others predict"
            + (
                f"; for {len(two) - len(told)} more it cannot be told."
                if len(two) > len(told)
                else "."
            )
        )
    elif two:
        yield "What the others predict of a figure that is left out cannot be told from these draws."
    wide = [one for one in found.tolerances if one.factor != 1.0 and one.khat > GOOD_KHAT]
    if wide:
        factors = joined([f"{one.factor:g} times" for one in wide])
        yield f"The draws do not reach to tolerances of {factors} the width (k-hat above {GOOD_KHAT})."
    if found.roads:
        far = [road.name for road in found.roads if not road.agree]
        count = len(found.roads)
        yield (
            f"The second road agrees within half a standard deviation on {count - len(far)} of {count} informed "
            f"parameters{'; not on ' + joined(far) if far else ''}."
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _facts(found: Diagnosis) -> list[tuple[str, str]]:
    saved, told = found.saved, found.saved.told
    fitted = sum(one.row.fitted for one in found.narrowings)
    rounds = [
        f"{_tail(khat)} (worth {worth:.0f} draws)"
        for khat, worth in zip(found.khat, found.worth, strict=True)
    ]
    facts = [
        ("Scenario", str(told.get("scenario", "–"))),
        ("Figures fitted", str(len(saved.figures))),
        (
            "Parameters with a prior",
            f"{len(saved.names)}, of which {fitted} were fitted",
        ),
        ("k-hat by round", ", ".join(rounds)),
        ("Draws handed out", f"{len(saved.values)}, equally weighted"),
        (
            "Left of the priors by waves",
            ", ".join(number(float(share), "share") for share in told["shares_left_by_waves"])
            or "–",
        ),
        ("Points that admit no world", str(told.get("inadmissible", "–"))),
    ]
    if saved.duration:
        runs, simulated = int(saved.duration["runs"]), int(saved.duration["simulated"])
        facts.append(("Runs", f"{runs:,}"))
        minutes = saved.duration["seconds"] / 60.0
        took = f"{minutes:.1f} minutes"
        if simulated < runs:
            took += f" in the last sitting, which simulated {simulated:,} of the runs"
        facts.append(("Duration", took))
    facts += list(_truths(found))
    facts.append(("Seed", str(told.get("seed", "–"))))
    if "model_and_data" in told:
        facts.append(("Model and data", str(told["model_and_data"])[:16]))
    return facts


def _truths(found: Diagnosis) -> Iterator[tuple[str, str]]:
    """Say how often made-up truths were found again, where that was tried."""
    for kind, told in found.saved.told.get("coverage", {}).items():
        if isinstance(told, dict) and told.get("coverage") is not None:
            yield (
                f"Truths found again ({kind})",
                f"{_percent(told['coverage'])} inside intervals of {_percent(told['nominal'])}, of "
                f"{told['truths']} truths; by chance as far off, or farther, with probability {told['p']:.2f}",
            )


# --------------------------------------------------------------------------------------------------------- tables


def _tables(found: Diagnosis) -> dict[str, Table]:
    return {
        "figures": _figures(found),
        "parameters": _parameters(found),
        "pairs": _pairs(found),
        "coverage": _coverage(found),
        "tolerances": _tolerances(found),
        "left_out": _left_out(found),
        "groups": _groups(found),
        "roads": _roads(found),
    }


def _figures(found: Diagnosis) -> Table:
    odd = {row.id for row in found.unexplained}
    rows = []
    for row in found.saved.figures:
        rows.append(
            (
                Cell(row.id),
                Cell(f"{row.title} ({row.paragraph})"),
                Cell(number(row.value, row.unit), row.value),
                Cell(_accepted(row), row.low),
                Cell(number(row.run_50, row.unit), row.run_50, row.miss > 0.0),
                Cell(_range(row.run_5, row.run_95, row.unit), row.run_5),
                Cell(f"{row.pit:.2f}", row.pit, row.id in odd),
                Cell(_percent(row.within_tolerance), row.within_tolerance),
            )
        )
    columns = (
        "figure",
        "what it is",
        "report",
        "accepted",
        "median run",
        "90 % of runs",
        "PIT",
        "runs within",
    )
    return Table(
        "What single runs of the posterior show beside the report", columns, tuple(rows), True
    )


def _parameters(found: Diagnosis) -> Table:
    rows = []
    for one in found.narrowings:
        row = one.row
        prior, posterior = (
            _around(getattr(row, f"{kind}_{end}") for end in (5, 50, 95))
            for kind in ("prior", "posterior")
        )
        said = "informed" if one.informed else "moved" if one.moved else "no"
        rows.append(
            (
                Cell(one.name),
                Cell(row.group),
                Cell(row.unit),
                Cell("yes" if row.fitted else "no"),
                Cell(prior, row.prior_50),
                Cell(posterior, row.posterior_50),
                Cell(_percent(row.contraction), row.contraction, one.informed),
                Cell(_percent(one.threshold), one.threshold),
                Cell(f"{one.shift:+.2f}".replace("-", "−"), one.shift, one.moved),
                Cell(said if row.fitted else "no: keeps its prior"),
            )
        )
    columns = (
        "parameter", "group", "unit", "fitted", "prior: median (5 to 95 %)", "posterior: median (5 to 95 %)",
        "contraction", "counts from", "mean moved by (prior sd)", "identified",
    )  # fmt: skip
    return Table("Every parameter, in the prior and in the posterior", columns, tuple(rows), True)


def _pairs(found: Diagnosis) -> Table:
    rows = tuple(
        (
            Cell(pair.first),
            Cell(pair.second),
            Cell(f"{pair.correlation:+.2f}".replace("-", "−"), pair.correlation),
        )
        for pair in found.pairs[:_MOST_PAIRS]
    )
    return Table(
        "The strongest pairs of informed parameters", ("parameter", "and", "rank correlation"), rows
    )


def _coverage(found: Diagnosis) -> Table:
    last, rows = found.coverage[-1], []
    weak = set(found.poorly_emulated)
    for k, row in enumerate(found.saved.figures):
        shares = [float(one.inside[k]) for one in found.coverage]
        mean, sd = float(last.mean[k]), float(last.sd[k])
        rows.append(
            (
                Cell(row.id),
                *(Cell(_percent(share), share) for share in shares[:-1]),
                Cell(_percent(shares[-1]), shares[-1], row.id in weak),
                Cell("–" if math.isnan(mean) else f"{mean:+.2f}".replace("-", "−"), mean),
                Cell("–" if math.isnan(sd) else f"{sd:.2f}", sd),
            )
        )
    columns = (
        "figure",
        *(f"inside 90 %, round {one.number} ({one.runs:,} runs)" for one in found.coverage),
        "mean distance (sd)",
        "spread of distances (sd)",
    )
    return Table("Runs that the emulators had not seen", columns, tuple(rows), True)


def _tolerances(found: Diagnosis) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            Cell("k-hat of the weights"),
            *(Cell(_tail(one.khat), one.khat, one.khat > GOOD_KHAT) for one in found.tolerances),
        ),
        (
            Cell("draws that they are worth"),
            *(Cell(f"{one.effective:.0f}", one.effective) for one in found.tolerances),
        ),
    ]
    shown = [one.name for one in found.informed[: charts.MOST_PANELS]]
    for k, name in enumerate(shown):
        ends = [one.parameters[:, k] for one in found.tolerances]
        rows.append((Cell(name), *(Cell(_around(part), float(part[1])) for part in ends)))
    for k, row in enumerate(found.saved.figures):
        ends = [one.figures[:, k] for one in found.tolerances]
        cells = (Cell(_around(part, row.unit), float(part[1])) for part in ends)
        rows.append((Cell(row.id), *cells))
    names = {0.5: "halved", 1.0: "as they are", 2.0: "doubled"}
    columns = ("", *(names[one.factor] for one in found.tolerances))
    return Table(
        "Medians (and 5 to 95 %) with tolerances and discrepancy of other widths",
        columns,
        tuple(rows),
    )


def _left_out(found: Diagnosis) -> Table:
    rows = []
    for one in found.left_out:
        row = one.row
        held = ", ".join(f"{name} {_percent(share)}" for name, share in one.holds[:4])
        reach = "yes" if one.reliable else "no"
        rows.append(
            (
                Cell(row.id),
                Cell(number(row.value, row.unit), row.value),
                Cell(
                    _around((one.low, one.median, one.high), row.unit),
                    one.median,
                    row.two_sided and not one.inside,
                ),
                Cell(f"{one.pit:.2f}", one.pit),
                Cell(_percent(one.within), one.within),
                Cell(_tail(one.khat), one.khat, not one.reliable),
                Cell(f"{one.effective:.0f}", one.effective),
                Cell(reach),
                Cell(held or "nothing alone"),
            )
        )
    columns = (
        "figure", "report", "predicted without it", "PIT without it", "runs within", "k-hat", "worth draws",
        "can be told", "holds (share of variance it takes away)",
    )  # fmt: skip
    return Table("What all other figures predict of each", columns, tuple(rows), True)


def _groups(found: Diagnosis) -> Table:
    rows = tuple(
        (
            Cell(group.name),
            Cell(str(group.parameters), group.parameters),
            Cell(str(group.fitted), group.fitted),
            Cell(str(len(group.informed)), len(group.informed)),
            Cell(", ".join(group.informed) or "–"),
            Cell(", ".join(group.figures) or "–"),
            Cell(", ".join(group.respond) or "–"),
        )
        for group in found.groups
    )
    columns = (
        "group", "parameters", "fitted", "informed", "which", "figures that hold them",
        "figures that respond in the screening",
    )  # fmt: skip
    return Table("Parameters and figures by group", columns, rows, True)


def _roads(found: Diagnosis) -> Table:
    rows = []
    for road in found.roads:
        texts = (Cell(_around(ends), float(ends[1])) for ends in (road.first, road.second))
        error = "–" if math.isnan(road.error) else f"±{NO_BREAK}{road.error:.2f}"
        apart = Cell(f"{road.apart:.2f}", road.apart, not road.agree)
        rows.append((Cell(road.name), *texts, apart, Cell(error, road.error)))
    columns = (
        "parameter",
        "this posterior",
        "second road",
        "apart (posterior sd)",
        "by chance of draws",
    )
    return Table("Informed parameters by both roads", columns, tuple(rows), True)


# --------------------------------------------------------------------------------------------------------- charts


def _charts(found: Diagnosis) -> Iterator[tuple[str, Chart]]:
    """Draw what there is something to draw of."""
    informed, rows = len(found.informed), len(found.saved.figures)
    fitted = sum(one.row.fitted for one in found.narrowings)
    panels = min(fitted, charts.MOST_PANELS)
    last = found.coverage[-1]
    told: list[tuple[str, bool, Callable[[Diagnosis], Figure], str]] = [
        (
            "narrowed", fitted > 0, charts.narrowed,
            f"Prior (filled) and posterior (line) of {panels} parameters, the most informed first: "
            f"{joined([one.name for one in found.narrowings if one.row.fitted][:3])} lead.",
        ),
        (
            "predicted", True, charts.predicted,
            f"What 90 % of runs show of {rows} figures in units of the tolerance, with the report's figure, and the "
            f"share of runs below it. {rows - len(found.missed)} medians lie inside.",
        ),
        (
            "correlations", informed > 1, charts.correlations,
            f"Rank correlations of {min(informed, charts.MOST_CORRELATED)} informed parameters; the strongest "
            "pairs are in the table.",
        ),
        (
            "coverage", True, charts.coverage,
            f"Share of unseen runs inside the emulators' 90 % by figure, {_percent(float(last.inside.mean()))} in "
            "the last round, and how far they lie from what was expected.",
        ),
        (
            "tolerances", True, charts.tolerances,
            "How medians of informed parameters and of figures move with tolerances halved and doubled.",
        ),
        (
            "left_out", True, charts.left_out,
            f"What the posterior predicts of {rows} figures with each and without it, and whether it can be told.",
        ),
        (
            "two_roads", len(found.roads) > 0, charts.two_roads,
            f"Intervals of {len(found.roads)} informed parameters by both roads.",
        ),
    ]  # fmt: skip
    for name, wanted, draw, alt in told:
        if wanted:
            yield name, Chart(_source_of(draw(found)), alt)


def _source_of(figure: Figure) -> str:
    """Return a figure as the source of an image: a file in letters, so that nothing is asked of any other place."""
    sink = io.BytesIO()
    with style_context():
        figure.savefig(sink, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(sink.getvalue()).decode()}"
