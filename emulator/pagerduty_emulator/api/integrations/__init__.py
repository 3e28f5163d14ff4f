"""Integrations, with what they do with incoming mail."""
