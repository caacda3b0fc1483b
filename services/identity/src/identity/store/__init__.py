"""All SQL of identity, a module per table group."""
