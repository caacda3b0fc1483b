"""What the notifier does with its rows, one step a file."""
