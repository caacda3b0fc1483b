"""The catalog: what videos there are, their renditions, and what is said in them."""
