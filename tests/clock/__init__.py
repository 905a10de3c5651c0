"""Clocks: zones, errors, steps and drift, and that none of them changes a diagnosis."""
