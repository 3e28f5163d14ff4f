"""Licenses: what users are allocated by their roles."""
