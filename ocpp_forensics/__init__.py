"""Log forensics for EV charging: one timeline from many logs, and the cause that explains it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
