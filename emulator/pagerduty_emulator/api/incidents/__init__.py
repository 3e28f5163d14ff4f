"""Incidents and alerts: what events lead to."""
