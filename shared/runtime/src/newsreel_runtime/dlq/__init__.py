"""What operators do with parked records: list, show, replay, drop."""
