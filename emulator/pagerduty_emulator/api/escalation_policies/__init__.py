"""Escalation policies: who is alerted, and in which order."""
