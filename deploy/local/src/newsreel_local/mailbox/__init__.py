"""An SMTP server on loopback that keeps what it gets, and shows it as a page and as JSON."""
