"""What somebody adds takes as many files as ``CONTRIBUTING.md`` says, and it works: done in a copy of the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.project._extensions import EXTENSIONS, Put

ROOT = Path(__file__).resolve().parents[2]
MOST = {
    "an indicator": 1,
    "an indicator with a function of its own": 2,
    "a lever": 2,
    "a submodel": 3,
    "an agent type with files and a table": 5,
    "an output format": 1,
}

SCRIPT = """
import json, sys
from pathlib import Path
from sscsim import simulate
from sscsim.model import SouthSouthModel
from sscsim.results import Run

folder = Path(sys.argv[1])
# At the tables: the posterior that ships is of the model as it was, and says so.
options = {"seed": 1, "end": 2014, "institutions": folder / "mine", "parameters": "tables"}
model = SouthSouthModel("baseline", **options)
plain = model.run()
opened = simulate(folder / "opened.yaml", off=["tourism"], keep="indicators", **options)
plain.save(folder / "run")
again = Run.load(folder / "run")
plain.export(folder / "lines", "jsonlines")
lines = (folder / "lines" / "agencies.jsonl").read_text(encoding="utf-8").splitlines()
countries = again.countries.set_index(["iso3", "year"])
print(json.dumps({
    "trained": [plain.value(n, "South", 2014) for n in ("trained_part", "trained_countries")],
    "median": [plain.value(n, "World", 2014) for n in ("median_income", "gdp_per_head")],
    "evidence": [run.value("evidence", "South", 2014) for run in (plain, opened)],
    "arrivals": countries["arrivals"]["CHN"].tolist(),
    "spending": countries["agency_spending"]["BRA"].tolist(),
    "rows": again.table("agencies").to_dict("records"),
    "agents": [repr(type(agent).__name__) for agent in model.agencies],
    "same": again.content_hash == plain.content_hash,
    "lines": [json.loads(line) for line in lines],
}))
"""

OPENED = """name: opened
title: {en: All is opened}
description: Countries open what they have on record.
source: None.
paragraphs: [64]
levers:
  open_data: {from: 2014, value: 0.5}
"""


def extend(text: str, puts: tuple[Put, ...]) -> str:
    for put in puts:
        line = put.before or put.behind
        assert text.count(line) == 1, f"{line!r} stands {text.count(line)} times"
        text = text.replace(line, put.text + line if put.before else line + put.text)
    return text


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Add everything to a copy of the package, and return what a run of it has."""
    place = tmp_path_factory.mktemp("extended")
    for name in ("sscsim", "scenarios", "calibration"):
        shutil.copytree(ROOT / name, place / name)
    for extension in EXTENSIONS.values():
        for name, content in extension.files.items():
            path = place / "sscsim" / name
            if isinstance(content, str):
                assert not path.exists()
                path.write_text(content, encoding="utf-8")
            else:
                path.write_text(extend(path.read_text(encoding="utf-8"), content), encoding="utf-8")
        for name, content in extension.data.items():
            path = place / "mine" / name
            path.parent.mkdir(parents=True)
            path.write_text(content, encoding="utf-8")
    (place / "opened.yaml").write_text(OPENED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(place)],
        env={**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", EXTENSIONS)
def test_it_takes_no_more_files_than_promised(name: str) -> None:
    assert len(EXTENSIONS[name].files) <= MOST[name]


def test_the_page_for_contributors_names_the_same_files() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (an? [a-z ]+) \| \d+ \| (.+) \|$", text, re.MULTILINE))
    counts = dict(re.findall(r"^\| (an? [a-z ]+) \| (\d+) \|", text, re.MULTILINE))
    assert {name: int(count) for name, count in counts.items()} == {
        name: len(extension.files) for name, extension in EXTENSIONS.items()
    }
    for name, extension in EXTENSIONS.items():
        named = re.findall(r"`([a-z_/]+)(?:NAME)?(\.[a-z]+)`", rows[name])
        files = sorted(extension.files)
        assert len(named) == len(files), name
        for start, end in named:
            assert any(f.startswith(start) and f.endswith(end) for f in files), f"{name}: {start}"


def test_an_indicator_is_measured(outcome: dict[str, Any]) -> None:
    part, trained = outcome["trained"]
    assert part > 0.0
    assert trained > 0.0
    median, mean = outcome["median"]
    assert 0.0 < median < mean


def test_a_lever_moves_the_run(outcome: dict[str, Any]) -> None:
    plain, opened = outcome["evidence"]
    assert opened > plain + 0.3


def test_a_submodel_moves_its_variable(outcome: dict[str, Any]) -> None:
    first, last = outcome["arrivals"]
    assert last > 1.05 * first > 100.0


def test_an_agent_type_reads_its_file_decides_and_has_a_table(outcome: dict[str, Any]) -> None:
    assert outcome["agents"] == ["'NationalAgency'"]
    assert outcome["spending"] == pytest.approx([0.0225, 0.015])
    assert outcome["rows"] == [
        {"agency": "HELP", "year": year, "budget": budget}
        for year, budget in ((2013, 0.03), (2014, 0.02))
    ]
    assert outcome["same"], "saved and loaded"


def test_an_output_format_writes_every_table(outcome: dict[str, Any]) -> None:
    assert outcome["lines"] == outcome["rows"]
