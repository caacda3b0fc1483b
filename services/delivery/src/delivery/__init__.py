"""Delivery: who may take which rendition, and the signed URLs by which they take it."""
