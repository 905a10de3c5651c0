# Keepalives that are missing, not understood, or timed so that they race with a deadline.

signature keepalive-race {
  title    "A deadline of {idle_s} races with the station's interval of the same length"
  cause    keepalive-race
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where idle_s >= 20 and waited_s < 5 and survived >= 1 and drops >= 3 and idle_same >= 0.6 and (initiator is unknown or initiator = "csms") and not ping_timeout
  base     0
  support  7 "the quiet is as long as the heartbeat interval of {heartbeat_interval_s}" if idle_s - heartbeat_interval_s between -2 and 3
  support  7 "the quiet is as long as the station's Heartbeats are apart, {beat_s}" if heartbeat_interval_s is unknown and idle_s - beat_s between -2 and 3
  support  7 "the quiet is as long as the interval of the pings, {ping_interval_s}" if idle_s - ping_interval_s between -2 and 3
  support  2 "{survived} quiet stretches of the same length ended nothing" if survived >= 2
  support  3 "a deadline of the CSMS ended it" if read_deadline or told_by = "csms.heartbeat_timeout"
  against  4 "the station restarted" if station_restarted
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  4 "the modem got a new address" if modem.ip_change within 10m around
  ruled_out "no quiet stretch as long as the one at the end was ever outlived, or it is not as long as the station's interval"
  first_check "The deadline of the CSMS or proxy against HeartbeatInterval and WebSocketPingInterval: are they equal?"
  fix      "Set HeartbeatInterval (or WebSocketPingInterval) to at most half of the deadline"
  fix      "Or raise the deadline to more than twice the interval"
  rivals   heartbeat-timeout, proxy-idle-timeout, carrier-nat-expiry, ws-ping-timeout
  reference "OCPP 1.6 section 4.6 Heartbeat (interval from the BootNotification answer); RFC 6455 section 5.5.2"

  test "sixty against sixty, closed by the CSMS" {
    given heartbeat_interval_s=60
    typical lost idle_s=60.1 silence_s=60.1 idle_same=1 survived=9 drops=5
    every 10m from 0s to 40m lost code=1000 initiator="csms" told_by="csms.heartbeat_timeout"
    expect match 5 times
    expect match score >= 12
  }
  test "a Heartbeat crosses with the end" {
    given heartbeat_interval_s=120
    typical lost idle_s=120 station_idle_s=120 waited_s=0.04 silence_s=0.04 idle_same=0.9 survived=4 drops=6
    every 10m from 0s to 50m lost
    expect match 6 times
    expect match score >= 9
  }
  test "pings every ninety seconds, a deadline of ninety, no close frame" {
    typical lost idle_s=90.4 silence_s=90.4 idle_same=0.8 survived=1 drops=4 ping_interval_s=90
    every 10m from 0s to 30m lost
    expect match 4 times
    expect match score >= 7
  }
  test "nothing tells of the interval but the Heartbeats themselves" {
    typical lost idle_s=90 silence_s=90 idle_same=0.9 survived=12 drops=9 beat_s=90.02
    every 10m from 0s to 80m lost
    expect match 9 times
    expect match score >= 9
  }
  test "Heartbeats come at the interval that was set: that is told once" {
    given heartbeat_interval_s=90
    typical lost idle_s=90 silence_s=90 idle_same=0.9 survived=12 drops=9 beat_s=90.02
    every 10m from 0s to 80m lost
    expect match score <= 9
  }
  test "Heartbeats come at another pace" {
    typical lost idle_s=90 silence_s=90 idle_same=0.9 survived=12 drops=9 beat_s=30
    every 10m from 0s to 80m lost
    expect match score <= 2
  }
  test "an idle limit that no quiet stretch ever outlived" {
    given heartbeat_interval_s=180
    every 5m from 0s to 20m lost idle_s=60 silence_s=60 idle_same=1 drops=5
    expect no match
  }
  test "the carrier forgot the connection: a message was waited for in vain" {
    given link="cellular" heartbeat_interval_s=75
    every 5m from 0s to 20m lost idle_s=75 waited_s=30 idle_same=1 drops=5 survived=1 csms_found_late=true
    expect no match
  }
  test "a quiet as long as that between meter values" {
    given heartbeat_interval_s=900
    every 3m from 0s to 12m lost idle_s=30 silence_s=30 idle_same=1 drops=5 survived=60
    expect match score <= 2
  }
  test "without any one of its conditions" {
    typical lost silence_s=90.4 ping_interval_s=90 survived=1 idle_same=0.8 drops=4
    at 0s lost
    at 1h lost idle_s=90.4 drops=1
    at 2h lost idle_s=90.4 idle_same=0
    at 3h lost initiator="station" idle_s=90.4
    at 4h lost ping_timeout=true idle_s=90.4
    expect no match
  }
  test "what counts for and against it" {
    typical lost silence_s=90.4 idle_s=90.4 idle_same=0.8 ping_interval_s=90 survived=1 drops=4
    at 0s lost station="read deadline" read_deadline=true
    at 0s lost station="station restarted" station_restarted=true
    at 1h lost station="csms.start before"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 121m csms.start
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    expect match for "read deadline" score >= 10
    expect match for "station restarted" score <= 3
    expect match for "csms.start before" score <= 3
    expect match for "csms.start after" score <= 3
    expect match for "modem.ip_change" score <= 3
  }
}

signature ping-unsupported {
  title    "The station has never answered a ping, as others do: the CSMS hangs up on it every time"
  cause    ping-unsupported
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms
  match    lost where ping_timeout and csms_saw and pongs_ever = 0 and pongs_logged and drops >= 3
  base     10
  support  2 "the station sent messages until {csms_heard_s} before the end: its link worked" if csms_heard_s <= 30
  support  2 "each connection ends at the same age of {age_s}" if age_same >= 0.7
  against  4 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the station had lost the connection before" if csms_found_late
  against  4 "the station restarted" if station_restarted
  against  3 "it was the station's own ping that stayed unanswered" if station_ping_timeout
  ruled_out "the station answered pings at other times, or no log shows pongs"
  first_check "Does the station's WebSocket client answer pings at all (packet trace, or another server that pings)?"
  fix      "Update the firmware; until then switch the CSMS's pings off for this model and count its messages instead"
  rivals   ws-ping-timeout, heartbeat-timeout, carrier-nat-expiry, protocol-violation
  reference "RFC 6455 section 5.5.2 (an endpoint must answer a ping with a pong)"

  test "forty seconds after each connection, while others answer" {
    typical lost ping_timeout=true code=1011 initiator="csms" pongs_ever=0 age_s=40 age_same=1 csms_heard_s=8 drops=12
    every 1m from 0s to 11m lost
    expect match 12 times
    expect match score >= 14
  }
  test "the station's messages do not come often" {
    every 5m from 0s to 15m lost ping_timeout=true pongs_ever=0 csms_heard_s=90 drops=4
    expect match score >= 10
  }
  test "a log that shows no pongs at all proves nothing" {
    every 5m from 0s to 15m lost ping_timeout=true pongs_ever=0 pongs_logged=false csms_heard_s=8 drops=4
    expect no match
  }
  test "a slow link: it answers most of the time" {
    every 5m from 0s to 15m lost ping_timeout=true code=1011 initiator="csms" pongs_ever=400 drops=4
    expect no match
  }
  test "a deadline on messages, not on pongs" {
    every 5m from 0s to 15m lost told_by="csms.heartbeat_timeout" initiator="csms" code=1000 pongs_ever=0 drops=4
    expect no match
  }
  test "without any one of its conditions" {
    typical lost ping_timeout=true csms_heard_s=90 pongs_ever=0
    at 0s lost csms_saw=false drops=4
    at 1h lost
    expect no match
  }
  test "what counts for and against it" {
    typical lost ping_timeout=true csms_heard_s=90 pongs_ever=0 drops=4
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 0s lost station="csms found late" csms_found_late=true
    at 0s lost station="station restarted" station_restarted=true
    at 0s lost station="station ping timeout" station_ping_timeout=true
    expect match for "modem.ip_change" score <= 6
    expect match for "csms found late" score <= 6
    expect match for "station restarted" score <= 6
    expect match for "station ping timeout" score <= 7
  }
}

signature ping-unsupported-malformed {
  title    "The CSMS closes with 1002 right after the station's pong"
  cause    ping-unsupported
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms
  match    lost where code = 1002 and (initiator is unknown or initiator = "csms") and last_pong_s <= 1
  base     7
  support  3 "it happened {drops} times" if drops >= 2
  ruled_out "no protocol error followed a pong"
  first_check "The pong on the wire: its payload must repeat that of the ping, at most 125 bytes, masked"
  fix      "Update the firmware; until then switch the CSMS's pings off for this model"
  rivals   protocol-violation, subprotocol-mismatch, ws-ping-timeout
  reference "RFC 6455 sections 5.5 and 5.5.3 (control frames, Pong)"

  test "pong, then 1002" {
    every 1m from 0s to 5m lost code=1002 initiator="csms" last_pong_s=0.01 drops=6
    expect match 6 times
    expect match score >= 10
  }
  test "only the CSMS's word for it" {
    at 0s lost code=1002 last_pong_s=0.4
    expect match score >= 7
  }
  test "a protocol error after an ordinary message" {
    every 1m from 0s to 5m lost code=1002 initiator="csms" last_pong_s=14 drops=6
    expect no match
  }
  test "the station's own 1002, and a close for another reason" {
    at 0s lost code=1002 initiator="station" last_pong_s=0.1
    at 1h lost code=1001 initiator="csms" last_pong_s=0.1
    expect no match
  }
}

signature keepalive-disabled {
  title    "The station sends no pings and a Heartbeat every {heartbeat_interval_s}: the path forgets it after {idle_s}"
  cause    keepalive-disabled
  severity high
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  match    lost where code = 1006 and initiator is unknown and not ping_timeout and drops >= 3 and (idle_same >= 0.6 or silence_same >= 0.6)
  given    ws_ping_interval_s = 0 and heartbeat_interval_s >= 300
  base     3
  support  3 "the Heartbeat is more than twice as slow as the quiet that ends the connection" if heartbeat_interval_s > 2 * idle_s
  against  4 "messages were flowing" if idle_s < 20
  against  4 "the station restarted" if station_restarted
  against  4 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  ruled_out "the station's pings are not known to be off, or its Heartbeats are quicker than the quiet that ends its connections"
  first_check "WebSocketPingInterval and HeartbeatInterval (GetConfiguration) against the idle limits of proxy, router and carrier"
  fix      "Set WebSocketPingInterval to 30 to 60 s, or HeartbeatInterval to 60 s or less on cellular links"
  rivals   carrier-nat-expiry, proxy-idle-timeout, heartbeat-timeout, keepalive-race
  reference "OCPP 1.6 section 9.3.2 WebSocketPingInterval (0 switches it off); OCPP 2.0.1 OCPPCommCtrlr.WebSocketPingInterval"

  test "no pings, an hour between Heartbeats, five minutes of quiet" {
    given ws_ping_interval_s=0 heartbeat_interval_s=3600
    every 20m from 0s to 80m lost idle_s=300 silence_s=300 idle_same=1 silence_same=1 drops=5
    expect match 5 times
    expect match score >= 6
  }
  test "found at the next Heartbeat" {
    given ws_ping_interval_s=0 heartbeat_interval_s=900
    every 20m from 0s to 40m lost idle_s=240 station_idle_s=240 idle_same=0.8 drops=3
    expect match 3 times
    expect match score >= 6
  }
  test "the proxy's limit is shorter than the pings, which are on" {
    given ws_ping_interval_s=120 heartbeat_interval_s=3600
    every 5m from 0s to 20m lost idle_s=60 silence_s=60 idle_same=1 silence_same=1 drops=5
    expect no match
  }
  test "Heartbeats every minute, forgotten in less" {
    given ws_ping_interval_s=0 heartbeat_interval_s=60
    every 5m from 0s to 20m lost idle_s=45 silence_s=45 idle_same=1 silence_same=1 drops=5
    expect no match
  }
  test "without any one of its conditions" {
    typical lost idle_s=240 station_idle_s=240 idle_same=0.8 drops=3
    given heartbeat_interval_s=900 ws_ping_interval_s=0
    at 0s lost drops=1
    at 1h lost code=1001
    at 2h lost initiator="station"
    at 3h lost ping_timeout=true
    at 4h lost idle_same=0
    expect no match
  }
  test "each way to tell it" {
    given heartbeat_interval_s=3600 ws_ping_interval_s=0
    at 0s lost silence_s=300 silence_same=1 idle_s=300 drops=5
    expect match
  }
  test "what counts for and against it" {
    typical lost idle_s=240 idle_same=0.8 station_idle_s=240 drops=3
    given heartbeat_interval_s=900 ws_ping_interval_s=0
    at 0s lost station="idle 1" idle_s=1
    at 0s lost station="station restarted" station_restarted=true
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    expect match for "idle 1" score <= 2
    expect match for "station restarted" score <= 2
    expect match for "modem.ip_change" score <= 2
    expect match for "csms.start after" score <= 2
    expect match for "csms.start before" score <= 2
  }
}
