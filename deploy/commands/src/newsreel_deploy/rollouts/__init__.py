"""The `dev` overlay on a real cluster, changed and broken while people use it."""
