"""What it serves: a room for each kind of object of PagerDuty's APIs.

In each room: `routes` (HTTP), `objects` (how it looks in responses), `rules` (what is taken and refused), `rows` (SQL).
"""
