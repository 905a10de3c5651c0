# The modem gets a new address; every socket of the station is dead from that moment.

signature cellular-ip-change {
  title    "The modem got a new address and the old connection died"
  cause    cellular-ip-change
  severity high
  status   stable
  owner    carrier
  explains connection_lost
  needs    modem
  event    moved = modem.ip_change
  match    lost where not orderly with moved within 5m
  base     6
  support  2 "the station came back from another address" if address_changed
  support  1 "the mobile data session went down first" if modem.detach within 3m around
  support  1 "neither side received a close frame from the other" if code = 1006 or csms_found_late or ping_timeout
  against  6 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  6 "the CSMS was going down" if code = 1012
  against  5 "the proxy timed out" if proxy.timeout within 10s around
  against  3 "the close went through the link" if code != 1006 and initiator = "csms" and station_saw and not ping_timeout
  against  4 "the modem had had no service for {outage_s} before it" if outage_moved and (outage = "reset" or (outage in ("registration", "network") and outage_s >= 30))
  variant  cell-handoff if modem.cell_handoff within 2m around
  ruled_out "the modem kept its address"
  first_check "Reconnect back-off in the station firmware, and how often the carrier changes the address (modem log)"
  fix      "Let the firmware close its sockets and reconnect when the modem reports a new address"
  fix      "Ask the carrier for a static address or a private APN"
  rivals   carrier-nat-expiry, ws-ping-timeout, heartbeat-timeout, weak-signal
  consequence_of cellular-registration-lost, pdp-context-deactivated, modem-reset, weak-signal
  reference "3GPP TS 24.301 (re-attach); RFC 9293 section 3.10 (a connection is bound to its address)"

  test "new address, then the drop" {
    at 0s modem.ip_change
    at 30s lost ping_timeout=true code=1011 initiator="csms" station_saw=false
    expect match at 30s score >= 7
  }
  test "with a handoff" {
    at -1s modem.cell_handoff
    at 0s modem.ip_change
    at 8s lost
    expect match variant cell-handoff
  }
  test "what took the service before it" {
    typical lost address_changed=true
    at 0s modem.ip_change station="reset"
    at 8s lost station="reset" outage="reset" outage_moved=true outage_s=12
    at 0s modem.ip_change station="long"
    at 8s lost station="long" outage="network" outage_moved=true outage_s=30
    at 0s modem.ip_change station="short"
    at 8s lost station="short" outage="network" outage_moved=true outage_s=29
    at 0s modem.ip_change station="by itself"
    at 8s lost station="by itself" outage="other" outage_moved=true outage_s=60
    at 0s modem.ip_change station="later"
    at 8s lost station="later" outage="registration" outage_moved=false outage_s=60
    expect match for "reset" score <= 5
    expect match for "long" score <= 5
    expect match for "short" score >= 9
    expect match for "by itself" score >= 9
    expect match for "later" score >= 9
  }
  test "the address changed an hour before" {
    at 0s modem.ip_change
    at 1h lost
    expect no match
  }
  test "a planned restart of the CSMS at the same time" {
    at 0s modem.ip_change
    at 10s lost code=1012 initiator="csms"
    at 20s csms.start
    expect match score <= 0
  }
  test "no modem log" {
    at 0s lost
    without modem
    expect not evaluable
  }
  test "without any one of its conditions" {
    at 0s lost orderly=true
    at -8s modem.ip_change
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="address changed" address_changed=true
    at -8s modem.ip_change station="address changed"
    at 0s lost station="modem.detach"
    at -8s modem.ip_change station="modem.detach"
    at 1m modem.detach station="modem.detach"
    at 0s lost station="code 1001, csms found late" code=1001 csms_found_late=true
    at -8s modem.ip_change station="code 1001, csms found late"
    at 1h lost station="csms.start before"
    at 3592s modem.ip_change station="csms.start before"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 7192s modem.ip_change station="csms.start after"
    at 121m csms.start
    at 0s lost station="code 1012" code=1012
    at -8s modem.ip_change station="code 1012"
    at 0s lost station="proxy.timeout"
    at -8s modem.ip_change station="proxy.timeout"
    at 5s proxy.timeout station="proxy.timeout"
    at 0s lost station="no ping timeout, station saw" code=1011 initiator="csms"
    at -30s modem.ip_change station="no ping timeout, station saw"
    at 0s lost station="initiator csms" initiator="csms"
    at -8s modem.ip_change station="initiator csms"
    at 0s lost station="no ping timeout" code=1011 initiator="csms" station_saw=false
    at -30s modem.ip_change station="no ping timeout"
    at 0s lost station="station saw" code=1011 initiator="csms" ping_timeout=true
    at -30s modem.ip_change station="station saw"
    expect match for "address changed" score >= 9
    expect match for "modem.detach" score >= 8
    expect match for "code 1001, csms found late" score >= 7
    expect match for "csms.start before" score <= 1
    expect match for "csms.start after" score <= 1
    expect match for "code 1012" score <= 0
    expect match for "proxy.timeout" score <= 2
    expect match for "no ping timeout, station saw" score <= 3
    expect match for "initiator csms" score >= 7
    expect match for "no ping timeout" score >= 6
    expect match for "station saw" score >= 7
  }
}
