"""The notifier's schema, forward only."""
