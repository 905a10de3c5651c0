# One site, behind one address: its controller, its switch, its Wi-Fi.

signature local-controller-drop {
  title    "A site controller closed the connections of {site_lost} stations"
  cause    local-controller-drop
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    csms, station?
  match    lost where site_lost >= 2 and site_lost >= 0.8 * site_stations and elsewhere_lost <= 0.1 * elsewhere and not orderly and not station_restarted and (not booted_next or boot_proof is known)
  base     2
  support  5 "the stations received a close frame that the CSMS did not send" if station_code in (1000, 1001, 1011, 1012, 1013) and csms_code = 1006
  support  2 "none of {elsewhere} stations behind other addresses was lost" if elsewhere >= 3 and elsewhere_lost = 0
  against  5 "the stations' own network went down" if network.down within 2m around
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  against  4 "the proxy was reloaded" if proxy.reload within 1m around or proxy.stop within 1m around
  ruled_out "no site lost all its connections at once while others kept theirs"
  first_check "Log and uplink of the site controller (local OCPP proxy) at that time"
  fix      "Mend the uplink of the controller; a second uplink, or stations that connect by themselves"
  rivals   local-network-flap, csms-restart, csms-crash, proxy-reload, station-power-loss
  reference "OCPP 2.0.1 Part 4 section 6.3 (a local controller that loses its uplink closes all connections of its stations)"

  test "a close frame from the middle" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 station_code=1001 csms_code=1006
    expect match score >= 9
    expect match score <= 9
  }
  test "a small fleet" {
    at 0s lost site_lost=2 site_stations=2 elsewhere=2 elsewhere_lost=0 station_code=1001 csms_code=1006
    expect match score <= 7
  }
  test "one elsewhere by chance" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=40 elsewhere_lost=1
    expect match score <= 2
  }
  test "the CSMS sent the close" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 station_code=1001 csms_code=1001
    expect match score <= 4
  }
  test "nobody sent a close" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 station_code=1006 csms_code=1006
    expect match score >= 4
    expect match score <= 4
  }
  test "the switch went down" {
    at -5s network.down
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0
    expect match score <= 0
  }
  test "a deployment of the CSMS that serves this site" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0
    at 20s csms.start
    expect match score <= 0
  }
  test "the CSMS of this site goes down" {
    at -2s csms.stop
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0
    expect match score <= 0
  }
  test "the proxy of this site is reloaded" {
    at -2s proxy.reload
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0
    expect match score <= 0
  }
  test "the proxy of this site stops" {
    at -2s proxy.stop
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0
    expect match score <= 0
  }
  test "one station of the site" {
    at 0s lost site_lost=1 site_stations=1 elsewhere=12 elsewhere_lost=0
    expect no match
  }
  test "half of the site" {
    at 0s lost site_lost=4 site_stations=9 elsewhere=12 elsewhere_lost=0
    expect no match
  }
  test "the whole fleet" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=12
    expect no match
  }
  test "a normal close" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 orderly=true code=1000
    expect no match
  }
  test "the power of the site, by its logs" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 station_restarted=true
    expect no match
  }
  test "the power of the site, by its boots" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 booted_next=true
    expect no match
  }
  test "it boots after mere reconnects" {
    at 0s lost site_lost=4 site_stations=4 elsewhere=12 elsewhere_lost=0 booted_next=true boot_proof="station-log" station_code=1001 csms_code=1006
    expect match score >= 9
  }
}

signature local-network-flap {
  title    "The site's network was interrupted: {site_lost} stations behind one address were lost"
  cause    local-network-flap
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    csms?, station?, os?
  match    lost where site_lost >= 2 and site_lost >= 0.8 * site_stations and elsewhere_lost <= 0.1 * elsewhere and code = 1006 and not station_restarted and (not booted_next or boot_proof is known)
  base     4
  support  3 "the station's link went down" if network.down within 2m around
  support  2 "the stations had no route or no name service afterwards" if tcp.unreachable within 3m after or dns.failure within 3m after
  support  2 "none of {elsewhere} stations behind other addresses was lost" if elsewhere >= 3 and elsewhere_lost = 0
  against  5 "the stations received a close frame: something answered them" if station_code in (1000, 1001, 1011, 1012, 1013)
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  against  4 "the proxy was reloaded" if proxy.reload within 1m around or proxy.stop within 1m around
  ruled_out "no site was cut off at once while others kept their connections"
  first_check "Router, switch and access point of the site at that time (uptime, log, supply)"
  fix      "Mend or replace the router, switch or access point; a backup uplink for the site"
  rivals   local-controller-drop, station-power-loss, csms-crash, proxy-reload
  reference "RFC 6455 section 7.1.5 (1006)"

  test "no log but that of the CSMS" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0 station_saw=false station_covered=false
    expect match score >= 6
    expect match score <= 6
  }
  test "the link went down and there was no route" {
    at -3s network.down
    at 0s lost site_lost=2 site_stations=2 elsewhere=2 elsewhere_lost=0
    at 6s tcp.unreachable
    expect match score >= 9
    expect match score <= 9
  }
  test "no name service" {
    at 0s lost site_lost=2 site_stations=2 elsewhere=2 elsewhere_lost=0
    at 6s dns.failure
    expect match score >= 6
  }
  test "one elsewhere by chance" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=1
    expect match score <= 4
  }
  test "a site controller closes them" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0 station_code=1001 csms_code=1006
    expect match score <= 1
  }
  test "the CSMS crashed and started" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0
    at 30s csms.start
    expect match score <= 1
  }
  test "the CSMS stopped" {
    at -5s csms.stop
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0
    expect match score <= 1
  }
  test "the proxy of this site is reloaded" {
    at -2s proxy.reload
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0
    expect match score <= 2
  }
  test "the proxy of this site stops" {
    at -2s proxy.stop
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0
    expect match score <= 2
  }
  test "the stations were told" {
    at 0s lost code=1001 site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0
    expect no match
  }
  test "one station" {
    at 0s lost site_lost=1 site_stations=1 elsewhere=20 elsewhere_lost=0
    expect no match
  }
  test "one of many of the site" {
    at 0s lost site_lost=2 site_stations=9 elsewhere=20 elsewhere_lost=0
    expect no match
  }
  test "the whole fleet" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=20
    expect no match
  }
  test "power was lost, by the logs" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0 station_restarted=true
    expect no match
  }
  test "power was lost, by the boots" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0 booted_next=true
    expect no match
  }
  test "it boots after mere reconnects" {
    at 0s lost site_lost=5 site_stations=5 elsewhere=20 elsewhere_lost=0 booted_next=true boot_proof="station-log"
    expect match
  }
}

signature local-network-flap-told {
  title    "The link of the station to the site's network went down"
  cause    local-network-flap
  severity medium
  status   stable
  owner    site
  explains connection_lost
  needs    station?, os?
  match    lost where code = 1006 and not station_restarted with network.down within 2m
  base     6
  support  2 "the link came back and the station with it" if network.up within 10m after
  support  1 "it had no route or no name service meanwhile" if tcp.unreachable within 3m after or dns.failure within 3m after
  against  4 "the proxy timed out" if proxy.timeout within 10s around
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  ruled_out "no log shows that the station's link went down"
  first_check "Cable, switch port, or Wi-Fi signal (RSSI) and access point of the station"
  fix      "Wire the station, or put an access point near it; check cable and port"
  rivals   local-controller-drop, station-power-loss, proxy-idle-timeout
  reference "IEEE 802.11 section 9.4.1.7 (reason codes); Linux kernel: carrier of a network device"

  test "Wi-Fi lost and found" {
    at -20s network.down link="wifi"
    at 0s lost
    at 40s network.up link="wifi"
    expect match at 0s score >= 8
    expect match score <= 8
  }
  test "the cable stays out, no route" {
    at -20s network.down link="wired"
    at 0s lost
    at 10s tcp.unreachable
    expect match score >= 7
  }
  test "the cable stays out, no name service" {
    at -20s network.down link="wired"
    at 0s lost
    at 10s dns.failure
    expect match score >= 7
  }
  test "a proxy timed out at that moment" {
    at -20s network.down link="wired"
    at 0s proxy.timeout
    at 0s lost
    expect match score <= 2
  }
  test "the CSMS restarted" {
    at -20s network.down link="wired"
    at 0s lost
    at 60s csms.start
    expect match score <= 2
  }
  test "the CSMS stopped" {
    at -20s network.down link="wired"
    at -3s csms.stop
    at 0s lost
    expect match score <= 2
  }
  test "the station shuts its link as it restarts" {
    at -5s network.down
    at 0s lost station_restarted=true
    expect no match
  }
  test "the connection was closed first" {
    at 0s lost code=1001 initiator="csms"
    at 60s network.down
    expect no match
  }
  test "long before" {
    at -1h network.down
    at 0s lost
    expect no match
  }
}
