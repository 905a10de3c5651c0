# Advice: settings and behaviour that make trouble likely or worse. No incident needs it.

signature heartbeat-too-slow-for-cellular {
  title    "Heartbeats every {interval_s} leave cellular connections quiet for longer than a carrier's NAT remembers"
  advice   heartbeat-too-slow-for-cellular
  severity low
  status   stable
  owner    operator
  match    keepalive where interval_s > 60 and (ping_s is unknown or ping_s > 60)
  given    link = "cellular"
  base     3
  support  1 "{lost_quiet} connections were lost in a quiet of more than a minute" if lost_quiet >= 1
  against  3 "connections outlived a quiet of {survived_s}" if survived_s >= 0.9 * interval_s and lost_quiet = 0
  ruled_out "no cellular station is left quiet for longer than a minute"
  first_check "HeartbeatInterval and WebSocketPingInterval of cellular stations (GetConfiguration)"
  fix      "Set HeartbeatInterval or WebSocketPingInterval to 60 s or less on cellular links"
  reference "RFC 5382 section 5 (idle timeouts of NATs); OCPP 1.6 section 9.1 HeartbeatInterval, WebSocketPingInterval"

  test "every five minutes" {
    given link="cellular"
    at 0s keepalive interval_s=300
    expect match score >= 3
  }
  test "quiet connections were lost" {
    given link="cellular"
    at 0s keepalive interval_s=300 lost_quiet=4 survived_s=290
    expect match score >= 4
  }
  test "a wired station" {
    given link="wired"
    at 0s keepalive interval_s=300 lost_quiet=4
    expect no match
  }
  test "often enough" {
    given link="cellular"
    at 0s keepalive interval_s=60 lost_quiet=4
    expect no match
  }
  test "pings keep it alive" {
    given link="cellular"
    at 0s keepalive interval_s=300 ping_s=20 lost_quiet=4
    expect no match
  }
  test "pings are slow as well" {
    given link="cellular"
    at 0s keepalive interval_s=300 ping_s=120 lost_quiet=4
    expect match
  }
  test "this carrier keeps quiet connections" {
    given link="cellular"
    at 0s keepalive interval_s=300 survived_s=299
    expect match score <= 0
  }
  test "it outlived shorter stretches only" {
    given link="cellular"
    at 0s keepalive interval_s=300 survived_s=90
    expect match score >= 3
  }
}

signature ping-too-aggressive-for-cellular {
  title    "Pings every {ping_interval_s} leave a cellular link too little time to answer"
  advice   ping-too-aggressive-for-cellular
  severity medium
  status   stable
  owner    csms
  match    lost where ping_interval_s < 30 and not csms_found_late and not path_dead and ((ping_timeout and csms_waited_s < 10) or (code = 1006 and rtt_s is known and pings_missed between 1.05 and 3.2 and csms_heard_s < 15))
  given    link = "cellular"
  base     3
  support  1 "round trips take {rtt_s}" if rtt_s >= 0.3
  support  1 "it ended {drops} connections" if drops >= 3
  ruled_out "no connection of a cellular station ended on a tight ping timeout"
  first_check "The CSMS's ping interval and timeout, and the round trip of the link"
  fix      "Ping every 30 s or more and wait 10 s or more for the pong on cellular links"
  reference "RFC 6455 section 5.5.2 Ping; python websockets keepalive; OCPP 1.6 WebSocketPingInterval"

  test "five and three seconds" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 code=1011 initiator="csms"
    expect match score >= 3
    expect match score <= 3
  }
  test "slow pongs show it, again and again" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=10 csms_waited_s=5 rtt_s=0.6 drops=4
    expect match score >= 5
  }
  test "fast pongs until then" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=10 csms_waited_s=5 rtt_s=0.1 drops=4
    expect match score <= 4
  }
  test "terminated at the second ping without an answer" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=2 csms_heard_s=10 rtt_s=0.2
    expect match
  }
  test "a close frame right after a pong" {
    given link="cellular"
    at 0s lost code=1001 initiator="csms" ping_interval_s=5 pings_missed=2 csms_heard_s=10 rtt_s=0.2
    expect no match
  }
  test "no round trip is known" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=2 csms_heard_s=10
    expect no match
  }
  test "an ordinary drop between two pings" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=0.5 csms_heard_s=2.5 rtt_s=0.2
    expect no match
  }
  test "the pings went on for longer" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=9 csms_heard_s=14 rtt_s=0.2
    expect no match
  }
  test "two pings of twenty seconds are patient" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=20 pings_missed=2 csms_heard_s=40 rtt_s=0.2
    expect no match
  }
  test "a wired link" {
    given link="wired"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3
    expect no match
  }
  test "time enough to answer" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=20 csms_waited_s=20 code=1011
    expect no match
  }
  test "seldom enough" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=60 csms_waited_s=5
    expect no match
  }
  test "no ping was missed" {
    given link="cellular"
    at 0s lost ping_interval_s=5 csms_waited_s=3
    expect no match
  }
  test "the station had gone before" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 csms_found_late=true
    expect no match
  }
  test "neither side heard the other" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 path_dead=true
    expect no match
  }
}

signature csms-counts-only-heartbeat {
  title    "The CSMS gives stations up {csms_heard_s} after a message that it does not count"
  advice   csms-counts-only-heartbeat
  severity medium
  status   stable
  owner    csms
  match    lost where csms_saw and not csms_found_late and (told_by = "csms.heartbeat_timeout" or (initiator = "csms" and reason matches "(?i)heart ?-?beat"))
  base     0
  support  3 "a message came {csms_heard_s} before, well within the heartbeat interval of {heartbeat_interval_s}" if csms_heard_s < 0.5 * heartbeat_interval_s
  support  1 "it gave the station up {drops} times" if drops >= 2
  ruled_out "the CSMS gave no station up while messages were coming in"
  first_check "Which messages reset the dead-time counter of the CSMS"
  fix      "Let every message of a station count as a sign of life"
  reference "OCPP 1.6 section 4.6 Heartbeat; OCPP 2.0.1 G02.FR.04"

  test "MeterValues a moment before" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8
    expect match score >= 3
  }
  test "told by the close reason, again and again" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="csms" reason="Heartbeat timeout" csms_heard_s=8 drops=3
    expect match score >= 4
  }
  test "the station reads its own close reason" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="station" reason="Heartbeat timeout" csms_heard_s=8
    expect no match
  }
  test "nothing came for the whole dead time" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=600 drops=3
    expect match score <= 1
  }
  test "the CSMS closed for another reason" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="csms" reason="restart" csms_heard_s=8
    expect no match
  }
  test "the station's log shows messages that never arrived" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8 csms_found_late=true
    expect no match
  }
  test "no log of the CSMS tells what arrived" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8 csms_saw=false
    expect no match
  }
}
