# A draft: change what is in it, then `ocppdiag signatures lint FILE` and `ocppdiag signatures test FILE`.
# signatures/README.md explains the language; `ocppdiag signatures fields stuck` lists what can be asked
# of a stuck connector, `ocppdiag signatures fields` all that can be looked for.

signature draft-signature {
  title    "A connector stays {status} with {vendor_error}"  # a field in braces is filled in
  cause    station-stuck      # what it concludes
  severity medium             # info, low, medium, high or critical
  status   experimental       # or stable
  owner    operator           # who has to act: csms, proxy, carrier, station, site or operator
  explains stuck_station
  needs    csms?, station?    # logs that it is judged by; with ? it can do without

  # Which stuck stretches: those for which the condition holds.
  match    stuck where vendor_error = "E-4711"

  # How sure: the base, and what speaks for it (+) and against it (-). It takes 3 points to be named,
  # 8 and a lead of 3 to be named with high confidence.
  base     3
  support  2 "it lasted for {stuck_s}" if stuck_s >= 4h
  against  4 "the CSMS ordered it" if inoperative
  ruled_out "no connector reports this error"

  first_check "What to look at first, and what there decides"
  fix      "What ends the trouble for good"
  reference "Where this is written: a standard, a manual, a source"

  test "it is recognised" {
    at 0s stuck vendor_error="E-4711" stuck_s=18000
    expect match at 0s score >= 5
  }
  test "another error" {
    at 0s stuck vendor_error="E-1"
    expect no match
  }
  test "the CSMS ordered it" {
    at 0s stuck vendor_error="E-4711" inoperative=true
    expect match score <= 1
  }
}
