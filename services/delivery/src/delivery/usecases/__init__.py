"""One use case per file, named by its verb."""
