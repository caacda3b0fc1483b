"""The images: built, built again, measured, and what is in each of them."""
