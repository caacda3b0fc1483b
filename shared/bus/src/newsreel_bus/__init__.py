"""The bus for its operators: what the topics table wants, what is there, and how to get there."""
