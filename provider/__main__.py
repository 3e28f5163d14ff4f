"""The plugin, run from its folder: what Pulumi does with a folder in which there is a PulumiPlugin.yaml."""
# ruff: noqa: INP001 (it is run, and never imported)

from pagerduty_native.__main__ import main

main()
