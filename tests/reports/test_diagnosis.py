"""The page of a diagnosis: whole in itself, read by people and by what reads aloud, and safe whatever a title holds."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from _posteriors import SETTINGS, made_up

from sscsim.calibration.diagnosis import diagnose
from sscsim.calibration.outputs import write_duration, write_posterior, write_text
from sscsim.calibration.saved import SavedPosterior, read_posterior
from sscsim.reports.diagnosis import diagnosis_page, page, verdict

VOID = {"meta", "img", "br", "link"}


class Reader(HTMLParser):
    """Reads a page as strictly as may be: every tag is closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> SavedPosterior:
    folder = tmp_path_factory.mktemp("fit")
    write_text(folder / "settings.json", json.dumps(SETTINGS))
    write_posterior(made_up(), folder, SETTINGS)
    write_duration(folder, runs=900, simulated=100, seconds=90.0)
    return read_posterior(folder)


@pytest.fixture(scope="module")
def text(saved: SavedPosterior) -> str:
    return diagnosis_page(diagnose(saved))


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_charts", lambda found: iter(()))


def test_the_page_asks_nothing_of_any_other_place(text: str) -> None:
    read = Reader(text)
    policy = next(a for a in read.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")
    assert not re.search(r"(?:src|href|url)\s*[=(]\s*[\"']?\s*(?:https?:|//)", text)
    assert all(a["src"].startswith("data:image/svg+xml;base64,") for a in read.of("img"))
    assert all(a["href"].startswith("#") for a in read.of("a"))
    assert read.of("link") == []
    drawn = [base64.b64decode(a["src"].partition(",")[2]).decode() for a in read.of("img")]
    assert all(one.lstrip().startswith("<?xml") and "</svg>" in one for one in drawn)
    assert not any(re.search(r"xlink:href=\"(?!#|data:image/png)", one) for one in drawn)
    assert len(text) < 5_000_000


def test_every_link_of_the_contents_leads_to_a_section(text: str) -> None:
    read = Reader(text)
    sections = {a["id"] for a in read.of("section")}
    assert {a["href"][1:] for a in read.of("a")} == sections
    assert "roads" not in sections


def test_charts_have_words_and_tables_have_headings(text: str) -> None:
    read = Reader(text)
    assert len(read.of("img")) == 6
    assert all(len(a["alt"]) > 40 for a in read.of("img"))
    assert len(read.of("caption")) == len(read.of("table")) == 7
    assert all(a.get("scope") in ("col", "row") for a in read.of("th"))
    assert [name for name, _ in read.tags].count("h1") == 1


def test_every_parameter_and_every_figure_is_on_the_page(text: str) -> None:
    said = Reader(text).texts
    for name in ("level", "slope", "curve", "luck", "idle", "sum", "product"):
        assert said.count(name) >= 1, name
    start = text.index('<section id="unidentified">')
    plain = text[start : text.index("</section>", start)]
    named = re.findall(r"<li>(\w+)", plain)
    assert sorted(named) == ["curve", "idle", "luck"]
    assert "1.5 minutes in the last sitting, which simulated 100 of the runs" in text


@pytest.mark.slow
def test_the_same_posterior_gives_the_same_bytes(saved: SavedPosterior, text: str) -> None:
    assert diagnosis_page(diagnose(saved)) == text


@pytest.mark.usefixtures("no_charts")
def test_a_title_is_no_markup(saved: SavedPosterior) -> None:
    evil = "<script>alert(1)</script> & \"quoted\" 'too'"
    rows = (replace(saved.figures[0], title=evil, unit='<i>"'), saved.figures[1])
    told = {**saved.told, "scenario": evil}
    text = diagnosis_page(diagnose(replace(saved, figures=rows, told=told)))
    assert "<script>alert" not in text
    assert "<i>" not in text
    read = Reader(text)
    assert read.texts.count(f"{evil} (¶1)") == 1
    assert len(read.of("script")) == 1


@pytest.mark.usefixtures("no_charts")
def test_a_second_road_has_a_section_where_there_is_one(saved: SavedPosterior) -> None:
    second = {"level": saved.values[:, 0] + 1.0, "slope": saved.values[:, 1]}
    found = diagnose(replace(saved, second=second))
    text = diagnosis_page(found)
    assert '<section id="roads">' in text
    assert "Informed parameters by both roads" in text
    assert "on 1 of 2 informed parameters; not on level" in " ".join(verdict(found))


def test_the_chart_of_a_second_road_is_drawn(saved: SavedPosterior) -> None:
    second = {"level": saved.values[:, 0], "slope": saved.values[:, 1]}
    figure = page.charts.two_roads(diagnose(replace(saved, second=second)))
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["level", "slope"]


@pytest.mark.usefixtures("no_charts")
def test_where_nothing_is_informed_the_page_says_so(saved: SavedPosterior) -> None:
    rows = tuple(replace(row, fitted=row.parameter == "curve") for row in saved.parameters)
    found = diagnose(replace(saved, parameters=rows))
    text = diagnosis_page(found)
    assert "Fewer than two parameters are informed." in text
    assert "The figures inform 0 of 5 parameters; 5 are not identified by them." in verdict(found)


def test_the_verdict_begins_with_whether_the_draws_can_be_trusted(saved: SavedPosterior) -> None:
    assert verdict(diagnose(saved))[0].startswith("The draws can be trusted")
    bad = {**saved.told, "k_hat": [0.2, 0.93], "worth_of_draws": [150.0, 30.0]}
    first, met, *_ = verdict(diagnose(replace(saved, told=bad)))
    assert first.startswith("The draws cannot be trusted: k-hat is 0.93, above 0.7, after 2 rounds")
    assert met == "The median of what runs show meets 2 of 2 figures."
    missed = replace(saved.figures[0], run_50=6.5, pit=0.001)
    lines = verdict(diagnose(replace(saved, figures=(missed, saved.figures[1]))))
    assert lines[1].endswith("meets 1 of 2 figures. sum misses by 1.50 of its tolerance.")
    assert lines[2].startswith("Not explained: fewer than one run in 100")
    assert lines[2].endswith("for sum.")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0, "", "0"),
        (-0.00012, "", "−0.00012"),
        (-0.1, "share", "−10 %"),
        (0.756, "fraction", "75.6 %"),
        (-1234.5, "bn USD", "−1,234 bn USD"),
        (3.0, "1", "3"),
        (float("inf"), "", "∞"),
        (float("nan"), "", "–"),
    ],
)
def test_numbers_are_short_and_have_their_unit(value: float, unit: str, text: str) -> None:
    assert page.number(value, unit).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.usefixtures("no_charts")
def test_truths_that_were_found_again_are_told(saved: SavedPosterior) -> None:
    kind = {"truths": 200, "coverage": 0.88, "nominal": 0.9, "p": 0.214}
    told = {**saved.told, "coverage": {"identified": ["level"], "emulator": kind, "model": {}}}
    text = diagnosis_page(diagnose(replace(saved, told=told)))
    assert text.count("Truths found again") == 1
    assert "88\N{NO-BREAK SPACE}% inside intervals of 90\N{NO-BREAK SPACE}%, of 200 truths" in text


def test_a_broken_place_is_refused_before_a_half_page_is_there(
    saved: SavedPosterior, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sscsim.errors import OutputError
    from sscsim.reports.diagnosis import save_diagnosis

    monkeypatch.setattr(page, "_charts", lambda found: iter(()))
    with pytest.raises(OutputError):
        save_diagnosis(saved, tmp_path / "none" / "page.html")
    assert list(tmp_path.iterdir()) == []
