# A draft: change what is in it, then `ocppdiag signatures lint FILE` and `ocppdiag signatures test FILE`.
# signatures/README.md explains the language; `ocppdiag signatures fields lost` lists what can be asked
# of a lost connection, `ocppdiag signatures fields` all that can be looked for.

signature draft-signature {
  title    "Connections end with close code {code}"  # a field in braces is filled in
  cause    csms-restart       # what it concludes
  severity medium             # info, low, medium, high or critical
  status   experimental       # or stable
  owner    operator           # who has to act: csms, proxy, carrier, station, site or operator
  explains connection_lost
  needs    csms?, station?    # logs that it is judged by; with ? it can do without

  # Which lost connections: those for which the condition holds.
  match    lost where code = 1013

  # How sure: the base, and what speaks for it (+) and against it (-). It takes 3 points to be named,
  # 8 and a lead of 3 to be named with high confidence.
  base     3
  support  2 "{together} of {online} stations were lost at once" if together >= 3 and together >= 0.8 * online
  support  1 "the station was back within a minute" if down_s <= 60
  against  4 "the station's modem lost the network" if modem.detach within 2m before
  ruled_out "no connection ended with this close code"

  first_check "What to look at first, and what there decides"
  fix      "What ends the trouble for good"
  reference "Where this is written: a standard, a manual, a source"

  test "it is recognised" {
    at 0s lost code=1013 together=9 online=10 down_s=30
    expect match at 0s score >= 6
  }
  test "another close code" {
    at 0s lost code=1006
    expect no match
  }
  test "the modem was it" {
    at 0s modem.detach
    at 30s lost code=1013
    expect match score <= 2
  }
}
