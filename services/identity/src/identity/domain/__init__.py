"""Rules and shapes: no I/O, no clock."""
