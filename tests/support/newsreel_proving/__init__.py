"""The proof of the bus: kills under load, and an oracle that judges what they left."""
