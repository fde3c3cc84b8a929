"""What else a user hands over: comparisons and fits that were kept, tables as offices publish them, emulators."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from random import Random

from sscsim.page.emulator import shipped_path
from sscsim.results.writing import manifest_hash
from tests.fuzz._files import write
from tests.fuzz._inputs import OUT, Given, Input, generator
from tests.fuzz._mutations import mutate
from tests.fuzz._saved import damage

TRADE = (
    ("CHN", "BRA", 30.5),
    ("BRA", "CHN", 46.0),
    ("IND", "CHN", 17.0),
    ("CHN", "KEN", 3.2),
    ("DEU", "ZAF", 9.1),
)
NUMBERS = {"CHN": 156, "BRA": 76, "IND": 699, "KEN": 404, "DEU": 276, "ZAF": 710}
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def _published(rng: Random) -> str:
    """Return trade as one of several offices would print it."""
    if rng.random() < 0.5:
        lines = ["t,i,j,k,v,q"]
        lines += [f"2013,{NUMBERS[o]},{NUMBERS[d]},870323,{v * 1e6:.3f},NA" for o, d, v in TRADE]
    else:
        between = rng.choice(",;\t")
        lines = [between.join(("exporter", "importer", "value"))]
        lines += [between.join((o, d, str(v))) for o, d, v in TRADE]
    return "\n".join(lines) + "\n"


def _packed(rng: Random, content: bytes) -> tuple[str, bytes]:
    """Return an archive with a table in it, sound or damaged."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", rng.choice(PACKINGS)) as archive:
        for name in rng.sample(
            ("BACI_Y2013.csv", "notes.txt", "x/../y.csv", "read.me"), rng.choice([1, 2])
        ):
            archive.writestr(
                name, content * (rng.choice([1, 1, 1, 200]) if len(content) < 10_000 else 1)
            )
    data = bytearray(file.getvalue())
    if rng.random() < 0.2:
        return "sound archive", bytes(data)
    for _ in range(rng.choice([1, 3, 30])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return "archive with other bytes", bytes(
        data[: rng.choice([len(data), rng.randrange(len(data))])]
    )


@generator("published", 6)
def published(rng: Random, folder: Path, given: Given) -> Input:
    """Return a published table of trade that was mutated, plain or in an archive."""
    what, content = (
        mutate(rng, _published(rng)) if rng.random() < 0.7 else ("sound", _published(rng).encode())
    )
    name = "table.csv"
    if rng.random() < 0.5:
        packed, content = _packed(rng, content)
        what, name = f"{what}, {packed}", rng.choice(["table.zip", "table.csv"])
    what += write(rng, folder / name, content)
    words = (
        "data",
        "import",
        name,
        "--out",
        f"{OUT}/matrix.csv",
        *("--year", "2013") * rng.choice([0, 1]),
    )
    return Input(what, words)


@generator("comparison", 5)
def comparison(rng: Random, folder: Path, given: Given) -> Input:
    """Return a comparison that is no longer what was kept, its hashes most often put right."""
    shutil.copytree(given.comparison, folder / "kept")
    what = damage(rng, folder / "kept")
    path = folder / "kept" / "manifest.json"
    if rng.random() < 0.7 and path.is_file():
        try:
            said = json.loads(path.read_bytes())
            said["manifest_hash"] = manifest_hash(said)
            path.write_text(json.dumps(said), encoding="utf-8")
        except (ValueError, TypeError, AttributeError, RecursionError):
            pass
    words = ("export", "kept", "--to", rng.choice(["csv", "iamc"]), "--out", f"{OUT}/tables")
    return Input(what, words)


@generator("fit", 4)
def fit(rng: Random, folder: Path, given: Given) -> Input:
    """Return the folder of a posterior in which a file is another."""
    shutil.copytree(given.fit, folder / "fit")
    what = damage(rng, folder / "fit")
    # 1 says that draws cannot be trusted.
    return Input(what, ("diagnose", "fit", "--out", f"{OUT}/page.html"), codes=(0, 1, 2))


@generator("emulator", 3)
def emulator(rng: Random, folder: Path, given: Given) -> Input:
    """Return an emulator of the page with other bytes in it."""
    data = bytearray(shipped_path().read_bytes())
    # Its list, where names and sizes stand, is its end.
    first = rng.choice([0, len(data) - 3000])
    for _ in range(rng.choice([0, 1, 5])):
        data[rng.randrange(first, len(data))] = rng.randrange(256)
    what = f"other bytes from {first}" + write(rng, folder / "mine.npz", bytes(data))
    return Input(what, ("page", "--emulator", "mine.npz", "--out", f"{OUT}/page.html"))
