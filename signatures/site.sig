# One site, behind one address: its controller, its switch, its Wi-Fi.

signature local-controller-drop {
  title    "{site_lost} stations were lost at once: the controller of their site closed the connections"
  cause    local-controller-drop
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    csms, station?, os?
  match    lost where site_cut and not orderly and not station_restarted and (not booted_next or boot_proof is known)
  base     2
  support  1 "they are all {site_stations} stations behind one address" if site_stations is known
  support  5 "the station received a close frame that the CSMS did not send" if closed_between
  support  4 "other stations of the site received a close frame that the CSMS did not send" if site_closed and not station_saw
  support  4 "a site controller lost its way to the CSMS" if any controller.offline within 3m around
  support  2 "none of {elsewhere} stations behind other addresses was lost" if elsewhere >= 3 and elsewhere_lost = 0
  support  1 "somebody refused the attempts that followed" if failed where refused or http_status between 502 and 504 within 3m after
  against  4 "the station's log tells of no close frame" if station_saw and not closed_between
  against  5 "the stations' own network went down" if site_down and any network.down within 3m around
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  against  4 "the proxy was reloaded" if proxy.reload within 1m around or proxy.stop within 1m around
  ruled_out "no site lost all its connections at once while others kept theirs"
  first_check "Log and uplink of the site controller (local OCPP proxy) at that time"
  fix      "Mend the uplink of the controller; a second uplink, or stations that connect by themselves"
  rivals   local-network-flap, csms-restart, csms-crash, proxy-reload, station-power-loss
  reference "OCPP 2.0.1 Part 4 section 6.3 (a local controller that loses its uplink closes all connections of its stations)"

  test "a close frame from the middle" {
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_code=1001 closed_between=true
    expect match score >= 10
    expect match score <= 10
  }
  test "a small fleet" {
    at 0s lost site_cut=true site_stations=4 elsewhere=2 elsewhere_lost=0 closed_between=true
    expect match score <= 8
  }
  test "one elsewhere by chance" {
    at 0s lost site_cut=true site_stations=4 elsewhere=40 elsewhere_lost=1 closed_between=true
    expect match score <= 8
  }
  test "its neighbours received the close frame, it left no log" {
    at 0s lost station="CP1" site_cut=true site_stations=4 closed_between=true
    at 40s lost station="CP2" site_cut=true site_stations=4 site_closed=true station_saw=false
    expect match for "CP2" score >= 7
    expect match for "CP2" score <= 7
  }
  test "its neighbours were lost as well, without a close frame" {
    at 0s lost station="CP1" site_cut=true site_stations=4
    at 40s lost station="CP2" site_cut=true site_stations=4 station_saw=false
    expect match for "CP2" score <= 3
  }
  test "its own log tells of another end than its neighbours'" {
    at 0s lost station="CP1" site_cut=true site_stations=4 closed_between=true
    at 40s lost station="CP2" site_cut=true site_stations=4 site_closed=true
    expect match for "CP2" score <= 0
  }
  test "the controller's log" {
    at 0s controller.offline
    at 50s lost site_cut=true site_stations=4 station_saw=false
    expect match score >= 7
  }
  test "refused by what closed it" {
    at 0s lost site_cut=true site_stations=4 station_saw=false
    at 5s failed refused=true
    at 1h lost site_cut=true site_stations=4 station_saw=false
    at 3605s failed stage="http" http_status=503
    expect match at 0s score >= 4
    expect match at 1h score >= 4
  }
  test "attempts that failed for another reason" {
    at 0s lost site_cut=true site_stations=4 station_saw=false
    at 5s failed unreachable=true
    expect match score <= 3
  }
  test "nobody knows their addresses" {
    at 0s lost site_cut=true station_saw=false
    expect match score <= 2
  }
  test "only the CSMS's log" {
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false station_covered=false
    expect match score >= 5
    expect match score <= 5
  }
  test "nobody sent a close" {
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0
    expect match score <= 1
  }
  test "the switch went down" {
    at -5s network.down
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false site_down=true
    expect match score <= 0
  }
  test "a switch goes down elsewhere" {
    at -5s network.down station="CP2"
    at 0s lost station="CP1" site_cut=true elsewhere=12 elsewhere_lost=0 station_saw=false
    expect match for "CP1" score >= 4
    expect match for "CP1" score <= 4
  }
  test "a switch went down long before" {
    at -1h network.down
    at 0s lost site_cut=true elsewhere=12 elsewhere_lost=0 station_saw=false site_down=true
    expect match score >= 4
    expect match score <= 4
  }
  test "a deployment of the CSMS that serves this site" {
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false
    at 20s csms.start
    expect match score <= 0
  }
  test "the CSMS of this site goes down" {
    at -2s csms.stop
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false
    expect match score <= 0
  }
  test "the proxy of this site is reloaded" {
    at -2s proxy.reload
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false
    expect match score <= 1
  }
  test "the proxy of this site stops" {
    at -2s proxy.stop
    at 0s lost site_cut=true site_stations=4 elsewhere=12 elsewhere_lost=0 station_saw=false
    expect match score <= 1
  }
  test "one station, or half of the site, or the whole fleet" {
    at 0s lost site_lost=1 site_stations=9 elsewhere=12
    expect no match
  }
  test "a normal close" {
    at 0s lost site_cut=true site_stations=4 orderly=true code=1000
    expect no match
  }
  test "the power of the site, by its logs" {
    at 0s lost site_cut=true site_stations=4 station_restarted=true
    expect no match
  }
  test "the power of the site, by its boots" {
    at 0s lost site_cut=true site_stations=4 booted_next=true
    expect no match
  }
  test "it boots after mere reconnects" {
    at 0s lost site_cut=true site_stations=4 booted_next=true boot_proof="station-log" closed_between=true
    expect match score >= 8
  }
}

signature local-controller-drop-told {
  title    "The site's controller closed the connection of the station"
  cause    local-controller-drop
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    os, csms?, station?
  event    hung_up = controller.close
  match    lost where not station_restarted with hung_up within 2m
  base     9
  support  2 "it had lost its own way to the CSMS" if any controller.offline within 2m around
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  ruled_out "no site controller tells that it closed the station's connection"
  first_check "Uplink of the site controller at that time"
  fix      "Mend the uplink of the controller; a second uplink, or stations that connect by themselves"
  rivals   local-network-flap, csms-restart, ws-ping-timeout, station-power-loss
  reference "OCPP 2.0.1 Part 4 section 6.3 (a local controller that loses its uplink closes all connections of its stations)"

  test "closed by the controller, found out by the CSMS's ping" {
    at 0s controller.offline
    at 0s controller.close
    at 50s lost ping_timeout=true station_saw=false
    expect match score >= 11
  }
  test "the station knows it at once" {
    at 0s lost code=1001 closed_between=true
    at 0.1s controller.close
    expect match score >= 9
    expect match score <= 9
  }
  test "the controller's uplink is lost because the CSMS stops" {
    at -3s csms.stop
    at 0s controller.close
    at 0s lost code=1001
    expect match score <= 4
  }
  test "the controller's uplink is lost because the CSMS crashed" {
    at 0s controller.close
    at 0s lost code=1006
    at 20s csms.start
    expect match score <= 4
  }
  test "another station's connection" {
    at 0s controller.close station="CP2"
    at 0s lost
    expect no match
  }
  test "long before" {
    at 0s controller.close
    at 1h lost
    expect no match
  }
  test "the station restarts" {
    at 0s controller.close
    at 0s lost station_restarted=true
    expect no match
  }
}

signature local-network-flap {
  title    "The site's network was interrupted: {site_lost} stations were cut off at once"
  cause    local-network-flap
  severity high
  status   stable
  owner    site
  explains connection_lost
  needs    csms?, station?, os?
  event    no_way = tcp.unreachable | dns.failure
  match    lost where site_cut and not orderly and not station_restarted and (not booted_next or boot_proof is known)
  base     3
  support  1 "they are all {site_stations} stations behind one address" if site_stations is known
  support  4 "the site's network went down" if site_down and any network.down within 3m around
  support  3 "stations had no route or no name service afterwards" if site_unreachable and any no_way within 4m around
  support  1 "what the station sent got no answer: nothing told it of the end" if station_idle_s is known
  support  2 "none of {elsewhere} stations behind other addresses was lost" if elsewhere >= 3 and elsewhere_lost = 0
  against  5 "the station received a close frame that the CSMS did not send: something answered it" if closed_between
  against  5 "other stations of the site received a close frame that the CSMS did not send" if site_closed and not station_saw
  against  5 "a site controller hung up" if any controller.offline within 3m around
  against  5 "the mobile network was lost" if modem.detach within 3m around or modem.ip_change within 3m around
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.stop within 1m before
  against  4 "the proxy was reloaded" if proxy.reload within 1m around or proxy.stop within 1m around
  against  4 "its attempts reached the CSMS at once, which refused them" if failed where reject_reason is known within 1m after
  ruled_out "no site was cut off at once while others kept their connections"
  first_check "Router, switch and access point of the site at that time (uptime, log, supply)"
  fix      "Mend or replace the router, switch or access point; a backup uplink for the site"
  rivals   local-controller-drop, station-power-loss, csms-crash, proxy-reload
  reference "RFC 6455 section 7.1.5 (1006)"

  test "turned away at once, and much later" {
    typical lost site_cut=true site_stations=4 elsewhere=3 elsewhere_lost=0
    at 0s lost station="turned away"
    at 10s failed station="turned away" stage="http" reject_reason="authentication"
    at 0s lost station="later"
    at 1h failed station="later" stage="http" reject_reason="authentication"
    at 0s lost station="not answered"
    at 10s failed station="not answered" stage="tcp" timed_out=true
    expect match for "turned away" score <= 2
    expect match for "later" score >= 6
    expect match for "not answered" score >= 6
  }
  test "nobody knows their addresses" {
    at 0s lost site_cut=true station_saw=false
    expect match score <= 3
  }
  test "no log but that of the CSMS" {
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=0 station_saw=false station_covered=false
    expect match score >= 6
    expect match score <= 6
  }
  test "the link went down and there was no route" {
    at -3s network.down
    at 0s lost site_cut=true site_stations=4 elsewhere=2 elsewhere_lost=0 site_down=true site_unreachable=true
    at 6s tcp.unreachable
    expect match score >= 11
    expect match score <= 11
  }
  test "no name service" {
    at 0s lost site_cut=true site_stations=4 site_unreachable=true
    at 6s dns.failure
    expect match score >= 7
  }
  test "a neighbour's log tells of it" {
    at 0s network.down station="CP2"
    at 6s tcp.unreachable station="CP2"
    at 0s lost station="CP1" site_cut=true site_stations=4 site_down=true site_unreachable=true
    expect match for "CP1" score >= 11
  }
  test "a network goes down elsewhere" {
    at 0s network.down station="CP2"
    at 6s tcp.unreachable station="CP2"
    at 6s dns.failure station="CP2"
    at 0s lost station="CP1" site_cut=true site_stations=4
    expect match for "CP1" score <= 4
  }
  test "the network went down long before" {
    at -1h network.down
    at -1h tcp.unreachable
    at 0s lost site_cut=true site_stations=4 site_down=true site_unreachable=true
    expect match score <= 4
  }
  test "its last messages were lost" {
    at 0s lost site_cut=true site_stations=4 station_idle_s=12
    expect match score >= 5
  }
  test "one elsewhere by chance" {
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=1
    expect match score <= 4
  }
  test "its neighbours were lost as well, without a close frame" {
    at 0s lost station="CP1" site_cut=true site_stations=4
    at 40s lost station="CP2" site_cut=true site_stations=4 station_saw=false
    expect match for "CP2" score >= 3
  }
  test "a site controller closes them" {
    at 0s lost station="CP1" site_cut=true site_stations=4 closed_between=true
    at 40s lost station="CP2" site_cut=true site_stations=4 site_closed=true station_saw=false
    at 40s lost station="CP3" site_cut=true site_stations=4 site_closed=true
    expect match for "CP1" score <= -1
    expect match for "CP2" score <= -1
    expect match for "CP3" score >= 3
  }
  test "a site controller tells of it" {
    at 0s controller.offline
    at 40s lost site_cut=true site_stations=4 station_saw=false
    expect match score <= -1
  }
  test "the modem lost its network" {
    at -5s modem.detach
    at 0s lost site_cut=true site_stations=4
    at 1h lost site_cut=true site_stations=4
    at 3610s modem.ip_change
    expect match at 0s score <= -1
    expect match at 1h score <= -1
  }
  test "the CSMS crashed and started" {
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=0
    at 30s csms.start
    expect match score <= 1
  }
  test "the CSMS stopped" {
    at -5s csms.stop
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=0
    expect match score <= 1
  }
  test "the proxy of this site is reloaded" {
    at -2s proxy.reload
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=0
    expect match score <= 2
  }
  test "the proxy of this site stops" {
    at -2s proxy.stop
    at 0s lost site_cut=true site_stations=4 elsewhere=20 elsewhere_lost=0
    expect match score <= 2
  }
  test "the stations were told by the CSMS" {
    at 0s lost code=1000 orderly=true site_cut=true site_stations=4
    expect no match
  }
  test "one station, or half of the site, or the whole fleet" {
    at 0s lost site_lost=2 site_stations=9 elsewhere=20
    expect no match
  }
  test "power was lost, by the logs" {
    at 0s lost site_cut=true site_stations=4 station_restarted=true
    expect no match
  }
  test "power was lost, by the boots" {
    at 0s lost site_cut=true site_stations=4 booted_next=true
    expect no match
  }
  test "it boots after mere reconnects" {
    at 0s lost site_cut=true site_stations=4 booted_next=true boot_proof="station-log"
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
