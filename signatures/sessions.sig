# Who is who, and who restarts.

signature duplicate-identity {
  title    "Two devices use one identity and push each other out"
  cause    duplicate-identity
  severity high
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  match    lost where overlapped or reason matches "(?i)replac|duplicate|already connected|supersed|another connection|new connection|kicked|evict|takeover|taken over" or alternates >= 0.5 or serials >= 2
  base     1
  support  3 "the connections come from two addresses in turn" if alternates >= 0.4
  support  4 "{serials} devices with different serial numbers booted under the identity" if serials >= 2
  support  4 "the CSMS had {strangers} connections that the station's own log does not know" if strangers >= 2
  support  2 "the CSMS reports a second connection of the same identity" if csms.duplicate within 5s around
  support  2 "the pushed-out side received the close: it was alive" if initiator = "csms" and station_saw and not csms_found_late
  support  1 "it happened {drops} times" if drops >= 3
  against  5 "it is one device that had lost its connection before" if csms_found_late
  against  4 "the modem got a new address" if modem.ip_change within 5m around
  against  3 "the CSMS had not heard it for {csms_heard_s}" if csms_heard_s > 60 and code = 1006
  against  3 "it came back from the same address" if not address_changed
  against  3 "the CSMS restarted" if csms.start within 1m after or csms.start within 2s before
  ruled_out "the identity is not used from two places at once"
  first_check "Serial numbers and addresses behind the identity: two devices with one ChargeBoxId (spare part, cloned configuration)?"
  fix      "Give each device its own identity and credentials"
  rivals   zombie-session-blocks-reconnect, carrier-nat-expiry, cellular-ip-change
  reference "OCPP-J 1.6 section 3.1.2; OCPP 2.0.1 Part 4 section 3.1"

  test "two devices in turn" {
    every 16s from 0s to 80s csms.duplicate outcome="evicted"
    every 16s from 0s to 80s lost overlapped=true alternates=1 address_changed=true initiator="csms" code=1000 reason="replaced by new connection" drops=6
    expect match 6 times
    expect match score >= 8
  }
  test "two serial numbers" {
    every 20s from 0s to 80s lost overlapped=true serials=2 code=1006 drops=5
    expect match 5 times
    expect match score >= 6
  }
  test "one device comes back after a dead link" {
    at 0s csms.duplicate outcome="evicted"
    at 0s lost overlapped=true csms_found_late=true address_changed=false csms_heard_s=120
    expect match score <= 0
  }
  test "an ordinary drop" {
    at 0s lost
    expect no match
  }
  test "each way to tell it" {
    typical lost drops=6 code=1000
    at 0s lost reason="replaced by new connection" initiator="csms" address_changed=true alternates=0.4
    at 1h lost reason="other" initiator="csms" address_changed=true alternates=1
    at 2h lost code=1006 serials=2 drops=5
    expect match 3 times
  }
  test "what counts for and against it" {
    typical lost overlapped=true drops=5 serials=2
    at 0s lost station="plain"
    at 0s lost station="two strangers" strangers=2
    at 0s lost station="one stranger" strangers=1
    at 0s lost station="no station saw" code=1000 reason="replaced by new connection" initiator="csms" station_saw=false serials=1 address_changed=true alternates=1 drops=6
    at 0s lost station="csms found late" code=1000 reason="replaced by new connection" initiator="csms" csms_found_late=true serials=1 address_changed=true alternates=1 drops=6
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 0s lost station="csms heard 66" csms_heard_s=66
    at 0s lost station="csms heard 66 (2)" code=1000 reason="replaced by new connection" initiator="csms" csms_heard_s=66 serials=1 address_changed=true alternates=1 drops=6
    at 0s lost station="no address changed" address_changed=false
    at 1h lost station="csms.start after"
    at 3610s csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    expect match for "plain" score <= 6
    expect match for "two strangers" score >= 10
    expect match for "one stranger" score <= 6
    expect match for "no station saw" score <= 5
    expect match for "csms found late" score <= 0
    expect match for "modem.ip_change" score <= 2
    expect match for "csms heard 66" score <= 3
    expect match for "csms heard 66 (2)" score >= 7
    expect match for "no address changed" score <= 3
    expect match for "csms.start after" score <= 3
    expect match for "csms.start before" score <= 3
  }
}

signature station-boot-loop {
  title    "The station restarts again and again: {restarts_around} restarts within two hours"
  cause    station-boot-loop
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where not reset_ordered and (station_restarted or booted_next) and restarts_around >= 3
  base     6
  support  2 "the station's log shows that it restarts" if station_restarted
  against  5 "{serials} devices with different serial numbers use the identity" if serials >= 2
  against  5 "the connections come from two addresses in turn: two devices" if alternates >= 0.4
  against  5 "most of its restarts follow the same command of the CSMS" if commanded_share >= 0.5
  support  1 "its message ids begin anew" if ids_restarted
  against  4 "the station's log shows no restart: it sends BootNotification after a mere reconnect" if station_covered and not station_restarted and not ids_restarted
  against  2 "its message ids go on counting: it did not restart" if boot_proof = "message-ids"
  support  2 "the boot reason is a watchdog or a crash" if station.boot where boot_reason matches "(?i)watchdog|wdt|panic|crash|exception|brown" within 5m after or booted where reason matches "(?i)watchdog" within 10m after
  against  4 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  5 "the other stations of its site were cut off at the same moment" if site_cut and not station_restarted
  ruled_out "the station does not restart at each drop"
  first_check "Reset reason, uptime and firmware version of the station; power supply"
  fix      "Roll the firmware back or update it; check the supply voltage"
  rivals   station-power-loss, firmware-update, csms-induced-reboot
  reference "OCPP 1.6 section 4.2 BootNotification; OCPP 2.0.1 BootReasonEnumType"

  test "restart after restart" {
    every 4m from 0s to 20m lost station_restarted=true booted_next=true restarts_around=6
    expect match 6 times
  }
  test "its neighbours are gone at the same moments, and no log shows a restart" {
    every 4m from 0s to 20m lost booted_next=true restarts_around=6 site_cut=true
    expect match score <= 1
  }
  test "its neighbours as well, but its log shows that it restarts" {
    every 4m from 0s to 20m lost station_restarted=true booted_next=true restarts_around=6 site_cut=true
    expect match score >= 6
  }
  test "two devices in turn" {
    every 4m from 0s to 20m lost booted_next=true restarts_around=6 alternates=1 station_covered=false
    expect match score <= 1
  }
  test "one restart" {
    at 0s lost station_restarted=true booted_next=true restarts_around=1
    expect no match
  }
  test "without any one of its conditions" {
    typical lost restarts_around=6
    at 0s lost reset_ordered=true station_restarted=true booted_next=true
    at 1h lost
    expect no match
  }
  test "each way to tell it" {
    typical lost restarts_around=6
    at 0s lost station_restarted=true
    at 1h lost booted_next=true
    expect match 2 times
  }
  test "what counts for and against it" {
    typical lost booted_next=true restarts_around=6 station_restarted=true
    at 0s lost station="plain"
    at 0s lost station="serials 3" serials=3
    at 0s lost station="commanded" commanded_share=0.5
    at 0s lost station="seldom commanded" commanded_share=0.4
    at 0s lost station="no station restarted" station_restarted=false
    at 0s lost station="no station covered, no station restarted" station_covered=false station_restarted=false
    at 0s lost station="station.boot after"
    at 1m station.boot station="station.boot after" boot_reason="watchdog"
    at 0s lost station="booted after"
    at 1m booted station="booted after" reason="watchdog"
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    expect match for "plain" score >= 8
    expect match for "commanded" score <= 3
    expect match for "seldom commanded" score >= 8
    expect match for "serials 3" score <= 3
    expect match for "no station restarted" score <= 2
    expect match for "no station covered, no station restarted" score >= 6
    expect match for "station.boot after" score >= 10
    expect match for "booted after" score >= 10
    expect match for "csms.start after" score <= 4
    expect match for "csms.start before" score <= 4
  }
  test "its message ids tell whether it restarted" {
    typical lost booted_next=true restarts_around=6
    at 0s lost station="anew" ids_restarted=true
    at 0s lost station="no log covered" station_covered=false ids_restarted=true
    at 0s lost station="on" station_covered=false boot_proof="message-ids"
    expect match for "anew" score >= 7
    expect match for "no log covered" score >= 7
    expect match for "on" score <= 4
  }
  test "it booted for another reason" {
    typical lost station_restarted=true restarts_around=6
    at 0s lost station="log"
    at 1m station.boot station="log" boot_reason="software reset"
    at 0s lost station="frame"
    at 1m booted station="frame" reason="RemoteReset"
    expect match for "log" score <= 8
    expect match for "frame" score <= 8
  }
}

signature station-power-loss {
  title    "The station restarted and lost its connection"
  cause    station-power-loss
  severity medium
  status   stable
  owner    site
  explains connection_lost
  needs    csms?, station?
  match    lost where not reset_ordered and (station_restarted or (booted_next and down_s > 20 and attempts_between = 0 and not station_covered)) and restarts_around < 3
  base     5
  support  2 "the boot reason is power" if station.boot where boot_reason matches "(?i)power" within 1h after
  support  1 "the station's log shows that it restarted" if station_restarted
  support  2 "a transaction ended with PowerLoss" if power.lost within 1h after
  against  4 "the station restarted on purpose" if station.reset where boot_reason is unknown or boot_reason matches "(?i)schedul|planned" within 5m before
  against  4 "it tells another reason for its start" if station.boot where boot_reason matches "(?i)config|setting|soft|command|remote|user|schedul|planned|update|upgrade|watchdog|wdt|panic|crash|exception" within 1h after
  against  4 "a firmware update was under way" if firmware.status within 30m before
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  6 "the station closed the connection itself before it restarted" if initiator = "station"
  against  6 "the station's log still tells of the end: it had power" if station_told_end
  ruled_out "the station did not restart"
  first_check "Power supply of the station at that time; other stations of the site"
  fix      "Check the supply, the residual current device and the meter cabinet"
  rivals   station-boot-loop, firmware-update, csms-induced-reboot, ws-ping-timeout
  reference "OCPP 1.6 section 7.36 Reason (PowerLoss)"

  test "back after a restart" {
    at 0s lost station_restarted=true booted_next=true down_s=120 restarts_around=1
    expect match score >= 6
  }
  test "it says goodbye first" {
    at 0s lost code=1000 initiator="station" station_restarted=true booted_next=true down_s=120 restarts_around=1
    expect match score <= 0
  }
  test "it saw the connection end before it restarted" {
    at 0s lost station_told_end=true station_restarted=true booted_next=true down_s=120 restarts_around=1
    expect match score <= 0
  }
  test "no log of the station, which booted when it came back" {
    at 0s lost station_saw=false station_covered=false booted_next=true down_s=120 restarts_around=1
    expect match
  }
  test "it tried to connect in the meantime: no restart" {
    at 0s lost station_saw=false station_covered=false booted_next=true down_s=2400 attempts_between=31
    expect no match
  }
  test "no restart" {
    at 0s lost down_s=120
    expect no match
  }
  test "without any one of its conditions" {
    typical lost restarts_around=1 booted_next=true
    at 0s lost reset_ordered=true down_s=120 station_restarted=true
    at 3h lost station_saw=false station_covered=false down_s=120 booted_next=false
    at 6h lost station_saw=false station_covered=false
    at 9h lost down_s=120
    at 12h lost down_s=120 station_restarted=true restarts_around=10
    expect no match
  }
  test "what counts for and against it" {
    typical lost down_s=120 station_restarted=true booted_next=true restarts_around=1
    at 0s lost station="station.boot after"
    at 1m station.boot station="station.boot after" boot_reason="power"
    at 0s lost station="another reason"
    at 1m station.boot station="another reason" boot_reason="configuration"
    at 0s lost station="power.lost after"
    at 1m power.lost station="power.lost after"
    at 0s lost station="station.reset before"
    at -1m station.reset station="station.reset before"
    at 0s lost station="nightly restart"
    at -1m station.reset station="nightly restart" boot_reason="scheduled"
    at 0s lost station="firmware.status before"
    at -1m firmware.status station="firmware.status before"
    at 3h lost station="csms.start before"
    at 10799s csms.start
    at 6h lost station="csms.start after"
    at 361m csms.start
    expect match for "station.boot after" score >= 8
    expect match for "another reason" score <= 2
    expect match for "power.lost after" score >= 8
    expect match for "station.reset before" score <= 2
    expect match for "nightly restart" score <= 2
    expect match for "firmware.status before" score <= 2
    expect match for "csms.start before" score <= 2
    expect match for "csms.start after" score <= 2
  }
  test "it booted for another reason, or reset because its power came back" {
    typical lost station_restarted=true restarts_around=1 down_s=120
    at 0s lost station="update"
    at 1m station.boot station="update" boot_reason="firmware update"
    at 0s lost station="brown-out"
    at -1m station.reset station="brown-out" boot_reason="brown-out"
    expect match for "update" score <= 6
    expect match for "brown-out" score >= 6
  }
}

signature zombie-session-blocks-reconnect {
  title    "The CSMS still holds the dead connection and refuses the new one"
  cause    zombie-session-blocks-reconnect
  severity high
  status   stable
  owner    csms
  explains never_connected
  needs    csms?, station?
  match    failed where duplicate or reject_reason = "duplicate" or http_status = 409
  base     6
  support  2 "the CSMS says that the identity is connected already" if duplicate or reject_reason = "duplicate"
  ruled_out "no attempt was refused because the identity was connected already"
  first_check "How long the CSMS keeps a connection that no longer answers, against the station's retry interval"
  fix      "Let a new connection of an identity replace the old one (OCPP-J), or ping stations so that dead connections end soon"
  rivals   duplicate-identity, authentication-rejected, carrier-nat-expiry
  reference "OCPP 2.0.1 Part 4 section 3 (one connection per identity)"

  test "refused while the old one is held" {
    every 15s from 0s to 60s failed stage="http" reject_reason="duplicate" duplicate=true
    expect match 5 times
  }
  test "wrong password" {
    at 0s failed stage="http" http_status=401 reject_reason="authentication"
    expect no match
  }
  test "each way to tell it" {
    typical failed stage="http"
    at 0s failed duplicate=true
    at 1h failed reject_reason="duplicate"
    at 2h failed http_status=409
    expect match 3 times
  }
  test "what counts for and against it" {
    typical failed stage="http" duplicate=true
    at 0s failed station="plain" reject_reason="duplicate"
    at 0s failed station="no reject reason"
    at 0s failed station="no duplicate" reject_reason="duplicate" duplicate=false
    expect match for "plain" score >= 8
    expect match for "no reject reason" score >= 8
    expect match for "no duplicate" score >= 8
  }
  test "throttled, unknown" {
    at 0s failed stage="http" http_status=429 limited=true
    at 1h failed stage="http" http_status=404 reject_reason="unknown-station"
    expect no match
  }
}

signature stale-close-kills-new-session {
  title    "The end of the old connection took the new one with it, {older_closed_s} later"
  cause    stale-close-kills-new-session
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where older_closed_s <= 5 and not overlapped and not orderly and not station_restarted
  base     7
  support  2 "the CSMS had heard the station {csms_heard_s} before" if csms_heard_s <= 30
  support  1 "the CSMS ended it" if initiator = "csms" or told_by = "csms.offline"
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  4 "{together} of {online} stations were lost at once" if together >= 3 and together >= 0.8 * online
  against  4 "the modem got a new address" if modem.ip_change within 1m around
  ruled_out "no connection ended right after an older one of the same station"
  first_check "What the CSMS does when a connection closes: does it remove the station's session by identity instead of by connection?"
  fix      "Let the CSMS key its sessions by connection, and ignore the close of a connection that is no longer current"
  rivals   duplicate-identity, zombie-session-blocks-reconnect, carrier-nat-expiry
  reference "OCPP 2.0.1 Part 4 section 3 (one connection per identity); RFC 6455 section 7.1.4"

  test "old one times out, new one dies with it" {
    at 0s lost older_closed_s=0.2 initiator="csms" code=1000 csms_heard_s=4
    expect match score >= 10
  }
  test "marked offline although it had come back" {
    at 0s lost older_closed_s=1.5 told_by="csms.offline" csms_heard_s=55
    expect match score >= 8
  }
  test "two devices push each other out: a newer one took its place" {
    at 0s lost older_closed_s=2 overlapped=true initiator="csms" reason="replaced by new connection"
    expect no match
  }
  test "the old one had ended long before" {
    at 0s lost older_closed_s=600
    at 1h lost
    expect no match
  }
  test "without any one of its conditions" {
    typical lost told_by="csms.offline" csms_heard_s=55 older_closed_s=1.5
    at 0s lost orderly=true
    at 1h lost station_restarted=true
    expect no match
  }
  test "what counts for and against it" {
    typical lost told_by="csms.offline" csms_heard_s=55 older_closed_s=1.5
    at 1h lost station="csms.start before"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 121m csms.start
    at 0s lost station="together 10" together=10
    at 0s lost station="together 3, online 10" together=3 online=10
    at 0s lost station="modem.ip_change"
    at 10s modem.ip_change station="modem.ip_change"
    expect match for "csms.start before" score <= 3
    expect match for "csms.start after" score <= 3
    expect match for "together 10" score <= 4
    expect match for "together 3, online 10" score >= 8
    expect match for "modem.ip_change" score <= 4
  }
}

signature connection-age-limit {
  title    "Connections end at an age of {age_s}, whatever is sent on them"
  cause    connection-age-limit
  severity medium
  status   stable
  owner    proxy
  explains connection_lost
  needs    csms?, station?, proxy?
  match    lost where drops >= 3 and age_same >= 0.7 and (silence_same < 0.7 or (quiet_survived_s > 1.01 * silence_s + 1.5 and age_s >= 600)) and age_s >= 25 and (silence_s is unknown or silence_s < 0.5 * age_s) and not station_restarted and not booted_next
  base     5
  support  2 "{age_s} is a limit of well-known platforms" if age_s between 29 and 31 or age_s between 3590 and 3610 or age_s between 7190 and 7210
  support  1 "messages were flowing until the end" if silence_s < 15
  against  3 "no log shows messages: a silence may have been constant as well" if silence_s is unknown
  against  4 "the proxy timed out on silence" if proxy.timeout within 5s around
  against  4 "a ping stayed unanswered" if ping_timeout
  against  4 "the CSMS counted the station out" if told_by = "csms.heartbeat_timeout"
  against  4 "the CSMS learnt of the end from the next connection only" if told_by = "ws.open"
  against  4 "the drops come at one time of day" if age_s > 20h and same_time_days >= 3
  ruled_out "the ages of the lost connections differ"
  first_check "Maximum connection or request duration of every platform in the path (API gateway 2 h, load balancer back-end timeout)"
  fix      "Raise the limit where it can be raised; otherwise accept the reconnects and make them quick"
  rivals   proxy-idle-timeout, scheduled-reboot, csms-restart
  reference "AWS API Gateway WebSocket limits (2 h); Google Cloud load balancing backend timeout (30 s)"

  test "two hours, again and again" {
    every 2h from 0s to 8h lost age_s=7200 age_same=1 silence_s=4 drops=5
    expect match 5 times
    expect match score >= 8
  }
  test "the last message comes at one point of the hour, and longer quiet ended nothing" {
    every 1h from 0s to 4h lost age_s=3600 age_same=1 silence_s=57 silence_same=1 quiet_survived_s=60 drops=5
    expect match 5 times
  }
  test "short lives that end in a regular quiet" {
    every 3m from 0s to 12m lost age_s=175 age_same=1 silence_s=14 silence_same=0.8 quiet_survived_s=60 drops=5
    expect no match
  }
  test "idle for sixty seconds each time" {
    every 2m from 0s to 10m lost age_s=75 age_same=1 silence_s=60 silence_same=1 drops=6
    expect no match
  }
  test "without any one of its conditions" {
    typical lost age_s=7200 age_same=1 drops=5
    at 0s lost silence_s=4 drops=1
    at 1h lost age_same=0 silence_s=4
    at 2h lost silence_s=4 silence_same=0.8
    at 3h lost age_s=23 silence_s=4
    at 4h lost silence_s=3700
    at 5h lost silence_s=4 station_restarted=true
    at 6h lost silence_s=4 booted_next=true
    expect no match
  }
  test "every night, and every eight hours" {
    typical lost age_same=1 drops=5 same_time_days=4 silence_s=60
    at 0s lost station="night" age_s=86400
    at 0s lost station="eight hours" age_s=28800
    at 0s lost station="a day, at any time" age_s=86400 same_time_days=1
    expect match for "night" score <= 1
    expect match for "eight hours" score >= 5
    expect match for "a day, at any time" score >= 5
  }
  test "the logs show no messages" {
    every 1h from 0s to 4h lost age_s=3600 age_same=1 drops=5
    expect match score >= 4
    expect match score <= 4
  }
  test "what counts for and against it" {
    typical lost age_same=1 silence_s=4 drops=5 age_s=7200
    at 0s lost station="age 31" age_s=31
    at 0s lost station="age 3600" age_s=3600
    at 0s lost station="proxy.timeout"
    at 2.5s proxy.timeout station="proxy.timeout"
    at 0s lost station="ping timeout" ping_timeout=true
    at 0s lost station="told by csms.heartbeat_timeout" told_by="csms.heartbeat_timeout"
    at 0s lost station="told by ws.open" told_by="ws.open"
    expect match for "told by ws.open" score <= 4
    expect match for "age 31" score >= 8
    expect match for "age 3600" score >= 8
    expect match for "proxy.timeout" score <= 4
    expect match for "ping timeout" score <= 4
    expect match for "told by csms.heartbeat_timeout" score <= 4
  }
  test "thirty seconds, ended by a close frame of the platform" {
    every 31s from 0s to 124s lost age_s=30 age_same=1 silence_s=2 silence_same=0.2 code=1001 initiator="csms" drops=5
    expect match 5 times
  }
}

signature station-idle-close {
  title    "The station closes its own connection after {silence_s} without a message"
  cause    station-idle-close
  severity medium
  status   stable
  owner    station
  explains connection_lost
  needs    station?, csms?
  match    lost where initiator = "station" and not ping_timeout and not station_restarted and silence_s >= 20 and drops >= 3 and silence_same >= 0.7
  base     7
  support  1 "the station was back after {down_s}" if down_s <= 60
  ruled_out "the station did not close its own connection after a constant silence"
  first_check "Idle or read time-out of the station's WebSocket client against the CSMS's ping interval"
  fix      "Let the CSMS ping more often than the station's time-out, or raise that"
  rivals   proxy-idle-timeout, heartbeat-timeout, ws-ping-timeout
  reference "RFC 6455 section 7.4.1 (1001)"

  test "going away after the same silence" {
    every 5m from 0s to 20m lost code=1001 initiator="station" silence_s=120 silence_same=1 drops=5
    expect match 5 times
  }
  test "the CSMS closes" {
    every 5m from 0s to 20m lost code=1001 initiator="csms" silence_s=120 silence_same=1 drops=5
    expect no match
  }
  test "without any one of its conditions" {
    typical lost code=1001 initiator="station" silence_same=1 drops=5
    at 0s lost ping_timeout=true silence_s=120
    at 1h lost silence_s=120 station_restarted=true
    at 2h lost
    at 3h lost silence_s=120 drops=1
    at 4h lost silence_s=120 silence_same=0
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="down 60" code=1001 initiator="station" silence_s=120 silence_same=1 down_s=60 drops=5
    expect match for "down 60" score >= 8
  }
  test "a normal close each time" {
    every 5m from 0s to 20m lost code=1000 initiator="station" silence_s=45 silence_same=0.8 drops=5 down_s=5s
    expect match 5 times
    expect match score >= 8
  }
}
