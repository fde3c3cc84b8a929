"""A brief to be forwarded: what a comparison or a run says, as one file in sentences, figures and tables.

`facts` reads, `rules` makes sentences of numbers, `of_comparison` and `of_run` put them in order as a `document`, and
`html`, `pdf` and `docx` write it. Sentences are English in the code; `language` looks them up in a catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sscsim.brief.document import Document
from sscsim.brief.facts import ComparisonFacts, RunFacts, read_facts
from sscsim.brief.language import COMPLETE, LANGUAGES, language_of
from sscsim.errors import unknown

__all__ = ["COMPLETE", "FORMATS", "LANGUAGES", "brief_of", "written"]

FORMATS = ("html", "docx", "pdf")


def brief_of(
    folder: Path,
    language: str = "en",
    *,
    country: str | Sequence[str] | None = None,
    scenario: str | None = None,
    year: int | None = None,
) -> Document:
    """Return the brief of a saved comparison or run.

    Parameters
    ----------
    folder
        Where it is.
    language
        One of `LANGUAGES`; sentences are complete in those of `COMPLETE`.
    country
        ISO code of a country that gets a page of its own, or several; None for those that the comparison was asked
        for, and none for a run.
    scenario, year
        Of a comparison of several, those that the brief is about.

    Raises
    ------
    InputError
        For a folder that holds neither, a name that does not exist, a font that the language takes and that is not
        installed.
    """
    spoken = language_of(language)
    facts = read_facts(folder, scenario, year)
    if isinstance(facts, ComparisonFacts):
        from sscsim.brief.of_comparison import comparison_document

        return comparison_document(spoken, facts, _codes(country, facts.asked_countries))
    assert isinstance(facts, RunFacts)
    from sscsim.brief.of_run import run_document

    return run_document(spoken, facts, _codes(country, ()))


def _codes(given: str | Sequence[str] | None, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the countries that get a page."""
    if given is None:
        return tuple(asked)
    return (given,) if isinstance(given, str) else tuple(dict.fromkeys(given))


def written(document: Document, form: str) -> bytes:
    """Return a document as the bytes of a file.

    Raises
    ------
    InputError
        For another format than those of `FORMATS`, or one whose package is not installed.
    """
    if form == "html":
        from sscsim.brief.html import html_of

        return html_of(document).encode("utf-8")
    if form == "docx":
        from sscsim.brief.docx import docx_of

        return docx_of(document)
    if form == "pdf":
        from sscsim.brief.pdf import pdf_of

        return pdf_of(document)
    raise unknown("format of a brief", form, FORMATS, key="--format")
