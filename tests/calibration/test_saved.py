"""A posterior comes back from its folder as it went in, and what is no such folder is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from _posteriors import SETTINGS, made_up

from sscsim.calibration.outputs import write_duration, write_posterior
from sscsim.calibration.saved import read_posterior
from sscsim.errors import InputError
from sscsim.files import write_text
from sscsim.results.formats.parquet import Parquet
from sscsim.results.tables import Columns


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_text(tmp_path / "settings.json", json.dumps(SETTINGS))
    write_posterior(made_up(), tmp_path, SETTINGS)
    return tmp_path


def test_what_was_written_is_read(folder: Path) -> None:
    found, saved = made_up(), read_posterior(folder)
    assert saved.names == found.names
    assert np.array_equal(saved.values, found.values)
    assert np.array_equal(saved.evidence.weights, found.evidence.weights)
    assert np.array_equal(saved.evidence.places, found.evidence.places)
    assert np.array_equal(saved.evidence.before, found.evidence.before)
    assert np.array_equal(saved.evidence.values, found.evidence.values)
    for factor, told in found.evidence.likelihood.items():
        assert np.array_equal(saved.evidence.likelihood[factor], told)
    assert len(saved.unseen) == len(found.unseen) == 2
    for here, there in zip(saved.unseen, found.unseen, strict=True):
        assert np.array_equal(here.mean, there.mean)
        assert np.array_equal(here.sd, there.sd)
        assert np.array_equal(here.seen, there.seen, equal_nan=True)
        assert np.array_equal(here.logarithmic, there.logarithmic)
    assert [row.id for row in saved.figures] == [item.id for item in found.checks]
    assert saved.figures[1].scale == 0.3
    assert saved.figures[1].in_tolerances(3.3) == pytest.approx(1.0)
    assert saved.figures[0].in_tolerances([5.8, 6.0, 6.2]) == pytest.approx([-1.0, 0.0, 1.0])
    assert {row.parameter: row.fitted for row in saved.parameters}["idle"] is False
    # Quantiles of a uniform prior, in the middle of parts of equal probability.
    slope = saved.prior[:, saved.names.index("slope")]
    assert slope[:2] == pytest.approx([0.5 / len(slope), 1.5 / len(slope)])
    # The runs of the draws that admit a world, as they were weighted.
    assert saved.shown.shape[0] == len(found.evidence.weights)
    assert np.isfinite(saved.shown).all()


def test_the_duration_and_a_second_road_are_read_where_they_are(folder: Path) -> None:
    assert read_posterior(folder).duration == {}
    assert read_posterior(folder).second == {}
    write_duration(folder, runs=500, simulated=20, seconds=12.34)
    level = np.arange(10.0)
    (folder / "second_road.parquet").write_bytes(Parquet().write(Columns({"level": level})))
    (folder / "agreement.csv").write_text("name,mean,distance,error\nlevel,0,-0.4,0.1\n")
    saved = read_posterior(folder)
    assert saved.agreement == {"level": (-0.4, 0.1)}
    assert saved.duration == {"runs": 500, "simulated": 20, "seconds": 12.3}
    assert np.array_equal(saved.second["level"], level)


def test_what_is_no_posterior_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_posterior(tmp_path / "none")
    with pytest.raises(InputError, match=r"no settings\.json in it"):
        read_posterior(tmp_path)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(InputError, match="a file, and not the folder"):
        read_posterior(file)
    (tmp_path / "settings.json").write_text('{"method": "fast"}')
    with pytest.raises(InputError, match="a fast fit"):
        read_posterior(tmp_path)
    (tmp_path / "settings.json").write_text('{"method": "posterior"}')
    with pytest.raises(InputError, match="not finished"):
        read_posterior(tmp_path)
    (tmp_path / "settings.json").write_text("[")
    with pytest.raises(InputError, match="no longer what the fit wrote"):
        read_posterior(tmp_path)


@pytest.mark.parametrize("name", ["likelihood.parquet", "figures.csv", "priors.parquet"])
def test_a_missing_part_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"(?s)missing in this folder.*{name}.*--resume"):
        read_posterior(folder)


@pytest.mark.parametrize("name", ["rounds.parquet", "diagnostics.json", "parameters.csv"])
def test_a_broken_part_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    with pytest.raises(InputError, match=rf"{name}: this file is no longer"):
        read_posterior(folder)


def test_a_table_of_an_older_version_says_which_column_it_lacks(folder: Path) -> None:
    place = folder / "figures.csv"
    place.write_text(place.read_text().replace("scale", "width", 1))
    with pytest.raises(InputError, match=r"(?s)older version.*key: scale"):
        read_posterior(folder)


def test_files_of_two_fits_do_not_go_together(folder: Path) -> None:
    place = folder / "posterior.parquet"
    held = Parquet().columns(place.read_bytes()).held
    place.write_bytes(Parquet().write(Columns({**held, "another": held["level"]})))
    with pytest.raises(InputError, match="do not go together"):
        read_posterior(folder)
