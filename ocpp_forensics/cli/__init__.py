"""The command line: turns arguments into calls of the api and results into text and exit codes.

    app          the program and the list of its commands
    analysis     analyze, check, replay
    asking       timeline, query
    knowledge    explain, schema
    definitions  signatures, formats
    options      the options that several commands share
    shell        errors, output, progress: all that touches the terminal

No logic is here. Imports are inside the commands, so that `--help` is there at once.
"""

__all__ = ["main"]


def main() -> None:
    """Run the command that the arguments name."""
    from ocpp_forensics.cli.app import app
    from ocpp_forensics.cli.shell import prepare_streams

    prepare_streams()
    app(prog_name="ocppdiag")
