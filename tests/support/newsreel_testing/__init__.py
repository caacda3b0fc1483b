"""What the tests share, imported by name."""
