"""The benchmark: the real engine, the plugin and the emulator, measured beside what PagerDuty's API makes possible.

Run by `make bench`, which writes docs/benchmarks.md and docs/benchmarks.svg.
"""

import os
from pathlib import Path

# The folder for matplotlib's list of fonts, by default.
os.environ.setdefault("MPLCONFIGDIR", str(Path(__file__).parents[2] / ".tools" / "matplotlib"))
