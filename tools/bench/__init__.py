"""The benchmark: the real engine, the plugin and the emulator, measured beside what PagerDuty's API makes possible.

Run by `make bench`, which writes docs/benchmarks.md and docs/benchmarks.svg.
"""
