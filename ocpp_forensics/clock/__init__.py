"""Clocks: every source's wall clock turned into UTC of the reference, with a bound on the error."""
