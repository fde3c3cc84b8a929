"""The examples that `docs/extending.md` walks: each is at most three files, is shown whole, and works."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from _plugins import EXAMPLE, install_example

from sscsim import simulate
from sscsim.calibration import load_targets
from sscsim.calibration.targets import compare
from sscsim.model import SouthSouthModel
from sscsim.plugins import load
from sscsim.results import Run
from tests.project._extensions import EXTENSIONS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PAGE = ROOT / "docs" / "extending.md"
MOST = 3
OPTIONS = {"seed": 1, "parameters": "tables"}


def sections() -> dict[str, str]:
    """Return the sections of the page that walk an example, by title."""
    text = PAGE.read_text(encoding="utf-8")
    parts = re.split(r"^## (?=An? )(.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (one.split("\n## ")[0] for one in parts[2::2]), strict=True))


def shown(section: str) -> list[Path]:
    """Return the files that a section shows whole."""
    return [
        (PAGE.parent / name).resolve()
        for name in re.findall(r"^:::\{literalinclude\} (\S+)$", section, re.MULTILINE)
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with every example that joins runs: the package, the bank, the partner."""
    with pytest.MonkeyPatch.context() as patch:
        for folder in install_example(tmp_path_factory.mktemp("site")):
            patch.syspath_prepend(folder)
        return simulate(
            "baseline", end=2017, plugins=["travel"],
            institutions=EXAMPLES / "institutions", **OPTIONS,
        )  # fmt: skip


def test_each_kind_is_walked_and_takes_three_files_at_most() -> None:
    walked = sections()
    kinds = ("agent class", "step", "indicator", "lever", "bank", "partner", "target", "output")
    assert [any(kind in title for title in walked) for kind in kinds] == [True] * len(kinds)
    for title, section in walked.items():
        told = re.search(r"^Files: (.+)\.$", section, re.MULTILINE)
        assert told, title
        files = re.findall(r"`([^`]+)`", told[1])
        assert 1 <= len(files) <= MOST, title
        for name in files if title != "A lever" else ():
            assert list(EXAMPLES.rglob(name)), f"{title}: {name}"


def test_every_file_of_the_examples_is_shown_whole() -> None:
    there = {path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".yaml", ".toml")}
    assert there == {*shown(PAGE.read_text(encoding="utf-8"))}


def test_the_lever_is_the_one_that_a_test_adds_to_a_copy_of_the_package() -> None:
    section = sections()["A lever"]
    for name, puts in EXTENSIONS["a lever"].files.items():
        assert f"`{name}`" in section
        for put in puts:
            assert put.text.strip() in section


def test_the_step_the_indicators_and_the_agents_are_in_the_run(run: Run) -> None:
    for year in (2013, 2017):
        assert run.value("arrivals", "World", year) > 0.0
        assert run.value("median_travellers", "World", year) < run.value("arrivals", "World", year)
    countries = run.countries.set_index(["iso3", "year"])
    assert (countries["arrivals"] > 0.0).all()
    assert run.manifest["plugins"]["travel"]["steps"]


def test_the_agents_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in install_example(tmp_path):
        monkeypatch.syspath_prepend(folder)
    model = SouthSouthModel(
        "baseline", end=2013, plugins=["travel"], set={"travel_room": 0.01}, **OPTIONS
    )
    assert len(model.tourist_boards) == len(model.countries)
    model.step()
    assert model.state.arrivals.max() <= 0.01 * model.state.population.max()
    assert model.state.arrivals.sum() < model.state.departures.sum()


def test_the_bank_lends_and_the_partner_joins(run: Run) -> None:
    assert run.value("bank_approvals", "SEAS", 2017) > 0.0
    assert run.value("bank_approvals", "SEAS", 2014) == 0.0
    assert run.table("projects")["parties"].str.contains("KEN").any()


def test_the_target_is_held_beside_a_run(run: Run) -> None:
    [target] = load_targets(EXAMPLES / "targets.yaml")
    [found] = compare(run, [target])
    assert found.id == "fdi_in_idn"
    assert found.judged
    assert found.observed > 0.0


def test_the_format_writes_tables(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in install_example(tmp_path / "site"):
        monkeypatch.syspath_prepend(folder)
    run.export(tmp_path / "lines", "jsonlines", tables=["indicators"])
    lines = (tmp_path / "lines" / "indicators.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(run.indicators)


def test_the_agent_class_decides_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from cautious import Cautious  # type: ignore[import-not-found]

    usual = SouthSouthModel("baseline", end=2014, **OPTIONS)
    other = SouthSouthModel("baseline", end=2014, country_class=Cautious, **OPTIONS)
    for model in (usual, other):
        model.run()
    assert other.state.gdp.sum() < usual.state.gdp.sum()


def test_the_package_needs_no_more_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in install_example(tmp_path):
        monkeypatch.syspath_prepend(folder)
    (one,) = load(["travel"])
    assert one.origin == "sscsim-example 0.1.0"
    named = {
        (node.module or "").partition(".")[0]
        for path in EXAMPLE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    known = {"__future__", "collections", "typing", "pathlib", "sscsim", "sscsim_example"}
    assert named <= known
