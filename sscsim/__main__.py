"""The console script: ``sscsim`` and ``python -m sscsim``.

It imports nothing before it can say that Ctrl-C stopped it: while libraries load, too, there is one
line and no traceback.
"""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        from sscsim.cli.main import cli

        cli.main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped by Ctrl-C. Nothing half-written was left behind.\n")
        sys.exit(2)
    finally:
        # All is said; who interrupts the interpreter's last work ends it at once.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    main()
