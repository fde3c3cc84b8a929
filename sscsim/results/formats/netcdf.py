"""netCDF with the attributes of the CF conventions, a file a table: what climate and earth system science reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sscsim.results.arrays import dataset
from sscsim.results.formats import Format
from sscsim.results.tables import Named, Table

__all__ = ["NetCdf"]

_TIME = {"units": "days since 2013-01-01", "calendar": "standard", "dtype": "float64"}
"""The classic kind has whole numbers of 32 bits, in which some readers cannot count a day's nanoseconds."""


class NetCdf(Format):
    """netCDF of the classic kind with 64-bit offsets, by way of `xarray` and SciPy; see `sscsim.results.arrays`."""

    name: ClassVar[str] = "netcdf"
    suffix: ClassVar[str] = ".nc"

    def files(self, tables: Mapping[str, Table], run: Named) -> dict[str, bytes]:
        """Return a file a table; see `Format.files`."""
        files = {}
        for name, table in tables.items():
            held = dataset(name, table, run, self.words)
            time = {one: dict(_TIME) for one in ("time", "time_bounds") if one in held.variables}
            files[self.file(name)] = bytes(
                held.to_netcdf(engine="scipy", format="NETCDF3_64BIT", encoding=time)
            )
        return files
