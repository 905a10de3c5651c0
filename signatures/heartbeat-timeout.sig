# The CSMS counts messages, or only Heartbeats, and gives a station up after its dead time.

signature heartbeat-timeout {
  title    "The CSMS heard nothing it counts for {csms_heard_s} and gave the station up"
  cause    heartbeat-timeout
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where told_by = "csms.heartbeat_timeout" or (initiator = "csms" and reason matches "(?i)heart ?-?beat")
  base     7
  support  2 "the station received the close: its link worked" if station_saw and initiator = "csms" and not csms_found_late and (station_code = code or (station_code is unknown and (found_late_s is unknown or found_late_s <= 3)))
  support  1 "no message came for much longer than the heartbeat interval of {heartbeat_interval_s}" if csms_heard_s > 1.5 * heartbeat_interval_s
  against  4 "no log of the station shows that its link worked, and nothing came through it" if not station_covered and silence_s >= 45
  against  5 "the station had lost the connection before the CSMS noticed" if csms_found_late
  against  5 "the modem got a new address" if modem.ip_change within 20m around
  against  3 "the mobile data session went down" if modem.detach within 20m around
  against  5 "the station restarted" if station_restarted
  against  4 "the station booted afterwards and was away for {down_s}" if booted_next and down_s > 45
  against  4 "the station had no network" if tcp.unreachable within 5m around
  against  4 "{together} of {online} stations were lost within 5 s: no heartbeat of theirs stopped on its own" if together >= 3
  against  4 "what the station sent got no answer either: the path was dead" if station_idle_s is known and station_waited_s >= 10
  against  3 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  variant  interval-mismatch if heartbeat_interval_s > csms_heard_s and csms_heard_s >= 50 and silence_same >= 0.8
  variant  heartbeat-not-counted if csms_heard_s < 0.8 * heartbeat_interval_s
  variant  heartbeat-stopped if csms_heard_s > 1.5 * heartbeat_interval_s
  ruled_out "no log says that the CSMS counted the station out"
  first_check "HeartbeatInterval of the station (GetConfiguration) against the dead time of the CSMS, and the station's last message before the silence"
  fix      "Set HeartbeatInterval to at most half of the CSMS's dead time"
  fix      "Let every message of the station reset the CSMS's dead-time counter, as OCPP 1.6 section 4.6 allows"
  fix      "Ask the vendor why the firmware stops its Heartbeats after the last message shown"
  rivals   ws-ping-timeout, carrier-nat-expiry, cellular-ip-change, station-power-loss
  reference "OCPP 1.6 section 4.6 Heartbeat; OCPP 2.0.1 G02"

  test "its whole site was cut off" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m station_saw=false site_cut=true site_lost=4 site_stations=4
    expect match score <= 3
  }
  test "only the CSMS tells of it" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=15m silence_s=15m station_saw=false station_covered=false
    expect match score <= 4
  }
  test "only the CSMS tells of it, and messages that it does not count came through" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=15m silence_s=20 station_saw=false station_covered=false
    expect match score >= 8
  }
  test "the station's log goes on, and tells of no trouble" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=15m silence_s=15m station_saw=false
    expect match score >= 8
  }
  test "told and received" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" initiator="csms" code=1000 csms_heard_s=15m silence_s=15m
    expect match at 0s score >= 9 variant heartbeat-stopped
  }
  test "MeterValues keep coming" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" initiator="csms" code=1000 csms_heard_s=12s silence_s=12s
    expect match variant heartbeat-not-counted
  }
  test "dead time shorter than the interval" {
    given heartbeat_interval_s=900
    at 0s lost told_by="csms.heartbeat_timeout" initiator="csms" code=1000 csms_heard_s=5m silence_s=5m silence_same=1
    expect match variant interval-mismatch
  }
  test "a new address is the better explanation" {
    at -60s modem.ip_change
    at 0s lost told_by="csms.heartbeat_timeout" csms_found_late=true csms_heard_s=15m
    expect match score <= 1
  }
  test "the station restarted" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m station_restarted=true station_saw=false
    expect match score <= 2
  }
  test "it came back with a boot, after a long time" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m booted_next=true down_s=5m station_saw=false
    expect match score <= 3
  }
  test "it had no network" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m station_saw=false
    at 20s tcp.unreachable
    expect match score <= 3
  }
  test "a whole site at once" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m together=4 online=60 station_saw=false
    expect match score <= 3
  }
  test "its own messages went unanswered" {
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=5m station_idle_s=60 station_waited_s=30
    expect match score <= 3
  }
  test "a ping timeout is no heartbeat timeout" {
    at 0s lost told_by="ws.close" ping_timeout=true code=1011 reason="keepalive ping timeout" initiator="csms"
    expect no match
  }
  test "without any one of its conditions" {
    given heartbeat_interval_s=900
    at 0s lost code=1000 reason="heartbeat" initiator="station" silence_s=300 silence_same=1 csms_heard_s=300
    expect no match
  }
  test "each way to tell it" {
    given heartbeat_interval_s=300
    at 0s lost code=1000 reason="heartbeat" initiator="csms" silence_s=900 csms_heard_s=900
    expect match
  }
  test "what counts for and against it" {
    typical lost code=1000 told_by="csms.heartbeat_timeout" silence_s=12 csms_heard_s=12
    given heartbeat_interval_s=300
    at 0s lost station="no station saw" initiator="csms" station_saw=false
    at 0s lost station="no initiator"
    at 0s lost station="csms found late" initiator="csms" csms_found_late=true
    at 0s lost station="plain" initiator="csms" silence_s=900 csms_heard_s=900
    at 0s lost station="modem.detach" initiator="csms" silence_s=900 csms_heard_s=900
    at 1m modem.detach station="modem.detach"
    at 0s lost station="station restarted" initiator="csms" station_restarted=true
    at 1h lost station="csms.start before" initiator="csms"
    at 3599s csms.start
    at 2h lost station="csms.start after" initiator="csms"
    at 121m csms.start
    given station="heartbeat interval 1" heartbeat_interval_s=1
    at 0s lost station="heartbeat interval 1" initiator="csms" silence_s=300 silence_same=1 csms_heard_s=300
    given station="csms heard 1" heartbeat_interval_s=900
    at 0s lost station="csms heard 1" initiator="csms" silence_s=300 silence_same=1 csms_heard_s=1
    at 0s lost station="csms heard 55" initiator="csms" csms_heard_s=55
    expect match for "no station saw" score <= 7
    expect match for "no initiator" score <= 7
    expect match for "csms found late" score <= 2
    expect match for "plain" score >= 10
    expect match for "modem.detach" score <= 7
    expect match for "station restarted" score <= 5
    expect match for "csms.start before" score <= 6
    expect match for "csms.start after" score <= 6
    expect match for "heartbeat interval 1" variant heartbeat-stopped
    expect match for "csms heard 1" variant heartbeat-not-counted
    expect match for "csms heard 55" variant heartbeat-not-counted
  }
  test "what counts for and against it, once more" {
    typical lost code=1000 initiator="csms" silence_s=900 csms_heard_s=900
    given heartbeat_interval_s=300
    at 0s lost station="down 49" told_by="csms.heartbeat_timeout" silence_s=12 csms_heard_s=12 down_s=49
    at 0s lost station="booted next" reason="heartbeat" booted_next=true
    at 0s lost station="station waited 10" told_by="csms.heartbeat_timeout" station_waited_s=10
    at 0s lost station="station idle 100" told_by="csms.heartbeat_timeout" station_idle_s=100
    at 0s lost station="got the frame" told_by="csms.heartbeat_timeout" station_code=1000 found_late_s=4
    at 0s lost station="got no frame" told_by="csms.heartbeat_timeout" station_code=1006
    at 0s lost station="noticed at once" told_by="csms.heartbeat_timeout" found_late_s=3
    at 0s lost station="noticed later" told_by="csms.heartbeat_timeout" found_late_s=4
    expect match for "down 49" score >= 9
    expect match for "booted next" score >= 10
    expect match for "station waited 10" score >= 10
    expect match for "station idle 100" score >= 10
    expect match for "got the frame" score >= 10
    expect match for "got no frame" score <= 8
    expect match for "noticed at once" score >= 10
    expect match for "noticed later" score <= 8
  }
}

signature heartbeat-timeout-untold {
  title    "The CSMS closes the connection each time {csms_heard_s} after the station's last message"
  cause    heartbeat-timeout
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where (read_deadline and csms_saw and csms_heard_s >= 45) or initiator = "csms" and not ping_timeout and silence_s >= 45 and (code >= 4000 or reason matches "(?i)idle|inactiv|stale|no (message|data|traffic|activity)|not heard|timed? ?out" or told_by = "csms.offline" or (drops >= 3 and silence_same >= 0.8))
  base     3
  support  2 "the close names it: {reason}" if reason matches "(?i)idle|inactiv|stale|no (message|data|traffic|activity)|not heard"
  support  2 "{drops} closes came after the same silence" if drops >= 3 and silence_same >= 0.8 and not read_deadline
  support  1 "the CSMS's own read deadline ended it" if read_deadline
  support  3 "the station received the close: its link worked" if station_saw and (station_idle_s is unknown or station_waited_s < 10)
  against  5 "the station restarted" if station_restarted
  against  4 "the station booted afterwards and was away for {down_s}" if booted_next and down_s > 45
  against  4 "the station had no network" if tcp.unreachable within 5m around
  against  4 "{together} of {online} stations were lost within 5 s: no heartbeat of theirs stopped on its own" if together >= 3
  against  4 "what the station sent got no answer either: the path was dead" if station_idle_s is known and station_waited_s >= 10
  against  3 "the station came back only {down_s} later: nothing had told it of the close" if not station_saw and down_s > 60
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  4 "the CSMS was going down" if code = 1012 or reason matches "(?i)restart|shut|maintenance|going"
  against  5 "close code {code} says what it did not like: the message" if code in (1002, 1003, 1007, 1009)
  against  4 "a second connection took its place" if csms.duplicate within 5s around
  against  4 "the station had lost the connection before the CSMS noticed" if csms_found_late
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  variant  interval-mismatch if heartbeat_interval_s > csms_heard_s and silence_same >= 0.8
  variant  heartbeat-stopped if csms_heard_s > 1.5 * heartbeat_interval_s
  ruled_out "the CSMS did not close the connection after a silence of the station"
  first_check "Dead time of the CSMS against the station's HeartbeatInterval (GetConfiguration)"
  fix      "Set HeartbeatInterval to at most half of the CSMS's dead time"
  rivals   ws-ping-timeout, proxy-idle-timeout, carrier-nat-expiry, csms-restart
  reference "OCPP 1.6 section 4.6 Heartbeat; RFC 6455 section 7.4"

  test "a read deadline always ends the same silence" {
    typical lost csms_heard_s=150 silence_s=150 drops=5 silence_same=1 initiator="csms" code=1000 station_saw=false
    at 0s lost station="deadline" read_deadline=true
    at 0s lost station="told otherwise"
    at 0s lost station="named" reason="idle"
    at 0s lost station="named, twice" reason="idle" drops=2
    at 0s lost station="named, after any silence" reason="idle" silence_same=0.5
    expect match for "deadline" score <= 4
    expect match for "told otherwise" score >= 5
    expect match for "named" score >= 7
    expect match for "named, twice" score <= 5
    expect match for "named, after any silence" score <= 5
  }
  test "its whole site was cut off" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 site_cut=true
    expect match score <= 3
  }
  test "the message before the close was malformed" {
    every 20m from 0s to 60m lost initiator="csms" code=1002 silence_s=295 silence_same=1 drops=4
    expect match score <= 3
  }
  test "own close code after the same silence" {
    every 20m from 0s to 80m lost code=4408 initiator="csms" reason="idle" silence_s=7m csms_heard_s=7m drops=5 silence_same=1
    expect match 5 times
  }
  test "a read deadline that nobody else saw proves little" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 station_saw=false
    expect match score <= 4
    expect match score >= 4
  }
  test "a read deadline, and the station restarted" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 station_restarted=true
    expect match score <= 2
  }
  test "a read deadline, and a boot after a long time" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 booted_next=true down_s=5m
    expect match score <= 3
  }
  test "a read deadline while the station had no network" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1
    at 20s tcp.unreachable
    expect match score <= 3
  }
  test "a read deadline for a whole site" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 together=4 online=60
    expect match score <= 3
  }
  test "a read deadline, and its own messages went unanswered" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 station_idle_s=60 station_waited_s=30
    expect match score <= 0
  }
  test "a read deadline, and it came back late" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1 station_saw=false down_s=4m
    expect match score <= 1
  }
  test "a read deadline of the CSMS" {
    at 0s lost read_deadline=true csms_heard_s=150 silence_s=150 drops=1
    expect match score >= 7
  }
  test "a deployment" {
    at 0s lost code=1001 initiator="csms" reason="shutting down, try again" silence_s=50 drops=1
    expect no match
  }
  test "the proxy hangs up, not the CSMS" {
    every 20m from 0s to 80m lost code=1006 silence_s=60s drops=5 silence_same=1
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost silence_s=150 csms_heard_s=150
    at 1h lost read_deadline=true csms_saw=false silence_s=150 csms_heard_s=150
    at 2h lost read_deadline=true silence_s=150
    at 3h lost code=4408 reason="idle" initiator="csms" ping_timeout=true silence_s=420 silence_same=1 csms_heard_s=420 drops=5
    at 4h lost code=4408 reason="idle" initiator="csms" silence_same=1 csms_heard_s=420 drops=5
    at 5h lost code=1012 reason="other" initiator="csms" silence_s=420 silence_same=1 csms_heard_s=420
    at 6h lost code=3600 initiator="csms" silence_s=420 silence_same=0.7 csms_heard_s=420 drops=5
    expect no match
  }
  test "each way to tell it" {
    typical lost initiator="csms" silence_s=420 csms_heard_s=420
    at 0s lost code=4408 drops=5
    at 1h lost code=1000 reason="idle" silence_same=1
    at 2h lost told_by="csms.offline" silence_s=150 csms_heard_s=150
    at 3h lost code=1000 silence_same=1 drops=5
    expect match 4 times
  }
  test "what counts for and against it" {
    typical lost silence_s=150 csms_heard_s=150 read_deadline=true
    at 0s lost station="plain" code=4408 reason="idle" initiator="csms" read_deadline=false silence_s=420 silence_same=1 csms_heard_s=420 drops=5
    at 0s lost station="silence same 1" silence_same=1
    at 0s lost station="drops 4" drops=4
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    at 0s lost station="reason restart" reason="restart"
    at 0s lost station="code 1012" code=1012
    at 0s lost station="csms.duplicate"
    at 2.5s csms.duplicate station="csms.duplicate"
    at 0s lost station="csms found late" csms_found_late=true
    given station="heartbeat interval 100, csms heard 49" heartbeat_interval_s=100
    at 0s lost station="heartbeat interval 100, csms heard 49" code=4408 reason="idle" initiator="csms" read_deadline=false silence_s=420 silence_same=1 csms_heard_s=49 drops=5
    given station="heartbeat interval 1" heartbeat_interval_s=1
    at 0s lost station="heartbeat interval 1" code=4408 reason="idle" initiator="csms" read_deadline=false silence_s=420 silence_same=1 csms_heard_s=420 drops=5
    expect match for "plain" score >= 9
    expect match for "silence same 1" score <= 8
    expect match for "drops 4" score <= 8
    expect match for "csms.start after" score <= 4
    expect match for "csms.start before" score <= 4
    expect match for "reason restart" score <= 4
    expect match for "code 1012" score <= 4
    expect match for "csms.duplicate" score <= 4
    expect match for "csms found late" score <= 4
    expect match for "heartbeat interval 100, csms heard 49" variant interval-mismatch
    expect match for "heartbeat interval 1" variant heartbeat-stopped
  }
  test "silences that differ are no mismatch of intervals" {
    given heartbeat_interval_s=900
    at 0s lost code=4408 initiator="csms" reason="idle" silence_s=420 csms_heard_s=420 drops=5 silence_same=0.3
    expect match no variant
  }
  test "what counts for and against it, once more" {
    typical lost read_deadline=true silence_s=150 csms_heard_s=150
    at 0s lost station="station idle 1, station waited 9" station_idle_s=1 station_waited_s=9
    at 0s lost station="down 100" down_s=100
    at 0s lost station="booted next" booted_next=true
    at 0s lost station="station waited 11" station_waited_s=11
    expect match for "station idle 1, station waited 9" score >= 7
    expect match for "down 100" score >= 7
    expect match for "booted next" score >= 7
    expect match for "station waited 11" score >= 7
  }
}
