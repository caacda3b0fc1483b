"""The notifier's rules: what a mail is, says, and becomes. No I/O and no clock."""
