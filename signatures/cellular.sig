# The radio and the data session below the connection.

signature cellular-registration-lost {
  title    "The modem lost its registration in the mobile network"
  cause    cellular-registration-lost
  severity high
  status   stable
  owner    carrier
  explains connection_lost
  needs    modem
  event    unregistered = modem.registration where registration in ("searching", "denied", "idle", "unknown")
  match    lost where not orderly with unregistered within 4m
  base     5
  support  1 "neither side received a close frame from the other" if code = 1006 or csms_found_late or ping_timeout
  support  3 "the modem had no service for {outage_s}" if outage = "registration" and outage_s >= 30
  against  4 "the modem got a new address, which alone ends every connection" if modem.ip_change within 5m around and (outage is unknown or outage_s < 30)
  against  4 "the modem was reset" if modem.reset within 3m around
  against  6 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  5 "the proxy timed out" if proxy.timeout within 10s around
  ruled_out "the modem stayed registered"
  first_check "Coverage at the site (RSRP, other operator), SIM state, roaming agreement"
  fix      "Better antenna or another operator; ask the carrier about denials"
  rivals   cellular-ip-change, pdp-context-deactivated, weak-signal, modem-reset, carrier-nat-expiry
  consequence_of weak-signal, modem-reset
  reference "3GPP TS 27.007 section 7.2 (+CREG)"

  test "searching, then the drop" {
    at 0s modem.registration registration="searching"
    at 40s lost
    expect match score >= 6
  }
  test "a new address came with it" {
    at 0s modem.registration registration="searching"
    at 20s modem.ip_change
    at 40s lost
    expect match score <= 2
  }
  test "how long it was gone, and what took it" {
    at 0s modem.registration station="long" registration="searching"
    at 60s modem.ip_change station="long"
    at 40s lost station="long" outage="registration" outage_s=30
    at 0s modem.registration station="short" registration="searching"
    at 60s modem.ip_change station="short"
    at 40s lost station="short" outage="registration" outage_s=29
    at 0s modem.registration station="ended by the network" registration="searching"
    at 40s lost station="ended by the network" outage="network" outage_s=60
    expect match for "long" score >= 9
    expect match for "short" score <= 2
    expect match for "ended by the network" score <= 6
  }
  test "registered all the time" {
    at 0s modem.registration registration="home"
    at 40s lost
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost orderly=true
    at -40s modem.registration registration="searching"
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="code 1001, csms found late" code=1001 csms_found_late=true
    at -40s modem.registration station="code 1001, csms found late" registration="searching"
    at 0s lost station="code 1001, ping timeout" code=1001 ping_timeout=true
    at -40s modem.registration station="code 1001, ping timeout" registration="searching"
    at 0s lost station="modem.reset"
    at -40s modem.registration station="modem.reset" registration="searching"
    at 1m modem.reset station="modem.reset"
    at 1h lost station="csms.start before"
    at 3560s modem.registration station="csms.start before" registration="searching"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 7160s modem.registration station="csms.start after" registration="searching"
    at 121m csms.start
    at 0s lost station="proxy.timeout"
    at -40s modem.registration station="proxy.timeout" registration="searching"
    at 5s proxy.timeout station="proxy.timeout"
    expect match for "code 1001, csms found late" score >= 6
    expect match for "code 1001, ping timeout" score >= 6
    expect match for "modem.reset" score <= 2
    expect match for "csms.start before" score <= 0
    expect match for "csms.start after" score <= 0
    expect match for "proxy.timeout" score <= 1
  }
}

signature pdp-context-deactivated {
  title    "The mobile data session was ended"
  cause    pdp-context-deactivated
  severity high
  status   stable
  owner    carrier
  explains connection_lost
  needs    modem
  event    ended = modem.detach
  match    lost where not orderly with ended within 4m
  base     5
  support  1 "neither side received a close frame from the other" if code = 1006 or csms_found_late or ping_timeout
  support  3 "the network ended it, and it was back only {outage_s} later" if outage = "network" and outage_s >= 30
  against  4 "the modem got a new address, which alone ends every connection" if modem.ip_change within 10m around and (outage is unknown or outage_s < 30 or outage != "network")
  against  2 "no line tells who ended it" if outage = "other"
  against  3 "the modem had lost its registration" if modem.registration where registration in ("searching", "denied") within 3m around
  against  4 "the modem was reset" if modem.reset within 3m around
  against  6 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  5 "the proxy timed out" if proxy.timeout within 10s around
  against  4 "the station restarted" if station_restarted
  ruled_out "the mobile data session stayed up"
  first_check "Who ended the data session (modem log: network or device), and the carrier's limits on its length"
  fix      "Let the firmware dial again at once and reconnect; ask the carrier for the reason (cause code)"
  rivals   cellular-ip-change, cellular-registration-lost, modem-reset, carrier-nat-expiry
  consequence_of cellular-registration-lost, weak-signal, modem-reset
  reference "3GPP TS 24.008 section 6.1.3.4 (PDP context deactivation); 3GPP TS 27.007 +CGEV"

  test "deactivated by the network" {
    at 0s modem.detach
    at 20s lost
    expect match score >= 6
  }
  test "the address changed" {
    at 0s modem.detach
    at 5s modem.ip_change
    at 20s lost
    expect match score <= 2
  }
  test "how long it was gone, and who ended it" {
    at 0s modem.detach station="long"
    at 60s modem.ip_change station="long"
    at 20s lost station="long" outage="network" outage_s=30
    at 0s modem.detach station="short"
    at 60s modem.ip_change station="short"
    at 20s lost station="short" outage="network" outage_s=29
    at 0s modem.detach station="by itself"
    at 60s modem.ip_change station="by itself"
    at 20s lost station="by itself" outage="other" outage_s=60
    at 0s modem.detach station="by somebody"
    at 20s lost station="by somebody" outage="other" outage_s=60
    expect match for "long" score >= 9
    expect match for "short" score <= 2
    expect match for "by itself" score <= 0
    expect match for "by somebody" score <= 4
  }
  test "an hour before" {
    at 0s modem.detach
    at 1h lost
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost orderly=true
    at -20s modem.detach
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="code 1001, csms found late" code=1001 csms_found_late=true
    at -20s modem.detach station="code 1001, csms found late"
    at 0s lost station="code 1001, ping timeout" code=1001 ping_timeout=true
    at -20s modem.detach station="code 1001, ping timeout"
    at 0s lost station="modem.registration"
    at -20s modem.detach station="modem.registration"
    at 1m modem.registration station="modem.registration" registration="searching"
    at 0s lost station="modem.reset"
    at -20s modem.detach station="modem.reset"
    at 1m modem.reset station="modem.reset"
    at 1h lost station="csms.start before"
    at 3580s modem.detach station="csms.start before"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 7180s modem.detach station="csms.start after"
    at 121m csms.start
    at 0s lost station="proxy.timeout"
    at -20s modem.detach station="proxy.timeout"
    at 5s proxy.timeout station="proxy.timeout"
    at 0s lost station="station restarted" station_restarted=true
    at -20s modem.detach station="station restarted"
    expect match for "code 1001, csms found late" score >= 6
    expect match for "code 1001, ping timeout" score >= 6
    expect match for "modem.registration" score <= 3
    expect match for "modem.reset" score <= 2
    expect match for "csms.start before" score <= 0
    expect match for "csms.start after" score <= 0
    expect match for "proxy.timeout" score <= 1
    expect match for "station restarted" score <= 2
  }
  test "it was registered all the time" {
    at 0s modem.detach
    at 5s modem.registration registration="home"
    at 20s lost
    expect match score >= 6
  }
}

signature modem-reset {
  title    "The modem crashed or was reset"
  cause    modem-reset
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    modem
  event    gone = modem.reset where detail is unknown or detail != "log-start"
  match    lost where not orderly with gone within 4m
  base     6
  support  1 "neither side received a close frame from the other" if code = 1006 or csms_found_late or ping_timeout
  support  2 "the connection was alive until then" if outage = "reset"
  against  6 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  5 "the station restarted as a whole" if station_restarted
  ruled_out "the modem was not reset"
  first_check "Power supply and firmware of the modem; USB errors in the kernel log"
  fix      "Update the modem's firmware; check its supply and antenna cable"
  rivals   cellular-ip-change, pdp-context-deactivated, station-power-loss
  reference "Linux kernel: usb disconnect; ModemManager: modem invalid"

  test "USB disconnect" {
    at 0s modem.reset
    at 20s lost
    expect match score >= 7
  }
  test "it was alive until then" {
    at 0s modem.reset station="alive"
    at 20s lost station="alive" outage="reset"
    at 0s modem.reset station="searching before"
    at 20s lost station="searching before" outage="registration"
    expect match for "alive" score >= 9
    expect match for "searching before" score <= 7
  }
  test "the log begins" {
    at 0s modem.reset detail="log-start"
    at 20s lost
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost orderly=true
    at -20s modem.reset
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="code 1001, csms found late" code=1001 csms_found_late=true
    at -20s modem.reset station="code 1001, csms found late"
    at 0s lost station="code 1001, ping timeout" code=1001 ping_timeout=true
    at -20s modem.reset station="code 1001, ping timeout"
    at 1h lost station="csms.start after"
    at 3580s modem.reset station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7180s modem.reset station="csms.start before"
    at 7199s csms.start
    at 0s lost station="station restarted" station_restarted=true
    at -20s modem.reset station="station restarted"
    expect match for "code 1001, csms found late" score >= 7
    expect match for "code 1001, ping timeout" score >= 7
    expect match for "csms.start after" score <= 1
    expect match for "csms.start before" score <= 1
    expect match for "station restarted" score <= 2
  }
  test "the modem's log says what it did" {
    at 0s modem.reset detail="usb-disconnect"
    at 20s lost
    expect match
  }
}
