# A draft: change what is in it, then `ocppdiag signatures lint FILE` and `ocppdiag signatures test FILE`.
# signatures/README.md explains the language; `ocppdiag signatures fields failed` lists what can be asked
# of a failed attempt, `ocppdiag signatures fields` all that can be looked for.

signature draft-signature {
  title    "The station is refused with HTTP {http_status}"  # a field in braces is filled in
  cause    csms-unavailable   # what it concludes
  severity medium             # info, low, medium, high or critical
  status   experimental       # or stable
  owner    operator           # who has to act: csms, proxy, carrier, station, site or operator
  explains never_connected
  needs    proxy?, csms?      # logs that it is judged by; with ? it can do without

  # Which failed attempts: those for which the condition holds.
  match    failed where stage = "http" and http_status = 507

  # How sure: the base, and what speaks for it (+) and against it (-). It takes 3 points to be named,
  # 8 and a lead of 3 to be named with high confidence.
  base     3
  support  2 "the proxy logs the same status" if proxy_status = 507
  support  1 "{run_attempts} attempts failed in a row" if run_attempts >= 5
  against  4 "the CSMS was starting" if csms.start within 2m around
  ruled_out "no attempt was answered with this status"

  first_check "What to look at first, and what there decides"
  fix      "What ends the trouble for good"
  reference "Where this is written: a standard, a manual, a source"

  test "it is recognised" {
    every 1m from 0s to 4m failed stage="http" http_status=507 proxy_status=507 run_attempts=5
    expect match 5 times
    expect match at 0s score >= 6
  }
  test "another status" {
    at 0s failed stage="http" http_status=404
    expect no match
  }
  test "the CSMS was starting" {
    at 0s failed stage="http" http_status=507
    at 30s csms.start
    expect match score <= 2
  }
}
