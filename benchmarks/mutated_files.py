"""Two thousand mutated scenario, targets, overlay and trade files: how many are refused, how long the slowest takes.

Run from the top folder: ``python -m benchmarks.mutated_files [COUNT]``.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz._trials import trials


def main() -> int:
    """Run the trials and print what came of them; 1 if anything went wrong."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        report = trials(range(count), Path(folder))
        os.chdir("/")
    seconds, slowest = report.slowest
    print(
        f"{count} files in {time.process_time() - began:.0f} s: {report.refused} refused, {report.read} read, "
        f"{len(report.wrong)} wrong; slowest {seconds:.2f} s ({slowest})"
    )
    for name, times in report.by_mutation.most_common():
        print(f"  {name:15} {times}")
    print("\n".join(report.wrong))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
