"""What the portal decides with the answers of several services."""
