"""Download a publisher's own file into a cache of the user's; nothing that ships or runs by default needs one.

What is downloaded stays under its publisher's terms and in the user's cache. A download that breaks off goes on where
it ended the next time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sscsim.errors import InputError, UserError, nearest

__all__ = ["PUBLISHED", "Published", "cache_folder", "fetch"]

BLOCK = 1 << 16
"""Bytes written at a time: so many are lost at most when a connection breaks."""
TIMEOUT = 60.0
"""Seconds without a byte after which a publisher does not answer."""


@dataclass(frozen=True)
class Published:
    """A file that a publisher offers.

    Attributes
    ----------
    title, terms
        What it is, and under which terms the publisher gives it.
    address
        Where it lies.
    size
        About how large it is, in words.
    sha256
        Its hash, where the publisher states one; a file that is replaced in place has none.
    then
        What to do with it.
    """

    title: str
    terms: str
    address: str
    size: str
    sha256: str | None = None
    then: str = ""

    @property
    def file(self) -> str:
        """Name of the file."""
        return self.address.rsplit("/", 1)[1]


PUBLISHED = {
    "baci": Published(
        "BACI, international trade by product, HS 2012, edition of January 2026 (CEPII)",
        "Etalab Open Licence 2.0: name CEPII and the edition",
        "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_HS12_V202601.zip",
        "1.3 GB",
        then="sscsim data import {file} --format baci --year 2013 --out trade.parquet",
    ),
    "wdi": Published(
        "World Development Indicators, all series (World Bank)",
        "CC BY 4.0 for most series; each series says its own terms",
        "https://databank.worldbank.org/data/download/WDI_CSV.zip",
        "0.3 GB",
    ),
    "weo": Published(
        "World Economic Outlook, database of April 2019 (IMF)",
        "the IMF's terms for its data: to be passed on with the source named",
        "https://www.imf.org/external/pubs/ft/weo/2019/01/weodata/WEOApr2019all.xls",
        "15 MB",
    ),
}
"""Files that `fetch` knows. Addresses are the publishers', sizes are rounded."""


def cache_folder() -> Path:
    """Return the folder of downloads: ``SSCSIM_CACHE``, else the user's cache of this system."""
    import pooch

    told = os.environ.get("SSCSIM_CACHE")
    return Path(told) if told else Path(pooch.os_cache("sscsim"))


def fetch(
    name: str,
    folder: Path | None = None,
    *,
    published: Published | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Return the path of a publisher's file, downloaded unless it is there.

    Parameters
    ----------
    name
        One of `PUBLISHED`.
    folder
        Where it is kept, `cache_folder` by default.
    published
        Another file than the one of this name, such as a later edition.
    progress
        Called with the bytes that are there and the bytes in all, 0 where the publisher does not say.

    Raises
    ------
    InputError
        For an unknown name.
    UserError
        If the publisher cannot be reached, refuses, or sends another file than it states.
    """
    if name not in PUBLISHED and published is None:
        raise InputError(
            "there is no file of this name to fetch",
            key="name",
            found=name,
            allowed=tuple(PUBLISHED),
            suggestion=nearest(name, PUBLISHED),
        )
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")  # what it says of hashes is for those who write software
    what = published or PUBLISHED[name]
    place = folder or cache_folder()
    try:
        path = pooch.retrieve(
            url=what.address,
            known_hash=what.sha256 and f"sha256:{what.sha256}",
            fname=what.file,
            path=place,
            downloader=_Resuming(place / f"{what.file}.part", progress),
        )
    except requests.exceptions.HTTPError as failure:
        status = failure.response.status_code if failure.response is not None else "no status"
        raise UserError(
            f"{what.address} is refused ({status}): the publisher may have moved it. "
            "Look for it on the publisher's page, and read it from where you save it"
        ) from None
    except requests.exceptions.RequestException as failure:
        raise UserError(
            f"{what.address} cannot be reached ({type(failure).__name__}). "
            "Without a connection, copy the file from a machine that has one, and read it from there"
        ) from None
    except ValueError as failure:  # another hash than stated
        raise UserError(
            f"{what.file} is not the file that its publisher states: {failure}"
        ) from None
    return Path(path)


class _Resuming:
    """Downloads as pooch asks, and goes on where an earlier attempt ended.

    Parameters
    ----------
    partial
        Where the part that has come is kept.
    progress
        As for `fetch`.
    """

    def __init__(self, partial: Path, progress: Callable[[int, int], None] | None) -> None:
        self.partial = partial
        self.progress = progress

    def __call__(
        self, url: str, output_file: str | IO[bytes], pooch: Any, check_only: bool = False
    ) -> None:
        """Write what lies at an address into a file."""
        import requests

        self.partial.parent.mkdir(parents=True, exist_ok=True)
        have = self.partial.stat().st_size if self.partial.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == requests.codes.requested_range_not_satisfiable and have:
                # Nothing is missing, or the file is another one by now: begin again.
                self.partial.unlink()
                return self(url, output_file, pooch, check_only)
            answer.raise_for_status()
            goes_on = answer.status_code == requests.codes.partial_content
            have = have if goes_on else 0
            whole = have + int(answer.headers.get("Content-Length") or 0)
            with self.partial.open("ab" if goes_on else "wb") as file:
                for block in answer.iter_content(BLOCK):
                    file.write(block)
                    have += len(block)
                    if self.progress is not None:
                        self.progress(have, whole)
            if have < whole:
                raise requests.exceptions.ConnectionError(
                    "the connection ended before the file did"
                )
        self.partial.replace(output_file if isinstance(output_file, str) else output_file.name)
        return None
