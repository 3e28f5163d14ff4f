"""Response plays: what services may run; gone from the description, though services still refer to them."""
