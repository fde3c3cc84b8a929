"""Pictures of the documentation and the README's examples: ``python -m tools.docs_pictures`` (``make pictures``).

Two runs, the draws of one of them and one comparison, by the commands that the documents name: pictures go to
``docs/images``, what the commands print goes between ``<!-- printed NAME -->`` and ``<!-- end -->``. Some minutes on
two cores.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
README = ROOT / "README.md"
WIDTH = "102"
"""Columns of a screen for which examples are printed."""

BANDS = 50
"""Draws behind the lines."""

DPI = 140

COMPARED = ("compare", "baseline", "no-cooperation", "full-agenda", "--draws", "50")


def printed(*arguments: str, folder: Path, width: str = WIDTH, no: int = 0) -> str:
    """Return what a command prints, run in a folder, on a screen of so many columns.

    Parameters
    ----------
    arguments, folder, width
        What is asked, and where.
    no
        The code with which the command ends where its answer is no.

    Raises
    ------
    RuntimeError
        With what the command says, where it fails.
    """
    here = dict(os.environ, COLUMNS=width, PYTHONPATH=str(ROOT), MPLBACKEND="Agg", NO_COLOR="1")
    done = subprocess.run(
        [sys.executable, "-m", "sscsim", *arguments],
        cwd=folder,
        env=here,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, no):
        raise RuntimeError(f"sscsim {' '.join(arguments)}: {done.stderr or done.stdout}")
    return done.stdout


def put(text: str, name: str, example: str) -> str:
    """Return a document with what a command printed in its place.

    Raises
    ------
    ValueError
        Where the document has no such place.
    """
    place = re.compile(
        rf"(<!-- printed {re.escape(name)} -->\n```text\n).*?(```\n<!-- end -->)", re.DOTALL
    )
    found, times = place.subn(lambda m: m[1] + example.rstrip("\n") + "\n" + m[2], text)
    if times != 1:
        raise ValueError(f"{times} places for what {name} prints")
    return found


def head_of(text: str, first: str, lines: int) -> str:
    """Return some lines from the one that begins so, and a mark that more follow."""
    every = text.splitlines()
    at = next(i for i, line in enumerate(every) if line.startswith(first))
    return "\n".join([*every[at : at + lines], "…"])


def main() -> int:
    """Draw and print everything anew."""
    from sscsim import simulate
    from sscsim.reports.bands import bands_of
    from sscsim.reports.country_maps import country_map
    from sscsim.reports.figures import save_figures, write_figures
    from sscsim.reports.side_by_side import save_beside

    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = put(text, "run", head_of(printed("run", folder=folder), "¶", 11))
        effects = printed(
            *COMPARED, "--figure", str(IMAGES / "cooperation_effects.png"), folder=folder
        )
        lines = effects.splitlines()
        begin = next(i for i, line in enumerate(lines) if "no-cooperation against baseline" in line)
        # Three blocks: effects, what their variance comes from, who gains and who loses.
        end = begin
        for _ in range(3):
            end = next(i for i in range(end + 1, len(lines)) if not lines[i].strip())
        text = put(text, "compare", "\n".join([*lines[begin:end], "…"]))
        run, other = simulate("baseline", seed=1), simulate("no-cooperation", seed=1)
        # The comparison has run the draws of the baseline.
        bands = bands_of(run, BANDS, store=folder / "results" / "store", executor="processes")
    README.write_text(text, encoding="utf-8")
    save_figures(run, IMAGES, bands=bands, dpi=DPI)
    save_beside(run, other, IMAGES, names=["paths_beside", "goals_beside"], dpi=DPI)
    poor = country_map(run, "poverty_headcount", 2030)
    write_figures({"map_poverty_headcount_2030": poor}, IMAGES, ["png"], DPI)
    return 0


if __name__ == "__main__":
    sys.exit(main())
