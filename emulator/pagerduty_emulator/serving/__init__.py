"""How it serves: the HTTP server, each connection, each address; what happens to every request."""
