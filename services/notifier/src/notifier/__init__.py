"""The notifier: takes mail requests from the bus, and sees each to its end at the mail server."""
