"""The package's functions, one file for each kind of object. A new function needs only its file."""
