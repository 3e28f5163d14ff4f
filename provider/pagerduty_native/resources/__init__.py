"""The package's resources, one a file; a new one needs its file here and its calls in api/."""
