"""The writer of the page: one file that asks nobody for anything, complete in both languages."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from sscsim.errors import InputError, OutputError
from sscsim.page.html import LANGUAGES, SCRIPTS, page_html, texts, write_page
from sscsim.page.sample import sample_payload
from sscsim.resources import package_folder

ASSETS = package_folder() / "page" / "assets"
MOST_BYTES = 8_000_000


class Elements(HTMLParser):
    """Every element with its attributes, and what stands in each by its id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag, attributes) -> None:
        self.found.append((tag, dict(attributes)))
        self._open = dict(attributes).get("id") or ""

    def handle_data(self, data) -> None:
        self.inside[self._open] = self.inside.get(self._open, "") + data

    def handle_endtag(self, tag) -> None:
        self._open = ""


@pytest.fixture(scope="module")
def payload() -> dict:
    return sample_payload()


@pytest.fixture(scope="module")
def page(payload) -> str:
    return page_html("en", payload)


@pytest.fixture(scope="module")
def elements(page) -> Elements:
    parser = Elements()
    parser.feed(page)
    return parser


def own_text(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def test_the_page_is_small_enough_to_send(page) -> None:
    assert len(page.encode()) <= MOST_BYTES


def test_nothing_is_loaded_from_elsewhere(elements) -> None:
    for tag, attributes in elements.found:
        for name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            place = attributes.get(name)
            assert place is None or place.startswith(("#", "data:")), (tag, name, place)
        assert tag not in ("base", "iframe", "object", "embed")


def test_own_scripts_and_style_ask_for_nothing() -> None:
    for name in SCRIPTS:
        text = own_text(name)
        assert not re.search(
            r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(|https?:", text
        )
    assert not re.search(r"url\(|@import|https?:", own_text("page.css"))


def test_data_stand_in_the_page_as_they_were_given(elements, payload) -> None:
    assert json.loads(elements.inside["payload"]) == json.loads(json.dumps(payload))
    assert json.loads(elements.inside["texts"]) == texts()
    shapes = json.loads(elements.inside["shapes"])
    assert len(shapes["geo"]["features"]) > 150


def test_a_text_cannot_end_the_element_that_it_stands_in(payload) -> None:
    spoiled = {**payload, "regions": [{"id": "x", "title": {"en": "</script><b>", "zh": "<!--"}}]}
    parser = Elements()
    parser.feed(page_html("en", spoiled))
    assert json.loads(parser.inside["payload"])["regions"] == spoiled["regions"]


def test_words_stand_in_the_file_before_any_script_runs(payload) -> None:
    for language in LANGUAGES:
        page = page_html(language, payload)
        assert f'<html lang="{language}">' in page
        said = texts()[language]
        head = page[: page.index('<script type="application/json"')]
        assert f'<title data-t="title">{said["title"]}</title>' in head
        for key in re.findall(r'data-t="(\w+)"', head):
            escaped = said[key].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            assert escaped in head, key


def test_every_text_that_is_used_is_there_and_every_text_is_used() -> None:
    code = "\n".join(own_text(name) for name in SCRIPTS) + own_text("template.html")
    named = set(re.findall(r'data-[tl]="(\w+)"', code)) | set(re.findall(r'"([a-z]\w*)"', code))
    # Names that are put together: roles by their id, regions by theirs.
    parts = re.findall(r"T\(`([^`]*)`", code)
    patterns = [
        re.compile(re.sub(r"\$\{[^}]*(\{[^}]*\})?[^}]*\}", r"\\w+", part)) for part in parts
    ]
    for language in LANGUAGES:
        said = texts()[language]
        assert set(re.findall(r'\bT\("(\w+)"', code)) <= set(said)
        assert set(re.findall(r'data-[tl]="(\w+)"', code)) <= set(said)
        unused = [
            key for key in said if key not in named and not any(p.fullmatch(key) for p in patterns)
        ]
        assert unused == []


def test_no_text_ends_where_a_comment_would_begin() -> None:
    """A sign # after a space ends what stands in YAML without quotes."""
    for line in own_text("texts.yaml").splitlines():
        if not line.startswith("#") and " #" in line:
            assert line.rstrip(" }").endswith('"'), line


def test_both_languages_say_the_same_and_fill_in_the_same() -> None:
    english, chinese = texts()["en"], texts()["zh"]
    assert list(english) == list(chinese)
    for key, text in english.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", chinese[key])), key


def test_every_role_and_region_of_the_payload_has_its_words(payload) -> None:
    for language in LANGUAGES:
        for role in payload["roles"]:
            assert {f"role_{role['id']}_who", f"role_{role['id']}_talk"} <= set(texts()[language])
        for region in payload["regions"]:
            key = re.sub(r"\W+", "_", region["id"]).lower()
            assert f"region_{key}" in texts()[language]


def test_everything_of_the_payload_is_said_in_both_languages(payload) -> None:
    def look(one, place) -> None:
        if isinstance(one, dict) and ("en" in one or "zh" in one):
            assert one.get("en"), place
            assert one.get("zh"), place
        elif isinstance(one, dict):
            for key, part in one.items():
                look(part, f"{place}.{key}")
        elif isinstance(one, list):
            for number, part in enumerate(one):
                look(part, f"{place}[{number}]")

    look(payload, "payload")


def test_what_the_page_cannot_read_is_refused(payload, tmp_path) -> None:
    with pytest.raises(InputError, match="language"):
        page_html("fr", payload)
    with pytest.raises(InputError, match="form"):
        page_html("en", {**payload, "contract": 2})
    with pytest.raises(OutputError):
        write_page(tmp_path / "nowhere" / "page.html", "en", payload)


def test_the_page_is_written(payload, page, tmp_path) -> None:
    place = write_page(tmp_path / "page.html", "en", payload)
    assert place.read_text(encoding="utf-8") == page
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
