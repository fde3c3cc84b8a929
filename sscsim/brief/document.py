"""A brief as a tree: what is said, and in which order, before any writer gives it a form.

Numbers stay numbers: a `Number` carries the value of the table that it was taken from, so that a test, and a reader of
the page, can hold what is printed against the tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = [
    "Block",
    "Bullets",
    "Commands",
    "Document",
    "Heading",
    "Number",
    "PageBreak",
    "Paragraph",
    "Picture",
    "Run",
    "Table",
    "Text",
    "numbers",
    "texts",
]


@dataclass(frozen=True)
class Number:
    """A number as it is printed, and what it was taken from.

    Attributes
    ----------
    text
        As it is printed, with its unit where that belongs to it.
    value
        As it stands in the table.
    factor
        What the value was multiplied by to be printed; the printed digits are those of value times factor.
    source
        Where it stands: table, row and column, as ``effects: goal_index, LDC, 2030, median``.
    """

    text: str
    value: float
    factor: float = 1.0
    source: str = ""


Run = str | Number
"""A piece of a sentence."""


@dataclass(frozen=True)
class Text:
    """A sentence or a few words.

    Attributes
    ----------
    runs
        Its pieces in order.
    language
        Its language where it is another than the document's, because nobody has translated it.
    """

    runs: tuple[Run, ...]
    language: str | None = None

    @property
    def plain(self) -> str:
        """The text without marks."""
        return "".join(run if isinstance(run, str) else run.text for run in self.runs)


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is a part of the brief, 2 a part of that."""

    text: Text
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Attributes
    ----------
    texts
        Its sentences.
    style
        ``plain``, ``lead`` (the answer) or ``note`` (under a table or a picture).
    """

    texts: tuple[Text, ...]
    style: str = "plain"


@dataclass(frozen=True)
class Bullets:
    """A list; each point is one or more sentences."""

    points: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table: the first row names the columns, the first cell of each row the row.

    Attributes
    ----------
    caption
        What it shows, in which unit.
    header
        Names of the columns.
    rows
        Cells.
    numeric
        Columns that hold numbers, by place: they stand to the right.
    """

    caption: Text
    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    numeric: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, with what it shows in words for whoever does not see it."""

    png: bytes = field(repr=False)
    caption: Text
    alternative: Text


@dataclass(frozen=True)
class Commands:
    """Lines to be typed."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page, where there are pages."""


Block = Heading | Paragraph | Bullets | Table | Picture | Commands | PageBreak


@dataclass(frozen=True)
class Document:
    """A brief.

    Attributes
    ----------
    title, subtitle
        What it is called, and what it rests on, in a line.
    language, direction
        Code of its language, and ``ltr`` or ``rtl``.
    blocks
        What it says.
    foot
        A line for the foot of each page.
    """

    title: Text
    subtitle: Text
    language: str
    direction: str
    blocks: tuple[Block, ...]
    foot: Text


def texts(document: Document) -> Iterator[Text]:
    """Return every text of a document, in its order."""
    yield document.title
    yield document.subtitle
    yield document.foot
    for block in document.blocks:
        if isinstance(block, Heading):
            yield block.text
        elif isinstance(block, Paragraph):
            yield from block.texts
        elif isinstance(block, Bullets):
            for point in block.points:
                yield from point
        elif isinstance(block, Table):
            yield block.caption
            yield from block.header
            for row in block.rows:
                yield from row
        elif isinstance(block, Picture):
            yield block.caption
            yield block.alternative


def numbers(document: Document) -> list[Number]:
    """Return every number of a document that was taken from a table."""
    return [run for text in texts(document) for run in text.runs if isinstance(run, Number)]
