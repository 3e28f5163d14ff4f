"""The package's resources, one a file; a new one needs nothing but its file."""
