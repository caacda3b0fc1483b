"""All SQL of the catalog, and the folder of its media files."""
