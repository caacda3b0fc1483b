"""Keeps the contract: what is generated from the models and the topics table, and the gate for changes.

It belongs to the checkout, not to the distribution. `python -m newsreel_contracts` checks, `--write` makes
the files new; neither lets a breaking change pass.
"""
