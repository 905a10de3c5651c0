"""Formats: the envelope of a line as data (TOML files beside this module), compiled to SQL."""
