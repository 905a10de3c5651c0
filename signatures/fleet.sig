# One event in the back end, many stations lost at once.

signature csms-restart {
  title    "The CSMS was restarted and closed its connections"
  cause    csms-restart
  severity medium
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where code = 1012 or (initiator = "csms" and code in (1000, 1001, 1002, 1011) and (reason matches "(?i)restart|shut|maintenance|deploy|going (down|away)|terminat|stopp|drain|upgrad" or together >= 2))
  base     3
  support  3 "close code 1012 means service restart" if code = 1012
  support  2 "the close names it: {reason}" if reason matches "(?i)restart|shut|maintenance|deploy|going down|terminat|stopp|drain|upgrad"
  support  3 "the CSMS logs that it stops" if csms.stop within 30s around
  support  3 "the CSMS started shortly after" if csms.start within 10m after
  support  2 "{together} of {online} stations were lost within 5 s" if together >= 2 and together >= 0.6 * online
  against  4 "a ping stayed unanswered" if ping_timeout
  against  4 "the CSMS counted the station out" if told_by = "csms.heartbeat_timeout"
  against  4 "a second connection took its place" if csms.duplicate within 5s around
  against  3 "of {online} stations it alone was lost" if together = 1 and online >= 3 and code != 1012
  ruled_out "the CSMS neither stopped nor closed its connections together"
  first_check "Deployment or restart of the CSMS at that time; was it announced?"
  fix      "Drain connections in steps, and let stations come back with jitter"
  rivals   csms-crash, proxy-reload, ws-ping-timeout, reconnect-storm
  reference "RFC 6455 section 7.4.1 (1001); IANA close code 1012"

  test "1012 to all" {
    at 0s csms.stop
    at 1s lost code=1012 initiator="csms" reason="service restart" together=4 online=4
    at 40s csms.start
    expect match score >= 10
  }
  test "an operator closes one of three connections for maintenance" {
    at 0s lost code=1000 initiator="csms" reason="maintenance by operator" together=1 online=3
    expect match score <= 2
  }
  test "one of the first in a restart by steps" {
    at 0s lost code=1012 initiator="csms" reason="service restart" together=1 online=40
    expect match score >= 8
  }
  test "the only one, or one of two" {
    at 0s lost station="alone" code=1000 initiator="csms" reason="shutting down" together=1 online=2
    at 0s lost station="of two" code=1000 initiator="csms" reason="shutting down" together=2 online=3
    expect match for "alone" score >= 5
    expect match for "of two" score >= 7
  }
  test "1001 to one station alone" {
    at 0s lost code=1001 initiator="csms" together=1 online=40
    expect no match
  }
  test "the station leaves" {
    at 0s lost code=1001 initiator="station" together=4 online=4
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost reason="service restart" initiator="csms" together=4 online=4
    expect no match
  }
  test "each way to tell it" {
    typical lost initiator="csms" online=4 together=4
    at 0s lost code=1000 reason="service restart"
    at 1h lost code=1011 reason="service restart" together=1 online=2
    at 2h lost code=1001
    expect match 3 times
  }
  test "what counts for and against it" {
    typical lost code=1012 reason="service restart" initiator="csms" together=4 online=4
    at 0s lost station="plain"
    at 1h lost station="csms.stop"
    at 3610s csms.stop
    at 2h lost station="csms.start after"
    at 121m csms.start
    at 0s lost station="together 1, online 1" together=1 online=1
    at 0s lost station="online 10" online=10
    at 0s lost station="ping timeout" ping_timeout=true
    at 0s lost station="told by csms.heartbeat_timeout" told_by="csms.heartbeat_timeout"
    at 0s lost station="csms.duplicate"
    at 2.5s csms.duplicate station="csms.duplicate"
    expect match for "plain" score >= 10
    expect match for "csms.stop" score >= 13
    expect match for "csms.start after" score >= 13
    expect match for "together 1, online 1" score <= 8
    expect match for "online 10" score <= 8
    expect match for "ping timeout" score <= 6
    expect match for "told by csms.heartbeat_timeout" score <= 6
    expect match for "csms.duplicate" score <= 6
  }
}

signature csms-restart-outage {
  title    "The station could not connect while the CSMS was restarting"
  cause    csms-restart
  severity medium
  status   stable
  owner    csms
  explains never_connected
  needs    csms
  event    down = csms.stop
  match    down then failed where (refused or reset or http_status between 502 and 504 or backend_trouble is known) and run_s <= 600 within 10m until csms.start
  base     10
  ruled_out "the attempts did not fail between a stop and a start of the CSMS"
  first_check "Duration of the CSMS's restart against the stations' retry interval"
  fix      "Shorten the gap between stop and start, or start the new instance before the old one stops"
  rivals   csms-unavailable, connection-refused
  reference "RFC 6455 section 7.4.1"

  test "refused between stop and start" {
    at 0s csms.stop
    at 20s failed stage="http" http_status=502 backend_trouble="refused" run_s=30
    at 40s csms.start
    expect match at 20s
  }
  test "after the start" {
    at 0s csms.stop
    at 40s csms.start
    at 60s failed stage="http" http_status=502 backend_trouble="refused" run_s=30
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="http"
    at 0s failed http_status=502 backend_trouble="refused" run_s=660
    at -20s csms.stop
    at 1h failed run_s=30
    at 3580s csms.stop
    expect no match
  }
  test "each way to tell it" {
    typical failed stage="http" run_s=30
    at 0s failed http_status=452 refused=true
    at -20s csms.stop
    at 1h failed reset=true
    at 3580s csms.stop
    at 2h failed http_status=502
    at 7180s csms.stop
    at 3h failed backend_trouble="refused"
    at 10780s csms.stop
    expect match 4 times
  }
}

signature csms-crash {
  title    "The CSMS process died: {together} connections ended without a close frame"
  cause    csms-crash
  severity critical
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, proxy?
  event    came_back = csms.start | proxy.backend_down | proxy.backend_error
  match    lost where code = 1006 and not ping_timeout and (not csms_found_late or told_by = "ws.open") with came_back within 3m
  base     2
  support  3 "the CSMS started again without having stopped" if csms.start within 3m after
  support  2 "{together} of {online} stations were lost within 5 s" if together >= 2 and together >= 0.6 * online
  against  5 "the CSMS logs that it stops" if csms.stop within 1m around
  support  1 "the proxy lost its backend" if proxy.backend_down within 1m around
  against  4 "the drop follows a constant silence" if drops >= 3 and silence_same >= 0.75 and silence_s >= 20
  against  5 "the proxy was reloaded" if proxy.reload within 30s around
  against  3 "the modem got a new address" if modem.ip_change within 3m around
  against  5 "whatever started or failed did so before the drop" if no came_back within 3m after and no came_back within 10s before
  ruled_out "the CSMS did not start anew after the drop"
  first_check "Crash or kill of the CSMS process (journal, OOM killer, container restarts)"
  fix      "Find the reason in the CSMS's last lines before the gap; let a supervisor restart it"
  rivals   csms-restart, proxy-reload, local-network-flap
  reference "RFC 6455 section 7.1.5 (1006)"

  test "killed and started" {
    at 0s lost together=5 online=5
    at 9s csms.start
    expect match score >= 7
  }
  test "stopped in order" {
    at -1s csms.stop
    at 0s lost together=5 online=5
    at 9s csms.start
    expect match score <= 2
  }
  test "it started before" {
    at 0s csms.start
    at 2m lost together=2 online=3
    expect match score <= 0
  }
  test "the proxy met the failure first, by its clock" {
    at -3s proxy.backend_error
    at 0s lost together=2 online=3
    expect match score >= 4
  }
  test "it was dead and logged the end of nothing" {
    at 0s lost together=5 online=5 csms_found_late=true told_by="ws.open"
    at 9s csms.start
    expect match
  }
  test "it was alive and noticed late" {
    at 0s lost together=5 online=5 csms_found_late=true told_by="ws.close"
    at 9s csms.start
    expect no match
  }
  test "no start" {
    at 0s lost together=5 online=5
    expect no match
  }
  test "without any one of its conditions" {
    typical lost together=5 online=5
    at 0s lost ping_timeout=true
    at 9s csms.start
    at 1h lost code=1001
    at 3609s csms.start
    at 2h lost csms_found_late=true
    at 7209s csms.start
    expect no match
  }
  test "what counts for and against it" {
    typical lost together=5 online=5
    at 0s lost station="together 1, online 1" together=1 online=1
    at 9s csms.start
    at 1h lost station="online 10" online=10
    at 3609s csms.start
    at 2h lost station="proxy.backend_down"
    at 7209s csms.start
    at 7210s proxy.backend_down
    at 3h lost station="silence 22, silence same 1, drops 10" silence_s=22 silence_same=1 drops=10
    at 10809s csms.start
    at 4h lost station="silence 20, silence same 0.85" silence_s=20 silence_same=0.85
    at 14409s csms.start
    at 5h lost station="silence 100, drops 10" silence_s=100 drops=10
    at 18009s csms.start
    at 6h lost station="silence same 0.75, drops 3" silence_same=0.75 drops=3
    at 21609s csms.start
    at 7h lost station="proxy.reload"
    at 25209s csms.start
    at 25210s proxy.reload
    at 8h lost station="modem.ip_change"
    at 28809s csms.start
    at 481m modem.ip_change station="modem.ip_change"
    expect match for "together 1, online 1" score <= 5
    expect match for "online 10" score <= 5
    expect match for "proxy.backend_down" score >= 8
    expect match for "silence 22, silence same 1, drops 10" score <= 3
    expect match for "silence 20, silence same 0.85" score >= 7
    expect match for "silence 100, drops 10" score >= 7
    expect match for "silence same 0.75, drops 3" score >= 7
    expect match for "proxy.reload" score <= 2
    expect match for "modem.ip_change" score <= 4
  }
  test "the proxy tells of the backend" {
    at 0s lost together=5 online=5
    at 9s proxy.backend_down
    at 1h lost together=5 online=5
    at 3609s proxy.backend_error
    expect match 2 times
  }
}

signature proxy-reload {
  title    "The proxy was reloaded or restarted and dropped its connections"
  cause    proxy-reload
  severity medium
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy
  event    turned = proxy.reload | proxy.stop | proxy.start
  match    lost where not orderly and code != 1012 with turned within 30s
  base     4
  support  3 "{together} of {online} stations were lost within 5 s" if together >= 2 and together >= 0.6 * online
  support  2 "the CSMS did not restart" if no csms.start within 3m around
  against  4 "the proxy timed out" if proxy.timeout within 5s around
  against  4 "the CSMS closed the connections" if initiator = "csms" and csms.stop within 1m around
  ruled_out "the proxy was neither reloaded nor restarted at that time"
  first_check "Reload of nginx or HAProxy at that time (certificate renewal, deployment)"
  fix      "Let old workers live on (worker_shutdown_timeout, hard-stop-after) and avoid reloads at busy hours"
  rivals   csms-restart, csms-crash, proxy-idle-timeout
  reference "nginx: controlling nginx, reconfiguration; HAProxy: hitless reloads"

  test "reload" {
    at 0s proxy.reload
    at 2s lost together=6 online=6
    expect match score >= 8
  }
  test "no reload" {
    at 0s lost together=6 online=6
    expect no match
  }
  test "without any one of its conditions" {
    typical lost together=6 online=6
    at 0s lost orderly=true
    at -2s proxy.reload
    at 1h lost code=1012
    at 3598s proxy.reload
    expect no match
  }
  test "what counts for and against it" {
    typical lost together=6 online=6
    at 0s lost station="together 1, online 1" together=1 online=1
    at -2s proxy.reload
    at 1h lost station="together 2" together=2
    at 3598s proxy.reload
    at 2h lost station="proxy.timeout"
    at 7198s proxy.reload
    at 7202.5s proxy.timeout station="proxy.timeout"
    at 3h lost station="initiator csms, csms.stop" initiator="csms"
    at 10798s proxy.reload
    at 10810s csms.stop
    at 4h lost station="csms.stop"
    at 14398s proxy.reload
    at 14410s csms.stop
    at 5h lost station="initiator csms" initiator="csms"
    at 17998s proxy.reload
    expect match for "together 1, online 1" score <= 6
    expect match for "together 2" score <= 6
    expect match for "proxy.timeout" score <= 5
    expect match for "initiator csms, csms.stop" score <= 5
    expect match for "csms.stop" score >= 9
    expect match for "initiator csms" score >= 9
  }
  test "stopped, started" {
    at 0s proxy.stop
    at 2s lost together=6 online=6
    at 1h proxy.start
    at 3602s lost together=6 online=6
    expect match 2 times
  }
}

signature reconnect-storm {
  title    "{stations} stations came back at once: {arrivals} attempts, {rejected_share} of them rejected"
  cause    reconnect-storm
  severity critical
  status   stable
  owner    station
  explains fleet_reconnect
  needs    csms?, proxy?
  match    wave where stations >= 8 and rejected_share >= 0.3 and crowded_share >= 0.2 and attempts_each >= 2 and lost_before >= 5 by fleet
  base     7
  support  2 "{lost_before} stations had just lost their connection" if lost_before >= 0.5 * stations
  support  1 "more than half of all stations took part" if fleet_share >= 0.5
  support  1 "at {per_s} attempts per second it took {recover_s} until nine of ten were in" if recover_s >= 60
  ruled_out "stations did not come back in a rejected crowd"
  first_check "Reconnect back-off in the station firmware: start 1-5 s, double, cap at 5-10 min, jitter of 10-30 %; connection queue metrics of the CSMS"
  fix      "Set back-off with jitter in the stations"
  fix      "Admit connections in steps at the CSMS or proxy instead of rejecting them"
  rivals   csms-rate-limited, csms-unavailable, csms-restart
  consequence_of csms-restart, csms-crash, proxy-reload, station-power-loss, local-network-flap, local-controller-drop, cellular-ip-change, cellular-registration-lost, pdp-context-deactivated
  reference "OCPP 2.0.1 Part 4 section 5.3 (reconnecting)"

  test "fleet comes back in step" {
    at 0s wave stations=24 arrivals=300 attempts_each=12.5 rejected_share=0.7 rejected_stations=20 fleet_share=0.9 lost_before=24 per_s=2
    expect match score >= 9
  }
  test "all get in" {
    at 0s wave stations=24 arrivals=24 attempts_each=1 rejected_share=0 rejected_stations=0 fleet_share=0.9 lost_before=24 per_s=2
    expect no match
  }
  test "they knock until somebody listens again, then all get in" {
    at 0s wave stations=24 arrivals=72 attempts_each=3 rejected_share=0.67 crowded_share=0 fleet_share=0.9 lost_before=24
    expect no match
  }
  test "a small wave, one that gets in, one attempt each, nobody was lost before" {
    typical wave stations=24 arrivals=300 attempts_each=12 rejected_share=0.7 fleet_share=0.4 lost_before=24
    at 0s wave stations=6
    at 1h wave rejected_share=0.1
    at 2h wave attempts_each=1
    at 3h wave lost_before=1
    expect no match
  }
  test "a part of the fleet that was not all lost before" {
    at 0s wave stations=24 arrivals=300 attempts_each=12 rejected_share=0.7 fleet_share=0.4 lost_before=6
    expect match score <= 7
  }
  test "it takes long until they are in, or not" {
    typical wave stations=24 arrivals=300 attempts_each=12 rejected_share=0.7 fleet_share=0.4 lost_before=6
    at 0s wave recover_s=300
    at 1h wave recover_s=20
    expect match at 0s score >= 8
    expect match at 1h score <= 7
  }
  test "most of the fleet, of which few were lost before" {
    at 0s wave stations=24 arrivals=300 attempts_each=12 rejected_share=0.7 fleet_share=0.9 lost_before=6
    expect match score >= 8
  }
}

signature proxy-reload-state {
  title    "The proxy ended the connection because it was reloaded or stopped (state {termination})"
  cause    proxy-reload
  severity medium
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy
  match    lost where termination matches "^[KU]"
  base     8
  support  1 "the proxy logs that it stops" if proxy.stop within 2m around
  ruled_out "no connection ended in the state of a proxy that shuts down"
  first_check "Reload of HAProxy at that time, and hard-stop-after"
  fix      "Raise hard-stop-after so that old processes let their connections live, and reload in quiet hours"
  rivals   csms-restart, csms-crash, proxy-idle-timeout
  reference "HAProxy configuration manual: session state at disconnection (K, U)"

  test "killed by the old process" {
    at 0s lost termination="K---"
    expect match
  }
  test "tunnel timed out" {
    at 0s lost termination="cD--" silence_s=60
    expect no match
  }
  test "what counts for and against it" {
    at 0s lost station="proxy.stop" termination="K---"
    at 1m proxy.stop
    expect match for "proxy.stop" score >= 9
  }
  test "the proxy's own shutdown, with its log" {
    at 0s lost termination="UD"
    at 10s proxy.stop
    expect match score >= 9
  }
  test "no state at all, a server that died" {
    at 0s lost
    at 1h lost termination="SD--"
    expect no match
  }
}

signature csms-restart-told {
  title    "The CSMS stopped and its connections ended with it"
  cause    csms-restart
  severity medium
  status   stable
  owner    csms
  explains connection_lost
  needs    csms
  event    down = csms.stop
  match    lost where (initiator is unknown or initiator = "csms") and not ping_timeout with down within 20s
  base     5
  support  2 "{together} of {online} stations were lost within 5 s" if together >= 2 and together >= 0.6 * online
  support  2 "the CSMS started shortly after" if csms.start within 10m after
  ruled_out "the CSMS did not stop at the time of the drop"
  first_check "Deployment or restart of the CSMS at that time; was it announced?"
  fix      "Drain connections in steps, and let stations come back with jitter"
  rivals   csms-crash, proxy-reload, ws-ping-timeout
  reference "RFC 6455 section 7.4.1 (1001)"

  test "the peer's echo is all that is logged" {
    at 0s csms.stop
    at 1s lost code=1000 together=4 online=4
    at 40s csms.start
    expect match score >= 9
  }
  test "the station leaves in those seconds" {
    at 0s csms.stop
    at 1s lost code=1000 initiator="station"
    expect no match
  }
  test "an hour later" {
    at 0s csms.stop
    at 1h lost
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost code=1000 ping_timeout=true together=4 online=4
    at -1s csms.stop
    expect no match
  }
  test "each way to tell it" {
    at 0s lost code=1000 initiator="csms" together=4 online=4
    at -1s csms.stop
    expect match
  }
  test "what counts for and against it" {
    typical lost code=1000
    at 0s lost station="together 1, online 1"
    at -1s csms.stop
    at 1h lost station="together 2" together=2 online=4
    at 3599s csms.stop
    expect match for "together 1, online 1" score <= 5
    expect match for "together 2" score <= 5
  }
}
