"""Matrices of a user that are let in can be solved; those that cannot are refused, and who is at fault is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from sscsim import simulate
from sscsim.cli.main import cli
from sscsim.errors import InputError
from sscsim.world.loading import load_world
from sscsim.world.tables import World

CORE = ("CHN", "USA", "DEU", "JPN", "IND", "BRA", "ZAF", "KEN", "UGA", "MEX")


@pytest.fixture(scope="module")
def gravity() -> tuple[World, np.ndarray]:
    """Made-up trade of the whole world by GDP and distance, 18 trn dollars."""
    world = load_world()
    gdp = world.base["gdp_current_busd"]
    matrix = np.outer(gdp, gdp) / np.maximum(world.distance, 200.0)
    np.fill_diagonal(matrix, 0.0)
    return world, matrix * (18_000.0 / matrix.sum())


def written(path: Path, world: World, matrix: np.ndarray) -> Path:
    lines = ["exporter,importer,value"]
    lines += [
        f"{world.iso3[o]},{world.iso3[d]},{matrix[o, d]:.9f}"
        for o, d in zip(*np.nonzero(matrix > 0.0), strict=True)
    ]
    path.write_text("\n".join(lines))
    return path


def without(world: World, matrix: np.ndarray, *codes: str) -> np.ndarray:
    """Return the matrix in which some economies neither sell nor buy."""
    rows = [world.position(code) for code in codes]
    left = matrix.copy()
    left[rows], left[:, rows] = 0.0, 0.0
    return left


LINKS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "no trade at all": (),
    "buys a thousand dollars": (("CHE", "LIE", 1e-6),),
    "sells a thousand dollars": (("TUV", "AUS", 1e-6),),
    "sells to one alone": (("KEN", "UGA", 0.01),),
    "buys a little": (("USA", "SOM", 1e-4),),
    "sells and buys next to nothing": (("LIE", "CHE", 1e-6), ("CHE", "LIE", 2e-6)),
    "two that buy of each other next to nothing": (("LIE", "MCO", 1e-6), ("MCO", "LIE", 1e-6)),
}


@pytest.mark.parametrize("case", LINKS)
def test_who_cannot_trade_does_not(
    tmp_path: Path, gravity: tuple[World, np.ndarray], case: str
) -> None:
    world, matrix = gravity
    out = [
        code
        for code in ("LIE", "MCO", "TUV", "KEN", "SOM")
        if any(code in link for link in LINKS[case])
    ]
    left = without(world, matrix, *(out or ["LIE", "MCO"]))
    for seller, buyer, value in LINKS[case]:
        left[world.position(seller), world.position(buyer)] = value
    run = simulate(
        trade_matrix=written(tmp_path / "m.csv", world, left), end=2015, keep="indicators"
    )
    assert run.indicators["year"].max() == 2015
    said = " ".join(run.manifest["notes"])
    for code in out:
        assert f"{code} sells" in said
    if not out:
        assert "trade nothing" not in said


@pytest.mark.parametrize("least", [0.01, 0.05, 0.2])
def test_a_file_without_its_small_pairs_runs(
    tmp_path: Path, gravity: tuple[World, np.ndarray], least: float
) -> None:
    world, matrix = gravity
    path = written(tmp_path / "m.csv", world, np.where(matrix < least, 0.0, matrix))
    assert simulate(trade_matrix=path, end=2015, keep="indicators").indicators["year"].max() == 2015


def test_groups_that_trade_among_themselves_alone_run(
    tmp_path: Path, gravity: tuple[World, np.ndarray]
) -> None:
    world, matrix = gravity
    island = [world.position(code) for code in ("FJI", "TON", "WSM", "VUT", "SLB")]
    apart = matrix.copy()
    outside = np.setdiff1d(np.arange(world.size), island)
    apart[np.ix_(island, outside)], apart[np.ix_(outside, island)] = 0.0, 0.0
    apart[np.ix_(island, island)] *= 20.0
    path = written(tmp_path / "m.csv", world, apart)
    assert simulate(trade_matrix=path, end=2015, keep="indicators").indicators["year"].max() == 2015


def test_reports_of_some_countries_alone_are_refused_by_name(
    tmp_path: Path, gravity: tuple[World, np.ndarray]
) -> None:
    world, matrix = gravity
    importers = [world.position(code) for code in CORE]
    only = np.zeros_like(matrix)
    only[:, importers] = matrix[:, importers]
    with pytest.raises(InputError, match="sell or buy next to nothing") as refused:
        load_world(None, written(tmp_path / "m.csv", world, only))
    assert "FRA" in str(refused.value.found)


@pytest.mark.parametrize("scale", [2.0, 10.0, 1000.0, 0.3, 0.001, 1e-6])
def test_a_matrix_out_of_scale_is_refused_from_both_sides(
    tmp_path: Path, gravity: tuple[World, np.ndarray], scale: float
) -> None:
    world, matrix = gravity
    path = written(tmp_path / "m.csv", world, matrix * scale)
    with pytest.raises(InputError) as refused:
        simulate(trade_matrix=path, end=2013, keep="indicators")
    said = str(refused.value)
    assert (
        ("too much" if scale > 1.0 else "too little") in said
        or "next to nothing" in said
        or ("too large" in said)
    )


@pytest.mark.parametrize("code", ["KEN", "PER", "LAO"])
def test_one_economy_out_of_scale_is_named(
    tmp_path: Path, gravity: tuple[World, np.ndarray], code: str
) -> None:
    world, matrix = gravity
    odd = matrix.copy()
    odd[world.position(code)] *= 1000.0 if odd[world.position(code)].sum() < 5.0 else 100.0
    with pytest.raises(InputError) as refused:
        simulate(trade_matrix=written(tmp_path / "m.csv", world, odd), end=2013, keep="indicators")
    assert "out of scale" in str(refused.value) or "too much" in str(refused.value)


@pytest.mark.slow
def test_a_fit_takes_a_full_matrix(tmp_path: Path, gravity: tuple[World, np.ndarray]) -> None:
    world, matrix = gravity
    path = written(tmp_path / "m.csv", world, matrix)
    asked = (
        "--method",
        "fast",
        "--parameters",
        "gravity_south",
        "--budget",
        "72",
        "--final-seeds",
        "4",
        "--workers",
        "1",
    )
    done = CliRunner().invoke(
        cli,
        [
            "calibrate",
            "--paragraph",
            "79",
            "--trade-matrix",
            str(path),
            "--out",
            str(tmp_path / "fit"),
            *asked,
        ],
    )
    # Made-up trade may miss the report's figure, which ends with 1; it is fitted all the same.
    assert done.exit_code in (0, 1), done.output
    assert (tmp_path / "fit" / "best.yaml").is_file()
