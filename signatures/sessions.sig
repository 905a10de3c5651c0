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
  support  1 "its message ids begin anew" if ids_restarted
  against  4 "the station's log shows no restart: it sends BootNotification after a mere reconnect" if station_covered and not station_restarted and not ids_restarted
  against  2 "its message ids go on counting: it did not restart" if boot_proof = "message-ids"
  support  2 "the boot reason is a watchdog or a crash" if station.boot where boot_reason matches "(?i)watchdog|wdt|panic|crash|exception|brown" within 5m after or booted where reason matches "(?i)watchdog" within 10m after
  against  4 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  ruled_out "the station does not restart at each drop"
  first_check "Reset reason, uptime and firmware version of the station; power supply"
  fix      "Roll the firmware back or update it; check the supply voltage"
  rivals   station-power-loss, firmware-update, csms-induced-reboot
  reference "OCPP 1.6 section 4.2 BootNotification; OCPP 2.0.1 BootReasonEnumType"

  test "restart after restart" {
    every 4m from 0s to 20m lost station_restarted=true booted_next=true restarts_around=6
    expect match 6 times
  }
  test "one restart" {
    at 0s lost station_restarted=true booted_next=true restarts_around=1
    expect no match
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
  against  4 "the station restarted on purpose" if station.reset where boot_reason is unknown within 5m before
  against  4 "a firmware update was under way" if firmware.status within 30m before
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  ruled_out "the station did not restart"
  first_check "Power supply of the station at that time; other stations of the site"
  fix      "Check the supply, the residual current device and the meter cabinet"
  rivals   station-boot-loop, firmware-update, csms-induced-reboot, ws-ping-timeout
  reference "OCPP 1.6 section 7.36 Reason (PowerLoss)"

  test "back after a restart" {
    at 0s lost station_restarted=true booted_next=true down_s=120 restarts_around=1
    expect match score >= 6
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
}

signature connection-age-limit {
  title    "Connections end at an age of {age_s}, whatever is sent on them"
  cause    connection-age-limit
  severity medium
  status   stable
  owner    proxy
  explains connection_lost
  needs    csms?, station?, proxy?
  match    lost where drops >= 3 and age_same >= 0.7 and silence_same < 0.7 and age_s >= 25 and silence_s < 0.5 * age_s and not station_restarted and not booted_next
  base     5
  support  2 "{age_s} is a limit of well-known platforms" if age_s between 29 and 31 or age_s between 3590 and 3610 or age_s between 7190 and 7210
  support  1 "messages were flowing until the end" if silence_s < 15
  against  4 "the proxy timed out on silence" if proxy.timeout within 5s around
  against  4 "a ping stayed unanswered" if ping_timeout
  against  4 "the CSMS counted the station out" if told_by = "csms.heartbeat_timeout"
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
  test "idle for sixty seconds each time" {
    every 2m from 0s to 10m lost age_s=75 age_same=1 silence_s=60 silence_same=1 drops=6
    expect no match
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
}
