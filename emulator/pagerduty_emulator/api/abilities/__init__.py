"""The account's features."""
