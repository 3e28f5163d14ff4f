"""The package's functions, one a file; a new one needs nothing but its file."""
