"""The queue worker: sends what is due, and writes down what came of it."""
