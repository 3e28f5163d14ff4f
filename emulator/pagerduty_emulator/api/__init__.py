"""The objects of PagerDuty's APIs: a package for each kind.

In each package: `routes` (HTTP), `objects` (responses), `rules` (what is taken and refused), `rows` (SQL).
"""
