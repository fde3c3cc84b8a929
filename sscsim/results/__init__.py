"""What is kept of a run: its memory while it runs, its tables afterwards, its folder on disk.

Nothing here knows the model. A `Recorder` copies what it is shown, a `Run` holds the tables and
makes data frames when they are asked for, and writing is whole or not at all.
"""

from sscsim.results.recorder import Recorder
from sscsim.results.run import Run
from sscsim.results.schema import KEEP

__all__ = ["KEEP", "Recorder", "Run"]
