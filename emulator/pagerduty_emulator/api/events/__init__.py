"""The Events APIs: what tools send with an integration's key."""
