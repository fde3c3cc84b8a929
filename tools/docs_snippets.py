"""What the documentation shows to be typed: commands and code in fenced blocks, found and run as a reader would.

``python -m tools.docs_snippets PAGE…`` runs what pages show in an empty folder, made small, and says what failed.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>[a-z]*)\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S
)
SHELL = ("sh", "console", "")
FILES = {"yaml": "mine.yaml", "csv": "mine.csv"}
"""What a page shows of a file is written under this name."""

CSV_HEAD = re.compile(r"[a-z_0-9]+(,[a-z_0-9]+)+\n")
"""How a table begins; the site colours none, so that it stands in a block of plain text."""

SMALL = {
    "--draws": "2",
    "--workers": "1",
    "--population": "8",
    "--evaluations": "8",
}
"""Options that are made small where a page is run."""

FEWER = {
    "compare": ("--draws",),
    "cost": ("--draws",),
    "discover": ("--draws",),
    "ensemble": ("--draws",),
    "identify": ("--draws",),
    "search": ("--draws", "--population", "--evaluations"),
    "seek": ("--draws",),
    "sensitivity": ("--draws",),
    "validate": ("--draws",),
    "why": ("--draws",),
}
"""Commands of which many runs are the default, and what makes them few."""

LEFT_OUT = {
    "calibrate": "an hour; tests/calibration fits few parameters, and .ci/run one from the command line",
    "screen": "minutes; tests/cli/test_calibrating.py",
    "diagnose": "needs a fit; tests/cli/test_diagnosing.py",
    "identify": "needs fifty draws; tests/cli/test_identifying.py",
    "sensitivity": "needs fifty draws; tests/cli/test_sensing.py",
    "discover": "needs fifty draws; tests/cli/test_sensing.py",
    "dashboard": "serves until it is ended; tests/cli/test_dashboard.py, tests/dashboard",
    "data trust": "hundreds of runs the first time; tests/cli/test_trust.py",
    "data fetch": "downloads; tests/world/test_fetching.py",
    "data import": "takes a publisher's file; tests/cli/test_importing.py",
    "data check --trade-matrix": "takes what was imported; tests/cli/test_importing.py",
    "run --trade-matrix": "takes what was imported; tests/cli/test_importing.py",
    "compare baseline trade-integration --source results/mine": "needs a fit; tests/calibration/test_posterior.py",
    "page --train": "an hour; tests/page/test_training.py",
    "validate --facts my_facts.yaml": "no page shows such a file; tests/cli/test_validating.py",
    "run --set trade_elastcity=4": "is shown to fail; tests/cli/test_errors.py",
    "cost --prices platform": "needs a file of prices; tests/cli/test_costing.py",
}
"""Commands that no page runs, by their first words: why, and what runs them."""

LEFT_OUT_CODE = {
    "fast_fit": "minutes; tests/calibration/test_fit.py",
    "import pyam": "needs an environment of its own: make pyam",
    "discover_futures": "needs thousands of runs; tests/experiments/test_futures.py",
    "SolaraViz": "a page that is served; tests/dashboard/test_components.py",
}
"""Code that no page runs, by what stands in it: why, and what runs it."""

FIRST = {
    "brief": ["run"],
    "extending": ["run"],
    "figures": ["run", "run full-agenda"],
    "results": ["run"],
}
"""Commands that a page takes as given."""

NAMED = re.compile(r"<!-- file: (?P<name>\S+) -->\n$")
"""Stands before a block that is a file of this name in the folder of one's institutions."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it stands."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Return the README and all pages of the site but decisions, which tell of their day."""
    found = (path for path in sorted(DOCS.rglob("*.md")) if "decisions" not in path.parts)
    return [ROOT / "README.md", *(path for path in found if "_build" not in path.parts)]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        width = len(found["indent"])
        inner = "".join(one[width:] for one in found["text"].splitlines(keepends=True))
        yield Block(page, line, found["language"], inner)


def kind(block: Block) -> str:
    """Return the language of a block, which a table of numbers has not."""
    return "csv" if block.language == "text" and CSV_HEAD.match(block.text) else block.language


def commands(block: Block) -> list[list[str]]:
    """Return the words of each `sscsim` command in a block of the shell, without remarks and what pipes take."""
    if block.language not in SHELL:
        return []
    found = []
    for line in re.sub(r"\\\n\s*", " ", block.text).splitlines():
        line = line.strip().removeprefix("$ ")
        if not line.startswith("sscsim "):
            continue
        line = re.split(r"\s{2,}(?![-\"'])| [|>] ", line)[0]
        found.append(shlex.split(line, comments=True)[1:])
    return found


def small(words: Sequence[str]) -> list[str]:
    """Return a command with few draws, as many as show that it works."""
    result = list(words)
    for i, word in enumerate(result[:-1]):
        if word in SMALL:
            result[i + 1] = "10" if result[0] == "plot" else SMALL[word]  # a band takes ten
    asks_prices = result[0] == "cost" and "--prices" in result
    for option in () if asks_prices else FEWER.get(result[0], ()):
        result += [] if option in result else [option, SMALL[option]]
    if result[0] == "targets" and "--check" in result and "--draws" not in result:
        result += ["--draws", "2"]
    return result


def why_left_out(words: Sequence[str]) -> str:
    """Return why a command is not run where its page is; empty where it is."""
    line = shlex.join(words)
    return next((why for first, why in LEFT_OUT.items() if f"{line} ".startswith(f"{first} ")), "")


def file_of(block: Block) -> str:
    """Return the name under which a page has a block as a file; empty for one that is none."""
    before = "".join(
        block.page.read_text(encoding="utf-8").splitlines(keepends=True)[: block.line - 2]
    )
    named = NAMED.search(before)
    if named:
        return f"mine/{named['name']}"
    if kind(block) == "csv" and block.text.startswith("indicator,group,year,value"):
        return "outcomes.csv"
    return FILES.get(kind(block), "")


def code(page: Path) -> str:
    """Return the code of a page, one block behind the other as a reader would type it, with few draws."""
    kept = [
        block.text
        for block in blocks(page)
        if block.language == "python" and not any(part in block.text for part in LEFT_OUT_CODE)
    ]
    text = re.sub(r"\bdraws=\d+", "draws=2", "\n".join(kept))
    text = re.sub(r"bands_of\(run, \d+\)", "bands_of(run, 10)", text)
    return text.replace("workers=2", "workers=1")


def run_page(page: Path, folder: Path, paths: Sequence[str] = ()) -> list[str]:
    """Run what a page shows, block by block, in a folder, and return what failed, with its place.

    Files that have names of their own come first: such a page shows what is done with them before it shows them.

    Parameters
    ----------
    page, folder
        What is run, and where.
    paths
        Folders in which Python looks for packages besides the checkout.
    """
    found = [str(ROOT), *paths]
    here = dict(
        os.environ,
        PYTHONPATH=os.pathsep.join(found),
        MPLBACKEND="Agg",
        NO_COLOR="1",
        COLUMNS="90",
    )
    failed = []

    def run(place: str, words: Sequence[str]) -> None:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=folder,
            env=here,
            capture_output=True,
            text=True,
            check=False,
        )
        # A check whose answer is no, as it is of two draws, has not failed.
        failure = re.search("error|traceback", done.stderr, re.IGNORECASE)
        says_no = done.returncode == 1 and {"--check", "validate"} & {*words} and not failure
        if done.returncode and not says_no:
            failed.append(f"{place}: {shlex.join(words)}\n{done.stderr or done.stdout}")

    def write(block: Block, name: str) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(block.text, encoding="utf-8")

    for block in blocks(page):
        if file_of(block) not in ("", *FILES.values()):
            write(block, file_of(block))
    for line in FIRST.get(page.stem, ()):
        run(f"{page.name}, before it", ["-m", "sscsim", *line.split()])
    for block in blocks(page):
        if file_of(block) in FILES.values():
            write(block, file_of(block))
        for words in commands(block):
            if words[:2] == ["scenario", "new"]:
                (folder / f"{words[2]}.yaml").unlink(missing_ok=True)
            for i, word in enumerate(words[:-1]):
                if word in ("--figure", "--out", "--save"):
                    (folder / words[i + 1]).parent.mkdir(parents=True, exist_ok=True)
            if not why_left_out(words):
                run(block.place, ["-m", "sscsim", *small(words)])
    text = code(page)
    if text.strip():
        run(f"{page.name}, its code", ["-c", text])
    return failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run pages and say what failed."""
    given = sys.argv[1:] if arguments is None else arguments
    failed = []
    for name in given:
        with tempfile.TemporaryDirectory() as folder:
            failed += run_page(Path(name).resolve(), Path(folder))
    print("\n".join(failed) or "all run")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
