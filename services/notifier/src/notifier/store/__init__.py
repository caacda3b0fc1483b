"""All SQL of the notifier, a module per table."""
