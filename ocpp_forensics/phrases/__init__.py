"""The phrasebook: what bodies of lines mean, as data (TOML files beside this module)."""
