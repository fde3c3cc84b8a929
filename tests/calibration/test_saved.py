"""A posterior comes back from its folder as it went in, and what is no such folder is refused in words."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from _posteriors import SETTINGS, made_up

from sscsim.calibration.diagnosis import diagnose
from sscsim.calibration.observing import Journal
from sscsim.calibration.outputs import begin, write_duration, write_posterior
from sscsim.calibration.saved import read_posterior
from sscsim.choices import draws_of
from sscsim.errors import InputError, OutputError
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
    with pytest.raises(InputError, match=rf"{name}(:\d+)?: this file is no longer"):
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


# --------------------------------------------------------------------------------------- what somebody did to the files


def _another(path: Path, make: Callable[[Path], None]) -> None:
    path.unlink(missing_ok=True)
    make(path)


def _vast(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(10**12)  # a terabyte of nothing


ODD: dict[str, Callable[[Path], None]] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
    "a terabyte": _vast,
    "nested deeply": lambda path: path.write_bytes(b"[" * 100_000) and None,
    "nested deeply, and whole": lambda path: path.write_bytes(b"[" * 9000 + b"]" * 9000) and None,
    "a list": lambda path: path.write_text("[1, 2]") and None,
    "a number of five thousand digits": lambda path: path.write_text("9" * 5000) and None,
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00") and None,
    "nothing": lambda path: path.write_bytes(b"") and None,
}
FILES_OF_A_FIT = (
    *("settings.json", "diagnostics.json", "figures.csv", "parameters.csv", "posterior.parquet"),
    *("draws.parquet", "likelihood.parquet", "rounds.parquet", "priors.parquet"),
)
unix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and devices as files")


@unix
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", FILES_OF_A_FIT)
def test_a_file_of_a_fit_that_is_another_thing_is_refused(
    folder: Path, name: str, odd: str
) -> None:
    _another(folder / name, ODD[odd])
    started = time.monotonic()
    with pytest.raises(InputError) as refused:
        read_posterior(folder)
    assert time.monotonic() - started < 2.0
    assert len(str(refused.value)) < 1000


@unix
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", ["settings.json", "observations.jsonl"])
def test_nor_does_a_fit_go_on_from_it(tmp_path: Path, name: str, odd: str) -> None:
    journal = begin(tmp_path / "fit", {"method": "fast"}, resume=False)
    Journal.open(journal).add({"a": (1.0, float("nan"))})
    assert list(Journal.open(begin(journal.parent, {"method": "fast"}, resume=True)).known) == ["a"]
    _another(journal.parent / name, ODD[odd])
    started = time.monotonic()
    if (name, odd) == ("observations.jsonl", "nothing"):
        assert not Journal.open(journal).known
        return
    if name == "observations.jsonl" and odd not in (
        "a pipe",
        "a link to a device",
        "a folder",
        "a terabyte",
    ):
        with journal.open("ab") as file:
            file.write(b"\n")  # a last line that was cut off would be dropped
    with pytest.raises((InputError, OutputError)):
        Journal.open(begin(journal.parent, {"method": "fast"}, resume=True))
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("line", ['["a", ["0x1p99999"]]', '["a", [[1]]]', '["a", 5]', "{}", "7"])
def test_a_line_of_a_journal_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "observations.jsonl"
    path.write_text(f'["a", ["0x1p1"]]\n{line}\n')
    with pytest.raises(InputError, match="begin the fit anew") as refused:
        Journal.open(path)
    assert refused.value.line == 2


@unix
@pytest.mark.parametrize("odd", ODD)
def test_nor_are_draws_taken_from_it(folder: Path, odd: str) -> None:
    _another(folder / "diagnostics.json", ODD[odd])
    started = time.monotonic()
    with pytest.raises(InputError):
        draws_of(folder, 2, lambda *_: [])  # type: ignore[arg-type,return-value]
    assert time.monotonic() - started < 2.0


EDITED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "no draws": lambda values: values[:0],
    "one draw": lambda values: values[:1],
    "not a number": lambda values: np.where(np.arange(len(values)) == 3, np.nan, values),
    "infinite": lambda values: np.where(np.arange(len(values)) == 3, np.inf, values),
    "larger than anything": lambda values: np.where(np.arange(len(values)) == 3, -1e250, values),
}


@pytest.mark.parametrize("edited", EDITED)
@pytest.mark.parametrize("name", ["posterior.parquet", "priors.parquet", "draws.parquet"])
def test_what_are_no_draws_of_parameters_is_refused(folder: Path, name: str, edited: str) -> None:
    held = dict(Parquet().columns((folder / name).read_bytes()).held)
    numbers = {column: EDITED[edited](np.asarray(values)) for column, values in held.items()}
    whole = edited in ("no draws", "one draw")
    changed = numbers if whole else held | {"level": numbers["level"]}
    (folder / name).write_bytes(Parquet().write(Columns(changed)))
    with pytest.raises(InputError, match="do not go together"):
        read_posterior(folder)


def test_a_parameter_that_is_the_same_in_all_draws_goes_with_no_other(folder: Path) -> None:
    place = folder / "posterior.parquet"
    held = dict(Parquet().columns(place.read_bytes()).held)
    place.write_bytes(Parquet().write(Columns(held | {"slope": np.full(len(held["slope"]), 0.5)})))
    found = diagnose(read_posterior(folder))
    at = [one.name for one in found.informed].index("slope")
    assert found.correlations[at, at] == 1.0
    assert np.abs(np.delete(found.correlations[at], at)).max() < 1e-12


@pytest.mark.parametrize("text", ['"' + "x" * 200_000 + '"', '"open', "a,b\n1\n", "a\0b"])
def test_a_table_of_a_fit_that_is_none_is_named(folder: Path, text: str) -> None:
    for name in ("figures.csv", "parameters.csv"):
        before = (folder / name).read_text()
        (folder / name).write_text(before.splitlines()[0] + "\n" + text + "\n")
        with pytest.raises(InputError, match=rf"{name}(:\d+)?: this file is no longer"):
            read_posterior(folder)
        (folder / name).write_text(before)


TOLD: dict[str, dict[str, object]] = {
    "a text for a number": {"k_hat": ["x", 0.1]},
    "truth for a number": {"worth_of_draws": [True, False]},
    "no numbers": {"shares_left_by_waves": None},
    "a number for names": {"fitted": 5},
    "numbers for names": {"fitted": [1, 2]},
    "a list for coverage": {"coverage": [1]},
    "coverage without its parts": {"coverage": {"identified": {"coverage": 0.9}}},
    "another number of rounds": {"k_hat": [0.1]},
}


@pytest.mark.parametrize("case", TOLD)
def test_diagnostics_that_say_something_else_are_refused(folder: Path, case: str) -> None:
    place = folder / "diagnostics.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | TOLD[case]))
    with pytest.raises(InputError, match=r"no longer what|do not go together"):
        read_posterior(folder)


@pytest.mark.parametrize(
    "said", [{}, {"runs": 1}, {"runs": "1", "simulated": 1, "seconds": 2}, [1]]
)
def test_a_duration_that_says_something_else_is_refused(folder: Path, said: object) -> None:
    (folder / "duration.json").write_text(json.dumps(said))
    with pytest.raises(InputError, match=r"duration.json: this file is no longer"):
        read_posterior(folder)


def test_a_table_of_a_fit_that_swells_is_refused_before_it_is_read(folder: Path) -> None:
    many = np.zeros(30_000_000)
    (folder / "rounds.parquet").write_bytes(Parquet().write(Columns({"seen": many})))
    started = time.process_time()
    with pytest.raises(InputError, match=r"no longer what(.|\n)*unpacks to"):
        read_posterior(folder)
    assert time.process_time() - started < 1.0
