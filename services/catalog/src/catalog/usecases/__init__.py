"""What the catalog does: one file each."""
