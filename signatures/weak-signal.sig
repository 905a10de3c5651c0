# The radio itself is poor at the drops, and not between them.

signature weak-signal {
  title    "The radio signal was down to {signal_dbm} dBm"
  cause    weak-signal
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    modem
  match    lost where (signal_dbm <= -113 or (signal_dbm <= -95 and signal_dbm <= usual_dbm - 10)) and not orderly
  base     5
  support  2 "usually it has {usual_dbm} dBm" if signal_dbm <= usual_dbm - 8
  support  2 "the modem lost its registration with it" if modem.registration where registration in ("searching", "idle", "unknown") within 4m around
  support  1 "the mobile data session went down with it" if modem.detach within 4m around
  support  1 "neither side received a close frame from the other" if code = 1006 or csms_found_late or ping_timeout
  support  1 "{ping_loss_percent} of the pings of a check got no answer" if ping_loss_percent >= 10
  against  4 "it is as weak all the time, also while the connection stands" if usual_dbm <= -113 and signal_dbm > usual_dbm - 4
  against  5 "the network refused the modem" if modem.registration where registration = "denied" within 4m around
  against  5 "the modem was reset" if modem.reset where detail is unknown or detail != "log-start" within 4m around
  against  6 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  5 "the proxy timed out" if proxy.timeout within 10s around
  against  4 "the station restarted" if station_restarted
  ruled_out "the radio signal was not poor at the drops"
  first_check "Signal at the site over time (RSRP, RSRQ, SINR), antenna, its cable and place"
  fix      "A better antenna or place for it, another operator, or a wired uplink"
  rivals   cellular-registration-lost, cellular-ip-change, pdp-context-deactivated, modem-reset, carrier-nat-expiry
  reference "3GPP TS 27.007 section 8.5 (+CSQ), 3GPP TS 36.133 section 9.1.4 (RSRP)"

  test "weak at the drop, good otherwise, and the registration goes" {
    at -30s modem.registration registration="searching"
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score >= 10
    expect match score <= 10
  }
  test "pings are lost as well" {
    given station="lossy" ping_loss_percent=20
    given station="clean" ping_loss_percent=1
    at 0s lost station="lossy" signal_dbm=-121 usual_dbm=-95 code=1011 initiator="csms"
    at 0s lost station="clean" signal_dbm=-121 usual_dbm=-95 code=1011 initiator="csms"
    expect match for "lossy" score >= 8
    expect match for "clean" score <= 7
  }
  test "the data session goes with it" {
    at -30s modem.detach
    at 0s lost signal_dbm=-121 usual_dbm=-95 code=1011 ping_timeout=true initiator="csms"
    expect match score >= 9
    expect match score <= 9
  }
  test "the close frame arrived" {
    at 0s lost signal_dbm=-121 usual_dbm=-95 code=1011 initiator="csms"
    expect match score <= 7
  }
  test "the CSMS found out late" {
    at 0s lost signal_dbm=-121 usual_dbm=-95 code=1001 csms_found_late=true
    expect match score >= 8
  }
  test "a fall of RSSI that is read as +CSQ 6" {
    at 0s lost signal_dbm=-101 usual_dbm=-79
    expect match score >= 8
  }
  test "RSSI as always" {
    at 0s lost signal_dbm=-99 usual_dbm=-97
    expect no match
  }
  test "a fall that leaves enough" {
    at 0s lost signal_dbm=-90 usual_dbm=-65
    expect no match
  }
  test "weak, with little less than usual" {
    at 0s lost signal_dbm=-114 usual_dbm=-109
    expect match score >= 6
    expect match score <= 6
  }
  test "weak, as nearly always" {
    at 0s lost signal_dbm=-114 usual_dbm=-112
    expect match score >= 6
  }
  test "weak all the time" {
    at 0s lost signal_dbm=-116 usual_dbm=-115
    expect match score <= 3
  }
  test "weak all the time, and weaker at the drop" {
    at 0s lost signal_dbm=-120 usual_dbm=-115
    expect match score >= 6
  }
  test "a good signal: the network refuses the SIM" {
    at -10s modem.registration registration="denied"
    at 0s lost signal_dbm=-80 usual_dbm=-80
    expect no match
  }
  test "a poor signal, but the network refuses the SIM" {
    at -10s modem.registration registration="denied"
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score <= 3
  }
  test "registered at home all the time" {
    at -10s modem.registration registration="home"
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score <= 8
  }
  test "the modem restarts and has no signal yet" {
    at -10s modem.reset
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score <= 3
  }
  test "the modem restarts, told by a supervisor" {
    at -10s modem.reset detail="power-cycle"
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score <= 3
  }
  test "the modem's log begins" {
    at -10s modem.reset detail="log-start"
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score >= 8
  }
  test "a deployment" {
    at 0s lost signal_dbm=-121 usual_dbm=-95
    at 20s csms.start
    expect match score <= 2
  }
  test "a start of the CSMS" {
    at -1s csms.start
    at 0s lost signal_dbm=-121 usual_dbm=-95
    expect match score <= 2
  }
  test "the proxy timed out" {
    at 0s lost signal_dbm=-121 usual_dbm=-95
    at 1s proxy.timeout
    expect match score <= 3
  }
  test "the station restarted" {
    at 0s lost signal_dbm=-121 usual_dbm=-95 station_restarted=true
    expect match score <= 4
  }
  test "a normal close" {
    at 0s lost signal_dbm=-121 usual_dbm=-95 orderly=true code=1000
    expect no match
  }
}
