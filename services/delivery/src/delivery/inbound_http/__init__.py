"""HTTP in: parse, open a transaction, call one use case."""
