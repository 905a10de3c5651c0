"""Reports: one function per format makes text of a diagnosis.

    safety      secrets masked, control characters made visible
    json        the contract that other programs build on;  report.schema.json describes it
    text        for people, at a terminal
    problems    what is wrong with an input or a definition

A renderer takes a Report and gives text. It prints nothing.
"""
