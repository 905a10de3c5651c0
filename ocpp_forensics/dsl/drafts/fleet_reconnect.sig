# A draft: change what is in it, then `ocppdiag signatures lint FILE` and `ocppdiag signatures test FILE`.
# signatures/README.md explains the language; `ocppdiag signatures fields wave` lists what can be asked
# of a wave of reconnects, `ocppdiag signatures fields` all that can be looked for.

signature draft-signature {
  title    "{stations} stations come back at once"  # a field in braces is filled in
  cause    reconnect-storm    # what it concludes
  severity medium             # info, low, medium, high or critical
  status   experimental       # or stable
  owner    operator           # who has to act: csms, proxy, carrier, station, site or operator
  explains fleet_reconnect
  needs    csms?, proxy?      # logs that it is judged by; with ? it can do without

  # Which waves: those for which the condition holds. They belong to no single station.
  match    wave where stations >= 20 and fleet_share >= 0.5 by fleet

  # How sure: the base, and what speaks for it (+) and against it (-). It takes 3 points to be named,
  # 8 and a lead of 3 to be named with high confidence.
  base     3
  support  2 "{rejected_share} of the attempts were refused" if rejected_share >= 0.2
  against  2 "each station came only once" if attempts_each < 1.5
  ruled_out "no wave of reconnects reached half of the fleet"

  first_check "What to look at first, and what there decides"
  fix      "What ends the trouble for good"
  reference "Where this is written: a standard, a manual, a source"

  test "it is recognised" {
    at 0s wave stations=30 fleet_share=0.8 rejected_share=0.3 attempts_each=4
    expect match at 0s score >= 5
  }
  test "only a few stations" {
    at 0s wave stations=8 fleet_share=0.8 rejected_share=0.3
    expect no match
  }
  test "nobody was refused" {
    at 0s wave stations=30 fleet_share=0.8 rejected_share=0 attempts_each=1
    expect match score <= 1
  }
}
