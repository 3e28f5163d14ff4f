"""The package's functions, one a file. A new function needs only its file."""
