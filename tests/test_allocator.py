"""What a year frees stays with the process, where the C library can be told so."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import sys

import numpy as np

from sscsim.allocator import keep_freed_memory

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def year():
    return [np.ones((197, 197)) for _ in range(12)]

held = [np.ones((197, 197)) for _ in range(60)]  # so that nothing below has room
kept = sys.argv[1] == "keep" and keep_freed_memory()
year()
before = faults()
for _ in range(50):
    year()
print(kept, (faults() - before) // 50)
"""


def faults_of_a_year(*argument: str, **variables: str) -> tuple[bool, int]:
    """Return what a process of its own says: whether memory is kept, and how many pages a year asks for."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, *argument],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    kept, pages = done.stdout.split()
    return kept == "True", int(pages)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the GNU C library's way of keeping memory"
)
class TestTheGnuLibrary:
    def test_what_is_freed_is_not_asked_for_again(self) -> None:
        assert faults_of_a_year("leave")[1] > 100
        kept, pages = faults_of_a_year("keep")
        assert kept
        assert pages < 10

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("MALLOC_TRIM_THRESHOLD_", "131072"),
            ("MALLOC_MMAP_THRESHOLD_", "131072"),
            ("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=131072"),
        ],
    )
    def test_who_started_the_process_has_the_last_word(self, name: str, value: str) -> None:
        assert faults_of_a_year("keep", **{name: value})[0] is False
