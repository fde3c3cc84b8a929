"""A run says what it was made of, is repeated from that, and says what is another by now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sscsim import simulate
from sscsim.agents import Country, DevelopmentBank
from sscsim.cli.main import cli
from sscsim.errors import InputError
from sscsim.provenance import changes, marks, settings_of
from sscsim.reports.words import source_line
from sscsim.resources import package_folder
from sscsim.results import Run

END = 2014


class Generous(Country):
    """A country of one's own."""


class Careful(DevelopmentBank):
    """A bank of one's own."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A user's own figures and institutions."""
    folder = tmp_path_factory.mktemp("own")
    figures = folder / "mine.csv"
    figures.write_text("iso3,column,value\nBRA,gini,0.5\n")
    own = folder / "institutions"
    (own / "partners").mkdir(parents=True)
    shipped = package_folder() / "institutions" / "partners" / "canada.yaml"
    (own / "partners" / "canada.yaml").write_text(shipped.read_text())
    return {"data": figures, "institutions": own}


CASES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "plain": ({}, []),
    "a parameter": ({"set": {"trade_elasticity": 4.0}}, ["trade_elasticity = 4"]),
    "ablation": ({"off": ["knowledge"]}, ["without knowledge"]),
    "own figures": ({"data": None}, ["own figures mine.csv"]),
    "own institutions": ({"institutions": None}, ["own institutions institutions"]),
    "another base": ({"base_trade": "factbook"}, ["trade of 2013 by factbook"]),
    "gravity alone": ({"base_trade": "gravity"}, ["trade of 2013 by gravity"]),
    "the model to beat": ({"naive": True}, ["the model to beat"]),
    "own classes": (
        {"country_class": Generous, "bank_classes": {"NDB": Careful}},
        ["bank NDB Careful", "country Generous"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_says_how_it_is_not_plain_and_is_repeated(
    tmp_path: Path, files: dict[str, Path], case: str
) -> None:
    asked, said = CASES[case]
    options = asked | {name: files[name] for name in files if name in asked}
    run = simulate("trade-integration", seed=3, end=END, **options)
    run.save(tmp_path / "run")
    kept = Run.load(tmp_path / "run")
    assert marks(kept.manifest) == said
    for mark in said:
        assert mark in source_line(kept, "made up")
    settings = settings_of(kept.manifest)
    assert changes(kept.manifest, settings) == []
    done = CliRunner().invoke(cli, ["run", "--again", str(tmp_path / "run"), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "equal to the bit" in " ".join(done.output.split())
    assert Run.load(tmp_path / "run-again").content_hash == run.content_hash


def edited(folder: Path, **changed: Any) -> None:
    """Change what a manifest says, its own hash with it."""
    from sscsim.results.writing import manifest_hash

    path = folder / "manifest.json"
    said = json.loads(path.read_text()) | changed
    said["manifest_hash"] = manifest_hash(said)
    path.write_text(json.dumps(said))


def test_what_has_changed_is_said(tmp_path: Path) -> None:
    figures = tmp_path / "mine.csv"
    figures.write_text("iso3,column,value\nBRA,gdp_current_busd,2400\n")
    simulate(seed=1, end=END, data=figures, keep="indicators").save(tmp_path / "run")
    figures.write_text("iso3,column,value\nBRA,gdp_current_busd,2300\n")
    done = CliRunner().invoke(cli, ["run", "--again", str(tmp_path / "run"), "--quiet"])
    text = " ".join(done.output.split())
    assert done.exit_code == 1, text
    assert "it is another:" in text
    assert "own figures:" in text
    assert "holds something else" in text
    figures.unlink()
    manifest = Run.load(tmp_path / "run").manifest
    assert "there is no such file" in " ".join(changes(manifest, settings_of(manifest)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"platform": {"numpy": "1.0"}}, "numpy: 1.0 then"),
        ({"parameter_hash": "0"}, "the parameter tables"),
        ({"data_hash": "0"}, "the world's tables"),
        ({"inputs": {"model": "0.0.1+abc"}}, "the model: 0.0.1+abc then"),
        (
            {"inputs": {"model": "", "classes": {"country": "nowhere:Own"}}},
            "nowhere:Own cannot be imported",
        ),
    ],
)
def test_every_ingredient_is_compared(tmp_path: Path, changed: dict[str, Any], said: str) -> None:
    simulate(seed=1, end=2013, keep="indicators").save(tmp_path / "run")
    edited(tmp_path / "run", **changed)
    manifest = Run.load(tmp_path / "run").manifest
    assert said in " ".join(changes(manifest, settings_of(manifest)))


@pytest.mark.parametrize("missing", ["scenario", "seed", "inputs", "parameters_changed"])
def test_a_manifest_that_says_too_little_is_refused(missing: str) -> None:
    manifest = dict(simulate(seed=1, end=2013, keep="indicators").manifest)
    del manifest[missing]
    with pytest.raises(InputError, match="does not say enough"):
        settings_of(manifest)


@pytest.mark.parametrize("extra", [("--seed", "2"), ("no-cooperation",), ("--off", "trade")])
def test_again_takes_nothing_else_that_a_run_is_asked_for(
    tmp_path: Path, extra: tuple[str, ...]
) -> None:
    simulate(seed=1, end=2013, keep="indicators").save(tmp_path / "run")
    done = CliRunner().invoke(cli, ["run", *extra, "--again", str(tmp_path / "run")])
    assert done.exit_code == 2
    assert "repeats a run as it was" in done.output
    assert not (tmp_path / "run-again").exists()
