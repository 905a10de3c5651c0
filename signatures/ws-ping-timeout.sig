# A ping stays unanswered for longer than the timeout although the link works: timers too tight.

signature ws-ping-timeout {
  title    "A WebSocket ping stayed unanswered within the timeout"
  cause    ws-ping-timeout
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where ping_timeout
  base     4
  support  4 "the other side received the close frame: the link worked" if code != 1006 and ((initiator = "csms" and station_saw and (station_code = code or (station_code is unknown and (found_late_s is unknown or found_late_s <= 3) and (station_idle_s is unknown or station_waited_s < 10)))) or (initiator = "station" and csms_saw)) and not csms_found_late
  support  3 "both sides saw the end at one moment: the link worked" if code = 1006 and station_saw and csms_saw and found_late_s <= 3 and (station_idle_s is unknown or station_waited_s < 10)
  support  3 "round trips take {rtt_s}" if rtt_s >= 0.3
  support  1 "the station came back within {down_s}" if down_s <= 60 and (station_saw or rtt_s >= 0.3)
  against  4 "what the station sent got no answer either: the path was dead" if station_idle_s is known and station_waited_s >= 10 and code = 1006
  against  3 "each side hung up without having heard the other: the path was dead" if path_dead
  against  6 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the mobile data session went down" if modem.detach within 10m around
  against  4 "the station restarted" if station_restarted
  against  4 "the station booted afterwards and was away for {down_s}" if booted_next and down_s > 45
  against  4 "the station had lost the connection before" if csms_found_late and (station_ping_timeout is unknown or not station_ping_timeout)
  against  4 "the CSMS heard the station all the time, only its CALLs stayed unanswered" if deaf_calls >= 2 and deaf_share >= 0.8
  against  3 "the station had no network" if tcp.unreachable within 5m around
  against  2 "{together} of {online} stations were lost at once" if together >= 3 and together >= 0.8 * online
  against  3 "the ping followed a quiet of {idle_s} that never varies" if link = "cellular" and idle_same >= 0.8 and drops >= 3 and idle_s >= 25 and code = 1006
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  ruled_out "no side waited for a pong in vain"
  first_check "WebSocketPingInterval and the CSMS's ping timeout: 30 s or more with 10 s or more on cellular links"
  fix      "Raise the ping interval to 30 s or more and the timeout to 10 s or more for cellular stations"
  fix      "Measure the round trip of the link; a timeout below three round trips is too short"
  rivals   carrier-nat-expiry, cellular-ip-change, heartbeat-timeout, station-power-loss, csms-restart
  reference "RFC 6455 section 5.5.2 Ping; OCPP 1.6 WebSocketPingInterval"

  test "its whole site was cut off" {
    at 0s lost ping_timeout=true code=1011 initiator="csms" down_s=14s site_cut=true site_lost=4 site_stations=4
    expect match score <= 5
  }
  test "told, and the close arrived" {
    at 0s lost ping_timeout=true code=1011 initiator="csms" down_s=14s
    expect match at 0s score >= 8
  }
  test "terminated, and the station saw it at once" {
    at 0s lost ping_timeout=true found_late_s=0.4 down_s=14s
    expect match score >= 8
  }
  test "the station's own ping: it knows of the end first" {
    at 0s lost ping_timeout=true station_ping_timeout=true code=1011 initiator="station" csms_found_late=true down_s=14s
    expect match score >= 5
  }
  test "the CSMS's ping found a dead connection" {
    at 0s lost ping_timeout=true station_ping_timeout=false code=1011 initiator="csms" csms_found_late=true down_s=14s
    expect match score <= 1
  }
  test "a slow link" {
    at 0s lost ping_timeout=true rtt_s=0.6 station_saw=false down_s=14s
    expect match score >= 8
  }
  test "nothing shows that the link worked" {
    at 0s lost ping_timeout=true station_saw=false down_s=14s
    expect match score <= 4
  }
  test "the station's own messages went unanswered" {
    at 0s lost ping_timeout=true found_late_s=0.4 station_idle_s=60 station_waited_s=30
    expect match score <= 0
  }
  test "the address changed" {
    at -40s modem.ip_change
    at 0s lost ping_timeout=true code=1011 initiator="csms" station_saw=false
    expect match score <= 1
  }
  test "power was cut" {
    at 0s lost ping_timeout=true code=1011 initiator="csms" station_saw=false booted_next=true down_s=290s
    expect match score <= 2
  }
  test "a close without a ping" {
    at 0s lost code=1011 initiator="csms"
    expect no match
  }
  test "what counts for and against it" {
    typical lost ping_timeout=true down_s=14 code=1011
    at 0s lost station="code 1006" code=1006 initiator="csms"
    at 0s lost station="no initiator"
    at 0s lost station="initiator station" initiator="station"
    at 0s lost station="initiator station, no csms saw" initiator="station" csms_saw=false
    at 0s lost station="csms found late" initiator="csms" csms_found_late=true
    at 0s lost station="rtt 0.4" initiator="csms" rtt_s=0.4
    at 0s lost station="path dead" initiator="csms" path_dead=true
    at 0s lost station="modem.detach" initiator="csms"
    at 1m modem.detach station="modem.detach"
    at 0s lost station="station restarted" initiator="csms" station_restarted=true
    at 0s lost station="down 54" initiator="csms" down_s=54
    at 0s lost station="booted next" initiator="csms" booted_next=true
    at 0s lost station="deaf calls 10, deaf share 0.8" initiator="csms" deaf_calls=10 deaf_share=0.8
    at 0s lost station="deaf share 0.9" initiator="csms" deaf_share=0.9
    at 0s lost station="deaf calls 2" initiator="csms" deaf_calls=2
    expect match for "code 1006" score <= 7
    expect match for "no initiator" score <= 7
    expect match for "initiator station" score >= 9
    expect match for "initiator station, no csms saw" score <= 7
    expect match for "csms found late" score <= 3
    expect match for "rtt 0.4" score >= 10
    expect match for "path dead" score <= 6
    expect match for "modem.detach" score <= 5
    expect match for "station restarted" score <= 5
    expect match for "down 54" score >= 9
    expect match for "booted next" score >= 9
    expect match for "deaf calls 10, deaf share 0.8" score <= 5
    expect match for "deaf share 0.9" score >= 9
    expect match for "deaf calls 2" score >= 9
  }
  test "what counts for and against it, more" {
    typical lost initiator="csms" ping_timeout=true down_s=14
    at 0s lost station="tcp.unreachable" code=1011
    at 1m tcp.unreachable station="tcp.unreachable"
    at 0s lost station="together 10" code=1011 together=10
    at 0s lost station="together 3, online 10" code=1011 together=3 online=10
    given station="link cellular, code 1006, idle 100, idle same 0.9, drops 3" link="cellular"
    at 0s lost station="link cellular, code 1006, idle 100, idle same 0.9, drops 3" idle_s=100 idle_same=0.9 drops=3
    at 0s lost station="code 1006, idle 25, idle same 0.8, drops 3" idle_s=25 idle_same=0.8 drops=3
    given station="link cellular, code 1006, idle 27, drops 3" link="cellular"
    at 0s lost station="link cellular, code 1006, idle 27, drops 3" idle_s=27 drops=3
    given station="link cellular, code 1006, idle 27, idle same 0.9" link="cellular"
    at 0s lost station="link cellular, code 1006, idle 27, idle same 0.9" idle_s=27 idle_same=0.9
    given station="link cellular, code 1006, idle same 0.8, drops 3" link="cellular"
    at 0s lost station="link cellular, code 1006, idle same 0.8, drops 3" idle_same=0.8 drops=3
    given station="link cellular, idle 100, idle same 0.9, drops 10" link="cellular"
    at 0s lost station="link cellular, idle 100, idle same 0.9, drops 10" code=1011 idle_s=100 idle_same=0.9 drops=10
    expect match for "tcp.unreachable" score <= 6
    expect match for "together 10" score <= 7
    expect match for "together 3, online 10" score >= 9
    expect match for "link cellular, code 1006, idle 100, idle same 0.9, drops 3" score <= 4
    expect match for "code 1006, idle 25, idle same 0.8, drops 3" score >= 5
    expect match for "link cellular, code 1006, idle 27, drops 3" score >= 5
    expect match for "link cellular, code 1006, idle 27, idle same 0.9" score >= 5
    expect match for "link cellular, code 1006, idle same 0.8, drops 3" score >= 5
    expect match for "link cellular, idle 100, idle same 0.9, drops 10" score >= 9
  }
  test "what counts for and against it, once more" {
    typical lost ping_timeout=true down_s=14
    at 0s lost station="code 1001" code=1001 found_late_s=0.4
    at 0s lost station="no station saw" station_saw=false found_late_s=0.4
    at 0s lost station="no csms saw" csms_saw=false found_late_s=0.4
    at 0s lost station="station idle 100, station waited 9" station_idle_s=100 station_waited_s=9 found_late_s=0.4
    at 0s lost station="station waited 11" station_waited_s=11 found_late_s=0.4
    at 0s lost station="station idle 1, station waited 10" code=1011 initiator="csms" station_idle_s=1 station_waited_s=10 station_code=1011
    at 0s lost station="waited, told no code" code=1011 initiator="csms" station_idle_s=1 station_waited_s=10
    at 0s lost station="waited a little" code=1011 initiator="csms" station_idle_s=1 station_waited_s=9
    at 0s lost station="waited for another" code=1011 initiator="csms" station_waited_s=11
    at 0s lost station="got no frame" code=1011 initiator="csms" station_code=1006
    at 0s lost station="noticed at once" code=1011 initiator="csms" found_late_s=3
    at 0s lost station="noticed later" code=1011 initiator="csms" found_late_s=4
    expect match for "code 1001" score <= 5
    expect match for "no station saw" score <= 4
    expect match for "no csms saw" score <= 5
    expect match for "station idle 100, station waited 9" score >= 8
    expect match for "station waited 11" score >= 8
    expect match for "station idle 1, station waited 10" score >= 9
    expect match for "waited, told no code" score <= 5
    expect match for "waited a little" score >= 9
    expect match for "waited for another" score >= 9
    expect match for "got no frame" score <= 5
    expect match for "noticed at once" score >= 9
    expect match for "noticed later" score <= 5
  }
}

signature ws-ping-timeout-untold {
  title    "The connection ends {csms_heard_s} after the last pong, {pings_missed} ping intervals"
  cause    ws-ping-timeout
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms
  match    lost where code = 1006 and not ping_timeout and csms_saw and not csms_found_late and drops >= 2 and ping_interval_s <= 60 and pings_missed between 1.05 and 3.2 and rtt_s is known
  base     3
  support  2 "round trips take {rtt_s}" if rtt_s >= 0.25
  support  2 "the station lost it at the same moment: the CSMS hung up" if station_saw
  support  1 "the station was back after {down_s}" if down_s <= 60
  against  6 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the station restarted" if station_restarted
  against  3 "the station booted afterwards" if booted_next and down_s > 45
  against  6 "the proxy timed out" if proxy.timeout within 10s around
  against  4 "{together} of {online} stations were lost at once" if together >= 4 and together >= 0.8 * online
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  ruled_out "the ends do not follow the CSMS's ping interval"
  first_check "The CSMS's ping interval and timeout against the round trip of the link"
  fix      "Raise the ping interval to 30 s or more and the timeout to 10 s or more for cellular stations"
  rivals   carrier-nat-expiry, cellular-ip-change, station-power-loss, proxy-idle-timeout
  reference "RFC 6455 section 5.5.2 Ping; OCPP 1.6 WebSocketPingInterval"

  test "its whole site was cut off" {
    every 30s from 0s to 120s lost csms_heard_s=10 ping_interval_s=5 pings_missed=2 rtt_s=0.33 drops=5 down_s=14 site_cut=true
    expect match score <= 4
  }
  test "terminated two pings after the last pong" {
    every 30s from 0s to 120s lost csms_heard_s=10 ping_interval_s=5 pings_missed=2 rtt_s=0.33 drops=5 down_s=14
    expect match 5 times
  }
  test "quiet for long before" {
    every 30s from 0s to 120s lost csms_heard_s=60 ping_interval_s=5 pings_missed=12 rtt_s=0.33 drops=5 down_s=14
    expect no match
  }
  test "the station found out first" {
    every 30s from 0s to 120s lost csms_heard_s=10 ping_interval_s=5 pings_missed=2 rtt_s=0.33 drops=5 csms_found_late=true
    expect no match
  }
  test "without any one of its conditions" {
    typical lost csms_heard_s=10 pings_missed=2 down_s=14 drops=5
    at 0s lost code=1001 ping_interval_s=5 rtt_s=0.33
    at 1h lost ping_timeout=true ping_interval_s=5 rtt_s=0.33
    at 2h lost csms_saw=false ping_interval_s=5 rtt_s=0.33
    at 3h lost ping_interval_s=5 rtt_s=0.33 drops=1
    at 4h lost rtt_s=0.33
    at 5h lost ping_interval_s=5
    expect no match
  }
  test "what counts for and against it" {
    typical lost csms_heard_s=10 ping_interval_s=5 pings_missed=2 rtt_s=0.33 down_s=14 drops=5
    at 0s lost station="plain"
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 0s lost station="station restarted" station_restarted=true
    at 0s lost station="down 60, booted next" down_s=60 booted_next=true
    at 0s lost station="down 100" down_s=100
    at 0s lost station="booted next" booted_next=true
    at 0s lost station="proxy.timeout"
    at 5s proxy.timeout station="proxy.timeout"
    at 0s lost station="together 5" together=5
    at 0s lost station="together 4, online 10" together=4 online=10
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    expect match for "plain" score >= 8
    expect match for "modem.ip_change" score <= 2
    expect match for "station restarted" score <= 4
    expect match for "down 60, booted next" score <= 5
    expect match for "down 100" score >= 7
    expect match for "booted next" score >= 8
    expect match for "proxy.timeout" score <= 2
    expect match for "together 5" score <= 4
    expect match for "together 4, online 10" score >= 8
    expect match for "csms.start after" score <= 4
    expect match for "csms.start before" score <= 4
  }
  test "one ping of thirty seconds, and a station that is back at once" {
    every 10m from 0s to 20m lost csms_heard_s=38 ping_interval_s=30 pings_missed=1.27 rtt_s=0.1 drops=3 down_s=5s
    expect match 3 times
  }
}

signature ws-ping-timeout-by-code {
  title    "The CSMS closed with {code}, as its WebSocket library does when a pong is late"
  cause    ws-ping-timeout
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where code = 1011 and initiator = "csms" and not ping_timeout and not orderly
  base     3
  support  2 "round trips take {answer_s}" if answer_s >= 1
  support  1 "messages were flowing: the CSMS heard the station {csms_heard_s} before" if csms_heard_s <= 60
  support  1 "it happened {drops} times" if drops >= 3
  against  3 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  3 "{together} of {online} stations were lost at once" if together >= 4 and together >= 0.8 * online
  against  4 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the station restarted" if station_restarted
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  ruled_out "the CSMS did not close with 1011"
  first_check "The CSMS's ping interval and timeout against the round trip of the link; errors in the CSMS's log at that moment"
  fix      "Raise the ping interval to 30 s or more and the timeout to 10 s or more for cellular stations"
  rivals   cellular-ip-change, csms-restart, heartbeat-timeout
  reference "RFC 6455 section 7.4.1 (1011); python websockets keepalive"

  test "its whole site was cut off" {
    at 0s lost code=1011 initiator="csms" answer_s=8 csms_heard_s=12 drops=4 site_cut=true
    expect match score <= 3
  }
  test "slow link, 1011 again and again" {
    every 10m from 0s to 30m lost code=1011 initiator="csms" answer_s=8 csms_heard_s=12 drops=4
    expect match 4 times
    expect match score >= 6
  }
  test "the CSMS goes down" {
    at 0s lost code=1011 initiator="csms" together=5 online=5
    at 20s csms.start
    expect match score <= 2
  }
  test "told by a ping timeout" {
    at 0s lost code=1011 initiator="csms" ping_timeout=true
    expect no match
  }
  test "without any one of its conditions" {
    typical lost csms_heard_s=12 answer_s=8 drops=4 code=1011
    at 0s lost code=1006 initiator="csms"
    at 1h lost
    at 2h lost initiator="csms" orderly=true
    expect no match
  }
  test "what counts for and against it" {
    typical lost code=1011 initiator="csms" csms_heard_s=12 answer_s=8 drops=4
    at 0s lost station="plain"
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    at 0s lost station="together 10" together=10
    at 0s lost station="together 5, online 10" together=5 online=10
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 0s lost station="station restarted" station_restarted=true
    expect match for "plain" score >= 7
    expect match for "csms.start after" score <= 4
    expect match for "csms.start before" score <= 4
    expect match for "together 10" score <= 4
    expect match for "together 5, online 10" score >= 7
    expect match for "modem.ip_change" score <= 3
    expect match for "station restarted" score <= 3
  }
  test "once, on a quick link" {
    at 0s lost code=1011 initiator="csms" csms_heard_s=30
    expect match score >= 4
  }
}
