"""What tutorials say that commands print: ``python -m tools.docs_tutorials`` (``make tutorials``) asks them anew.

Between ``<!-- printed NAME, of numbers MARK -->`` and ``<!-- end -->`` stands what the command above it printed, or its
first lines. The mark is that of the numbers that runs are held to; a test says which are of others. What needs no run
(``--files`` renews these alone) is compared word by word. All is asked in one folder, as a reader does it; some three
minutes on two cores.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.docs_pictures import head_of, printed
from tools.docs_tables import mark

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDTH = "88"
BLOCK = re.compile(
    r"<!-- printed (?P<name>[a-z-]+)(?:, of numbers (?P<mark>[0-9a-f]+))? -->\n```text\n(?P<text>.*?)```\n<!-- end -->",
    re.DOTALL,
)


@dataclass(frozen=True)
class Shown:
    """What a command prints, as tutorials show it.

    Attributes
    ----------
    words
        The command, without `sscsim`.
    first
        How the first line that is shown begins; with nothing all is shown from the first.
    lines
        How many lines are shown at most.
    runs
        Whether the model is run for it.
    no
        The code with which the command ends where its answer is no.
    """

    words: str
    first: str = ""
    lines: int = 99
    runs: bool = True
    no: int = 0

    def cut(self, text: str) -> str:
        """Return the part of what was printed that is shown."""
        text = text.strip("\n")
        every = text.splitlines()
        if not self.first and len(every) <= self.lines:
            return text
        return head_of(text, self.first, self.lines)


SHOWN = {
    "run": Shown("run", "¶", 12),
    "scenario": Shown("scenario show triangular-scale-up", runs=False),
    "compare": Shown("compare baseline triangular-scale-up --draws 20", "Triangular", 24),
    "why": Shown("why baseline triangular-scale-up --group LDC", lines=16),
    "cost": Shown("cost baseline triangular-scale-up --draws 20", lines=18),
    "explain": Shown("explain trade_elasticity", runs=False),
    "targets": Shown("targets --check --draws 20", "¶", 12, no=1),
    "setting": Shown('page --setting "cooperation=1.5 aid=2"', runs=False),
}
"""In the order in which they are asked: later ones find the runs of earlier ones in the store."""


def pages() -> list[Path]:
    """Return the tutorials."""
    return [*sorted((DOCS / "tutorials").glob("*.md")), DOCS / "zh" / "tutorial.md"]


def block(name: str, text: str) -> str:
    """Return a block with what a command printed."""
    of = f", of numbers {mark()}" if SHOWN[name].runs else ""
    return f"<!-- printed {name}{of} -->\n```text\n{text.rstrip()}\n```\n<!-- end -->"


def stale(text: str, ask: Callable[[Shown], str]) -> list[str]:
    """Return the names of blocks that are of other numbers than today's, or not what a command prints without a run."""
    found = []
    for one in BLOCK.finditer(text):
        shown = SHOWN[one["name"]]
        same = one["mark"] == mark() if shown.runs else one["text"].rstrip() == ask(shown).rstrip()
        if not same:
            found.append(one["name"])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask all commands anew and write what they print."""
    import shlex

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", action="store_true", help="only what needs no run")
    options = parser.parse_args(arguments)
    texts = {path: path.read_text(encoding="utf-8") for path in pages()}
    wanted = {one["name"] for text in texts.values() for one in BLOCK.finditer(text)}
    answers = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, shown in SHOWN.items():
            if name in wanted and not (shown.runs and options.files):
                words = shlex.split(shown.words)
                answers[name] = shown.cut(
                    printed(*words, folder=Path(folder), width=WIDTH, no=shown.no)
                )
                print(f"{name}: asked")
    for path, text in texts.items():
        new = BLOCK.sub(
            lambda one: (
                block(one["name"], answers[one["name"]]) if one["name"] in answers else one[0]
            ),
            text,
        )
        path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
