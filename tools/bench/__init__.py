"""The benchmark: the real engine, the plugin and the emulator, measured beside what PagerDuty's API makes possible.

Run by `make bench`, which writes docs/benchmarks.md and docs/benchmarks.svg.
"""

import os
from pathlib import Path

# Where matplotlib keeps a list of fonts, if nobody chose another place.
os.environ.setdefault("MPLCONFIGDIR", str(Path(__file__).parents[2] / ".tools" / "matplotlib"))
