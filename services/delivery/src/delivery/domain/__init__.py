"""The rules of delivery: plain values and decisions, no I/O and no clock."""
