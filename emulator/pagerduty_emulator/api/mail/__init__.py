"""E-mail that arrives at an integration's address."""
