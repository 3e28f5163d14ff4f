"""Services: what integrations belong to."""
