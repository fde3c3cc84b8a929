"""A brief as PDF: the page of `html_of`, set on A4 by WeasyPrint, with text to select and tags for screen readers."""

from __future__ import annotations

from sscsim.brief.document import Document
from sscsim.brief.html import STYLE, html_of
from sscsim.errors import InputError
from sscsim.reports.fonts import families

__all__ = ["pdf_of"]

PAGE = """
@page { size: A4; margin: 18mm 18mm 20mm;
  @bottom-left { content: string(foot); font-size: 8pt; color: #555; }
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #555; } }
@page :right { @bottom-left { content: string(foot); } }
footer { display: none; }
header { string-set: foot attr(data-foot); }
.wide { overflow: visible; }
h1 { font-size: 19pt; } h2 { font-size: 12.5pt; } h3 { font-size: 10.5pt; }
body { font-size: 9.5pt; line-height: 1.45; }
"""


def pdf_of(document: Document) -> bytes:
    """Return a document as PDF/UA: tagged, in its language, with its fonts inside.

    Raises
    ------
    InputError
        When WeasyPrint or the libraries that it takes are not there, or the language's font is not installed.
    """
    families(document.language)  # said before a page of empty boxes is made
    try:
        import weasyprint
        from weasyprint.urls import URLFetcher
    except ImportError as failure:
        raise missing("weasyprint", "--format") from failure
    except OSError as failure:  # Pango is no Python package
        raise InputError(
            "a PDF takes the library Pango, which is not installed",
            key="--format",
            found="pdf",
            allowed="html, docx; or Pango: on Debian and Ubuntu apt-get install libpango-1.0-0 "
            "libpangoft2-1.0-0 libharfbuzz-subset0",
        ) from failure
    page = html_of(document, STYLE + PAGE).replace(
        "<header>", f'<header data-foot="{_quoted(document.foot.plain)}">', 1
    )
    # Pictures are inside the page; whatever asks for more is refused.
    inside = URLFetcher(allowed_protocols=("data",))
    made = weasyprint.HTML(string=page, url_fetcher=inside).write_pdf(pdf_variant="pdf/ua-1")
    return bytes(made or b"")


def missing(package: str, key: str) -> InputError:
    """Return the error for a package of the extra that is not installed."""
    return InputError(
        f"this format takes the package {package}, which is not installed",
        key=key,
        allowed='pip install "sscsim[brief]" adds it; html takes nothing more',
    )


def _quoted(text: str) -> str:
    from html import escape

    return escape(text, quote=True)
