"""The HTTP server: connections, addresses, and the steps of every request."""
