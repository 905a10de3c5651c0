"""`python -m ocpp_forensics` is `ocppdiag`."""

from ocpp_forensics.cli import main

if __name__ == "__main__":
    main()
