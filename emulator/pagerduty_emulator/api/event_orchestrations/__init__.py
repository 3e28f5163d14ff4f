"""Event orchestrations: integrations that serve several services, with rules that route events to them."""
