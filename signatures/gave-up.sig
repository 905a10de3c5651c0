# A station that makes no attempt although it could.

signature station-gave-up-reconnecting {
  title    "The station is alive and made no attempt to connect for {away_s}"
  cause    station-gave-up-reconnecting
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?
  match    away where said or (alive_lines >= 3 and alive_s >= 1200)
  base     6
  support  3 "its log says that it gave up" if said
  support  2 "it took a restart to make it try again" if restarted
  support  1 "before, it waited {usual_s} from one attempt to the next" if usual_s is known and tried >= 2
  support  1 "others that were lost with it were back within half an hour" if others >= 2 and back_share >= 0.8
  against  4 "its modem had no data session" if modem.detach within 10m around
  ruled_out "no station stayed away from the CSMS without trying while it was alive"
  first_check "Limit of reconnect attempts in the firmware, and its last message about the connection"
  fix      "Let the firmware try for ever, with a back-off that stops rising at 5 to 10 min"
  rivals   network-unreachable, station-power-loss, authentication-rejected
  consequence_of reconnect-storm, csms-restart, csms-crash, csms-unavailable, csms-rate-limited, connection-refused, dns-failure, network-unreachable, proxy-reload, local-network-flap, cellular-ip-change
  reference "OCPP-J 1.6 errata 3.4 (back-off without an end); OCPP 2.0.1 Part 4 section 5.3"

  test "the log goes on, ten attempts were made before" {
    at 0s away away_s=3h tried=10 usual_s=12 alive_lines=40 alive_s=10000
    expect match score >= 7
    expect match score <= 7
  }
  test "it says so, and a restart helps" {
    at 0s away away_s=3h said=true restarted=true
    expect match score >= 11
    expect match score <= 11
  }
  test "the loss is all that is known of its attempts" {
    at 0s away away_s=3h usual_s=12 alive_lines=40 alive_s=10000
    expect match score <= 6
  }
  test "no wait is known" {
    at 0s away away_s=3h tried=3 alive_lines=40 alive_s=10000
    expect match score <= 6
  }
  test "others came back" {
    at 0s away away_s=3h alive_lines=40 alive_s=10000 others=5 back_share=1
    expect match score >= 7
  }
  test "others stay away as well" {
    at 0s away away_s=3h alive_lines=40 alive_s=10000 others=5 back_share=0.2
    expect match score <= 6
  }
  test "one other came back" {
    at 0s away away_s=3h alive_lines=40 alive_s=10000 others=1 back_share=1
    expect match score <= 6
  }
  test "its modem is offline" {
    at 0s modem.detach
    at 5s away away_s=3h alive_lines=40 alive_s=10000
    expect match score <= 2
  }
  test "its log ends soon after" {
    at 0s away away_s=3h alive_lines=9 alive_s=900
    expect no match
  }
  test "a line or two" {
    at 0s away away_s=3h alive_lines=2 alive_s=9000
    expect no match
  }
  test "nothing is heard of it" {
    at 0s away away_s=3h others=5 back_share=1
    expect no match
  }
}

signature station-never-came-back {
  title    "The station did not come back although {back_share} of the {others} lost with it did"
  cause    station-gave-up-reconnecting
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?, csms
  match    away where not said and alive_lines = 0 and others >= 3 and back_share >= 0.8 and away_s >= 3600
  base     3
  support  1 "it took a restart to make it try again" if restarted
  against  2 "it had power trouble" if power.lost within 10m around
  ruled_out "no station stayed away while those that were lost with it came back"
  first_check "Whether the station has power and network (its own log, display, ping): the CSMS's log cannot tell"
  fix      "Restart the station on site or by its supply; ask the vendor for a limit of reconnect attempts"
  rivals   station-power-loss, network-unreachable, authentication-rejected
  reference "OCPP-J 1.6 errata 3.4 (back-off without an end); OCPP 2.0.1 Part 4 section 5.3"

  test "eight others are back after a deployment" {
    at 0s away away_s=6h others=8 back_share=1
    expect match score >= 3
    expect match score <= 3
  }
  test "a restart helps" {
    at 0s away away_s=6h others=8 back_share=1 came_back=true restarted=true
    expect match score >= 4
  }
  test "its power failed" {
    at 0s away away_s=6h others=8 back_share=1
    at 5m power.lost
    expect match score <= 1
  }
  test "it was lost alone" {
    at 0s away away_s=6h others=1 back_share=1
    expect no match
  }
  test "the site stays dark" {
    at 0s away away_s=6h others=8 back_share=0.3
    expect no match
  }
  test "half an hour is little" {
    at 0s away away_s=40m others=8 back_share=1
    expect no match
  }
  test "its own log tells more" {
    at 0s away away_s=6h others=8 back_share=1 alive_lines=40 alive_s=10000
    expect no match
  }
  test "it says that it gave up" {
    at 0s away away_s=6h others=8 back_share=1 said=true
    expect no match
  }
}
