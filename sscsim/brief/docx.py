"""A brief as DOCX, by python-docx: real headings, header rows, alternative texts, languages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from sscsim.brief.document import (
    Block,
    Bullets,
    Commands,
    Document,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    Text,
)
from sscsim.brief.html import between
from sscsim.brief.pdf import missing

if TYPE_CHECKING:
    from docx.document import Document as Word

__all__ = ["docx_of"]

TAGS = {"en": "en-GB", "zh": "zh-CN", "fr": "fr-FR", "es": "es-ES", "ru": "ru-RU", "ar": "ar-SA"}
FONT, CHINESE_FONT = "Arial", "Microsoft YaHei"
"""What a word processor that has not got them replaces by its own."""

BLUE = "00527F"
PALE = "EEF5FA"


def docx_of(document: Document) -> bytes:
    """Return a document in the format of word processors.

    Raises
    ------
    InputError
        When python-docx is not installed.
    """
    try:
        import docx
    except ImportError as failure:
        raise missing("python-docx", "--format") from failure
    from docx.shared import Mm

    word = docx.Document()
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)
    _styles(word, document)
    word.core_properties.title = document.title.plain
    word.core_properties.language = TAGS[document.language]
    word.core_properties.author = "sscsim"
    word.core_properties.comments = ""
    _put(word.add_paragraph(style="Title"), document.title, document)
    _put(word.add_paragraph(style="Subtitle"), document.subtitle, document)
    for block in document.blocks:
        _block(word, block, document)
    _put(section.footer.paragraphs[0], document.foot, document)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def _styles(word: Word, document: Document) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    blue = RGBColor.from_string(BLUE)
    sizes = {
        "Normal": 10.0,
        "Title": 20.0,
        "Subtitle": 10.0,
        "Heading 1": 13.0,
        "Heading 2": 11.0,
        "Caption": 9.0,
    }
    for name, size in sizes.items():
        style: Any = word.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        if name != "Normal":
            style.font.color.rgb = (
                RGBColor(0x55, 0x55, 0x55) if name in ("Subtitle", "Caption") else blue
            )
            style.font.italic = False
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE_FONT)
        fonts.set(qn("w:cs"), FONT)
        if name == "Normal":
            language = properties.find(qn("w:lang"))
            if language is None:
                language = properties.makeelement(qn("w:lang"), {})
                properties.append(language)
            tag = TAGS[document.language]
            language.set(qn("w:val"), "en-GB" if document.language == "zh" else tag)
            language.set(qn("w:eastAsia"), tag if document.language == "zh" else "zh-CN")
            language.set(qn("w:bidi"), "ar-SA")
            style.paragraph_format.space_after = Pt(6)


def _block(word: Word, block: Block, document: Document) -> None:
    if isinstance(block, Heading):
        _put(word.add_paragraph(style=f"Heading {block.level}"), block.text, document)
    elif isinstance(block, Paragraph):
        _paragraph(word, block, document)
    elif isinstance(block, Bullets):
        for point in block.points:
            paragraph = word.add_paragraph(style="List Bullet")
            _sentences(paragraph, point, document)
    elif isinstance(block, Table):
        _table(word, block, document)
    elif isinstance(block, Picture):
        _picture(word, block, document)
    elif isinstance(block, PageBreak):
        word.add_page_break()  # type: ignore[no-untyped-call]
    else:
        assert isinstance(block, Commands)
        for line in block.lines:
            run = word.add_paragraph(style="No Spacing").add_run(line)
            run.font.name = "Courier New"
            run.font.size = _points(8.5)


def _paragraph(word: Word, block: Paragraph, document: Document) -> None:
    paragraph = word.add_paragraph(style="Caption" if block.style == "note" else "Normal")
    _sentences(paragraph, block.texts, document)
    if block.style == "note":
        for run in paragraph.runs:
            run.bold = False
    if block.style == "lead":
        _shaded(paragraph._p.get_or_add_pPr(), PALE)


def _picture(word: Word, block: Picture, document: Document) -> None:
    from docx.shared import Mm

    word.add_picture(io.BytesIO(block.png), width=Mm(160))
    holder = word.paragraphs[-1]
    holder.paragraph_format.keep_with_next = True
    for properties in holder._p.iter(
        "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
    ):
        properties.set("descr", block.alternative.plain)
        properties.set("title", block.caption.plain)
    caption = word.add_paragraph(style="Caption")
    _put(caption, block.caption, document)
    for run in caption.runs:
        run.bold = False


def _table(word: Word, block: Table, document: Document) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn

    caption = word.add_paragraph(style="Caption")
    _put(caption, block.caption, document)
    caption.paragraph_format.keep_with_next = True
    table = word.add_table(rows=1 + len(block.rows), cols=len(block.header))
    table.style = "Table Grid"
    for number, row in enumerate((block.header, *block.rows)):
        line = table.rows[number]
        properties = line._tr.get_or_add_trPr()
        whole = properties.makeelement(qn("w:cantSplit"), {})
        properties.append(whole)
        if number == 0:  # repeated on each page, and what a screen reader takes for the header
            header = properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"})
            properties.append(header)
        for place, text in enumerate(row):
            cell = line.cells[place]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = _points(1)
            _put(paragraph, text, document)
            for run in paragraph.runs:
                run.font.size = _points(8.5)
                run.bold = number == 0
            if place in block.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if number == 0:
                _shaded(cell._tc.get_or_add_tcPr(), PALE)
    description = table._tbl.tblPr.makeelement(
        qn("w:tblDescription"), {qn("w:val"): block.caption.plain}
    )
    table._tbl.tblPr.append(description)
    word.add_paragraph(style="No Spacing")


def _sentences(paragraph: Any, texts: tuple[Text, ...], document: Document) -> None:
    space = between(texts)
    for k, text in enumerate(texts):
        _put(paragraph, text, document, before=space if k else "")


def _put(paragraph: Any, text: Text, document: Document, before: str = "") -> None:
    """Add a text as one run, in its language and direction."""
    from docx.oxml.ns import qn

    run = paragraph.add_run(before + text.plain)
    if text.language is not None:
        properties = run._r.get_or_add_rPr()
        language = properties.makeelement(qn("w:lang"), {qn("w:val"): TAGS[text.language]})
        properties.append(language)
    elif document.direction == "rtl":
        run._r.get_or_add_rPr().append(run._r.makeelement(qn("w:rtl"), {}))
        properties = paragraph._p.get_or_add_pPr()
        if properties.find(qn("w:bidi")) is None:
            properties.append(properties.makeelement(qn("w:bidi"), {}))


def _shaded(properties: Any, colour: str) -> None:
    from docx.oxml.ns import qn

    shade = properties.makeelement(
        qn("w:shd"), {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): colour}
    )
    properties.append(shade)


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)
