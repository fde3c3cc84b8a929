"""Write the notices of all sources: ``python -m tools.world_data.notices``.

``sscsim/world/data/DATA-LICENSES.md`` travels with the tables and says of every source what its
licence asks to be said. It is written from ``sources`` in ``columns.yaml`` and from nothing else, so
that the two cannot part (``tests/project/test_licences.py``).
"""

from __future__ import annotations

from sscsim.world.sources import notices

from .common import DATA


def main() -> None:
    """Write the file."""
    (DATA / "DATA-LICENSES.md").write_text(notices(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
