"""Bilateral trade in the layouts in which statistical offices publish it, made into a matrix that a run takes.

`layouts` knows how each publisher writes a table, `reading` opens one, `mirrors` makes one value of what two partners
report, `importing` puts it together and checks it.
"""

from sscsim.world.trade_files.importing import ImportedTrade, import_trade
from sscsim.world.trade_files.layouts import LAYOUTS

__all__ = ["LAYOUTS", "ImportedTrade", "import_trade"]
