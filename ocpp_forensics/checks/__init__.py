"""Outputs of first checks and configurations: what they are, and the facts in them."""
