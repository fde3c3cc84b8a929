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

SMALL = {"--draws": "2", "--workers": "1"}
"""Options that are made small where a page is run."""


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
            result[i + 1] = SMALL[word]
    if (
        result[0] in ("why", "cost", "identify", "sensitivity", "discover")
        and "--draws" not in result
    ):
        result += ["--draws", "2"]
    return result


def run_page(page: Path, folder: Path, left_out: Sequence[str] = ()) -> list[str]:
    """Run what a page shows, block by block, in a folder, and return what failed, with its place.

    Parameters
    ----------
    page, folder
        What is run, and where.
    left_out
        Commands of `sscsim` that are not run, such as one that takes an hour.
    """
    here = dict(os.environ, PYTHONPATH=str(ROOT), MPLBACKEND="Agg", NO_COLOR="1", COLUMNS="90")
    failed = []

    def run(block: Block, words: Sequence[str]) -> None:
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
        says_no = done.returncode == 1 and "--check" in words and not failure
        if done.returncode and not says_no:
            failed.append(f"{block.place}: {shlex.join(words)}\n{done.stderr or done.stdout}")

    for block in blocks(page):
        if kind(block) in FILES:
            (folder / FILES[kind(block)]).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            run(block, ["-c", block.text])
        for words in commands(block):
            if words[0] not in left_out:
                if words[:2] == ["scenario", "new"]:
                    (folder / f"{words[2]}.yaml").unlink(missing_ok=True)
                run(block, ["-m", "sscsim", *small(words)])
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
