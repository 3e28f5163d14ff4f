"""Change events: what was deployed or configured."""
