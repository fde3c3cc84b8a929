"""Files: a page without requests, a PDF whose text can be selected, a DOCX that an office opens."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from sscsim.brief import written
from sscsim.brief.document import Document, Heading, Picture, Text, numbers
from sscsim.brief.html import html_of
from sscsim.errors import InputError
from sscsim.reports import fonts

CHARACTERS = "南南合作"


@pytest.fixture(scope="module", params=["english", "chinese"])
def document(request: pytest.FixtureRequest) -> Document:
    found: Document = request.getfixturevalue(request.param)
    return found


def test_the_page_is_small_and_asks_for_nothing_outside(document: Document) -> None:
    page = html_of(document)
    assert len(page.encode()) < 3_000_000
    assert not re.findall(r"https?://|@import|url\(|<script|<link", page)
    assert all(
        found.startswith("data:image/png;base64,") for found in re.findall(r'src="([^"]*)"', page)
    )


def test_numbers_of_the_page_carry_the_value_of_the_table(document: Document) -> None:
    held = [float(value) for value in re.findall(r'<data value="([^"]*)"', html_of(document))]
    assert set(held) <= {number.value for number in numbers(document)}
    assert len(held) > 300


def test_the_page_is_marked_up_for_screen_readers(document: Document) -> None:
    page = html_of(document)
    assert f'<html lang="{"zh-Hans" if document.language == "zh" else "en"}" dir="ltr">' in page
    assert page.count("<h1") == 1
    assert page.count("<table>") == page.count("<caption>") == page.count("<thead>")
    assert page.count("<img") == len(re.findall(r'<img [^>]*alt="[^"]{40,}"', page))
    assert '<th scope="row">' in page


def test_what_is_not_translated_is_marked_as_english() -> None:
    one = Document(Text(("Title",)), Text(("<b> & c",), "en"), "ar", "rtl", (), Text(("x",)))
    page = html_of(one)
    assert '<html lang="ar" dir="rtl">' in page
    assert 'lang="en" dir="ltr">&lt;b&gt; &amp; c' in page


def pdf_text(data: bytes) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


@pytest.mark.long
def test_a_pdf_has_text_that_can_be_selected_and_is_tagged(document: Document) -> None:
    pytest.importorskip("weasyprint")
    data = written(document, "pdf")
    reader = pypdf.PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith(document.language)
    text = re.sub(r"\s", "", pdf_text(data))
    assert re.sub(r"\s", "", document.title.plain) in text
    if document.language == "zh":
        assert CHARACTERS[:2] in text
        embedded = {
            str(font) for page in reader.pages for font in (page["/Resources"]["/Font"] or {})
        }
        assert embedded


def test_a_docx_has_headings_header_rows_and_alternative_texts(document: Document) -> None:
    word = docx.Document(io.BytesIO(written(document, "docx")))
    assert word.core_properties.title == document.title.plain
    styles = [p.style.name for p in word.paragraphs if p.style is not None]
    main = [one for one in document.blocks if isinstance(one, Heading) and one.level == 1]
    assert styles.count("Heading 1") == len(main) > 5
    for table in word.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    drawn = list(word.element.body.iter(qn("wp:docPr")))
    assert drawn
    assert all(len(one.get("descr")) > 40 for one in drawn)


@pytest.mark.long
def test_an_office_opens_the_docx(document: Document, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        assert not os.environ.get("CI"), "continuous integration installs LibreOffice Writer"
        pytest.skip("LibreOffice Writer is not installed")
    (tmp_path / "brief.docx").write_bytes(written(document, "docx"))
    command = [
        office,
        "--headless",
        f"-env:UserInstallation={(tmp_path / 'office').as_uri()}",
        "--convert-to",
        "pdf",
    ]
    command += ["--outdir", str(tmp_path), str(tmp_path / "brief.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = re.sub(r"\s", "", pdf_text((tmp_path / "brief.pdf").read_bytes()))
    assert re.sub(r"\s", "", document.title.plain) in text
    # The numbers arrive, too; those that describe a picture to who cannot see it are not printed.
    seen = replace(document, blocks=tuple(b for b in document.blocks if not isinstance(b, Picture)))
    some = [n.text for n in numbers(seen) if re.fullmatch(r"[\d.,]{4,}", n.text)]
    assert len(some) > 50
    assert [number for number in some if number not in text] == []


def test_a_missing_package_is_said_with_the_extra(
    english: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    for form in ("docx", "pdf"):
        with pytest.raises(InputError, match="which is not installed") as failure:
            written(english, form)
        assert "sscsim[brief]" in str(failure.value)


def test_a_missing_font_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    fonts.chinese_font.cache_clear()
    monkeypatch.setattr(fonts, "_found", lambda: [])
    with pytest.raises(InputError, match="font with Chinese characters") as failure:
        fonts.families("zh")
    assert "fonts-noto-cjk" in str(failure.value)
    fonts.chinese_font.cache_clear()


def test_another_format_is_refused(english: Document) -> None:
    with pytest.raises(InputError, match="format of a brief"):
        written(english, "odt")
