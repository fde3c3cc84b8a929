"""A brief as one HTML file: pictures inside, no outside request, readable by screen readers, fit to print."""

from __future__ import annotations

import base64
from html import escape

from sscsim.brief.document import (
    Block,
    Bullets,
    Commands,
    Document,
    Heading,
    Number,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    Text,
)

__all__ = ["STYLE", "html_of"]

STYLE = """
:root { color-scheme: light; }
html { font-size: 100%; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 46rem; color: #222; background: #fff;
  font-family: "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif;
  line-height: 1.5; }
:lang(zh) { font-family: "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
  "WenQuanYi Micro Hei", "Droid Sans Fallback", "DejaVu Sans", sans-serif; line-height: 1.7; }
header { border-bottom: 3px solid #0072b2; margin-bottom: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .4rem; color: #003e63; }
h2 { font-size: 1.2rem; margin: 1.7rem 0 .4rem; color: #00527f; }
h3 { font-size: 1rem; margin: 1.1rem 0 .3rem; color: #00527f; }
p { margin: .4rem 0 .7rem; }
.subtitle { color: #555; margin: 0 0 .8rem; }
.lead { background: #eef5fa; border-inline-start: 4px solid #0072b2; padding: .7rem .9rem; }
.note, figcaption { color: #555; font-size: .87em; }
ul { margin: .3rem 0 .7rem; padding-inline-start: 1.2rem; } li { margin: .25rem 0; }
figure { margin: 1rem 0; } figure img { width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .8em 0 1.1em; font-size: .87em; line-height: 1.35; }
caption { text-align: start; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .28rem .5rem; border-bottom: 1px solid #d9d9d9; text-align: start; vertical-align: top; }
thead th { border-bottom: 2px solid #777; vertical-align: bottom; }
tbody th { font-weight: 400; }
.n { text-align: end; font-variant-numeric: tabular-nums; }
pre { background: #f4f4f4; padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85em;
  font-family: "DejaVu Sans Mono", Consolas, Menlo, monospace; line-height: 1.5; }
footer { margin-top: 2rem; border-top: 1px solid #d9d9d9; color: #555; font-size: .85em; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } .break { break-before: page; }
  h2, h3, caption, thead { break-after: avoid; } figure, tr, .lead { break-inside: avoid; } }
"""
"""The style sheet of the page, and of the PDF made of it."""


def html_of(document: Document, style: str = STYLE) -> str:
    """Return a document as a page that needs nothing else.

    A number from a table stands in a ``data`` element: its ``value`` is the table's, to the last digit, and its
    ``title`` says where it stands.

    Parameters
    ----------
    document
        What to write.
    style
        The style sheet.
    """
    title = escape(document.title.plain)
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{_tag(document.language)}" dir="{document.direction}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="sscsim">',
        f"<title>{title}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<header>",
        f"<h1{_lang(document.title)}>{_text(document.title)}</h1>",
        f'<p class="subtitle"{_lang(document.subtitle)}>{_text(document.subtitle)}</p>',
        "</header>",
        "<main>",
    ]
    breaks = False
    for block in document.blocks:
        if isinstance(block, PageBreak):
            breaks = True
            continue
        parts.append(_block(block, breaks))
        breaks = False
    parts += [
        "</main>",
        f"<footer><p{_lang(document.foot)}>{_text(document.foot)}</p></footer>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(parts)


def _block(block: Block, breaks: bool) -> str:
    if isinstance(block, Heading):
        kind = ' class="break"' if breaks else ""
        return (
            f"<h{block.level + 1}{kind}{_lang(block.text)}>{_text(block.text)}</h{block.level + 1}>"
        )
    if isinstance(block, Paragraph):
        kind = "" if block.style == "plain" else f' class="{block.style}"'
        return f"<p{kind}>{_sentences(block.texts)}</p>"
    if isinstance(block, Bullets):
        points = "".join(f"<li>{_sentences(point)}</li>" for point in block.points)
        return f"<ul>{points}</ul>"
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Picture):
        data = base64.b64encode(block.png).decode("ascii")
        alternative = escape(block.alternative.plain, quote=True)
        return (
            f'<figure><img src="data:image/png;base64,{data}" alt="{alternative}"{_lang(block.alternative)}>'
            f"<figcaption{_lang(block.caption)}>{_text(block.caption)}</figcaption></figure>"
        )
    assert isinstance(block, Commands)
    return f'<pre lang="en" dir="ltr"><code>{escape(chr(10).join(block.lines))}</code></pre>'


def _table(table: Table) -> str:
    def kind(place: int) -> str:
        return ' class="n"' if place in table.numeric else ""

    head = "".join(
        f'<th scope="col"{kind(i)}{_lang(cell)}>{_text(cell)}</th>'
        for i, cell in enumerate(table.header)
    )
    body = []
    for row in table.rows:
        cells = [f'<th scope="row"{_lang(row[0])}>{_text(row[0])}</th>']
        cells += [
            f"<td{kind(i)}{_lang(cell)}>{_text(cell)}</td>"
            for i, cell in enumerate(row[1:], start=1)
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="wide"><table><caption{_lang(table.caption)}>{_text(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _sentences(texts: tuple[Text, ...]) -> str:
    joined = []
    for text in texts:
        mark = _lang(text)
        joined.append(f"<span{mark}>{_text(text)}</span>" if mark else _text(text))
    return between(texts).join(joined)


def between(texts: tuple[Text, ...]) -> str:
    """Return what stands between sentences: nothing after a Chinese full stop."""
    return "" if any(text.plain.endswith("。") for text in texts) else " "


def _text(text: Text) -> str:
    return "".join(escape(run) if isinstance(run, str) else _number(run) for run in text.runs)


def _number(number: Number) -> str:
    source = escape(number.source, quote=True)
    return f'<data value="{number.value!r}" title="{source}">{escape(number.text)}</data>'


def _lang(text: Text) -> str:
    return "" if text.language is None else f' lang="{text.language}" dir="ltr"'


def _tag(language: str) -> str:
    return {"zh": "zh-Hans"}.get(language, language)
