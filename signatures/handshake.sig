# HTTP answers to the upgrade request, and connections that never get that far.

signature proxy-upgrade-blocked {
  title    "A proxy does not pass the WebSocket upgrade on: HTTP {http_status} instead of 101"
  cause    proxy-upgrade-blocked
  severity critical
  status   stable
  owner    proxy
  explains never_connected
  needs    proxy?, csms?
  match    failed where tls_error is unknown and reject_reason is unknown and (http_status in (200, 426, 505) or (http_status between 400 and 405 and http_status != 401 and http_status != 403 and csms_covered and not csms_saw and proxy_covered)) or reject_reason = "upgrade"
  base     6
  support  2 "the CSMS saw the request without its upgrade headers" if reject_reason = "upgrade"
  support  2 "the CSMS never saw the request" if csms_covered and not csms_saw
  support  1 "the answer is a page, not a WebSocket" if http_status = 200
  support  1 "it came to the CSMS as HTTP/1.0" if http_1_0
  against  5 "the first hop was asked in another version of HTTP already" if front_http is known
  against  4 "{others_through} other stations connect through the same proxy and path" if reject_reason = "upgrade" and others_through >= 1 and not upgrade_seen
  against  6 "at other times the proxy let the station through, on another path" if path_changed
  support  2 "the proxy's configuration does not pass the upgrade on" if not proxy_passes_upgrade
  support  1 "an upgrade made by hand is answered in the same way" if upgrade_status = http_status
  against  3 "the proxy's configuration passes the upgrade on" if proxy_passes_upgrade and reject_reason is unknown
  ruled_out "no upgrade request was answered by an ordinary page"
  first_check "Proxy headers of the OCPP location: proxy_http_version 1.1, Upgrade $http_upgrade, Connection \"upgrade\"; and whether the host and path reach the right virtual host"
  fix      "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"
  fix      "Check the route: a captive portal or a default virtual host answers 200 as well"
  rivals   unknown-station, authentication-rejected, subprotocol-mismatch, csms-unavailable, station-omits-upgrade-header, http-version-unsupported
  reference "RFC 6455 section 4.2.2; nginx WebSocket proxying"

  test "200 instead of 101" {
    at 0s failed stage="http" http_status=200 csms_saw=false
    expect match score >= 8
  }
  test "the proxy's configuration lacks it" {
    given proxy_passes_upgrade=false
    at 0s failed stage="http" http_status=426
    expect match score >= 8
  }
  test "by hand as well" {
    given upgrade_status=426
    at 0s failed stage="http" http_status=426
    expect match score >= 7
  }
  test "the proxy's configuration is right" {
    given proxy_passes_upgrade=true
    at 0s failed stage="http" http_status=426
    expect match score <= 3
  }
  test "the backend misses the header" {
    at 0s failed stage="http" http_status=426 reject_reason="upgrade"
    expect match score >= 8
  }
  test "wrong password" {
    at 0s failed stage="http" http_status=401
    expect no match
  }
  test "no backend" {
    at 0s failed stage="http" http_status=503
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="http" csms_saw=false
    at 0s failed http_status=200 tls_error="expired"
    at 1h failed http_status=426 reject_reason="other" csms_saw=true
    at 2h failed http_status=365
    at 3h failed http_status=401
    at 4h failed http_status=403
    at 5h failed http_status=400 csms_covered=false
    at 6h failed http_status=405 csms_saw=true
    at 7h failed http_status=404 proxy_covered=false
    expect no match
  }
  test "each way to tell it" {
    at 0s failed stage="http" http_status=404 csms_saw=false
    expect match
  }
  test "what counts for and against it" {
    typical failed stage="http" http_status=426
    at 0s failed station="no csms covered" http_status=200 csms_saw=false csms_covered=false
    at 0s failed station="plain" reject_reason="upgrade"
    at 0s failed station="plain (2)" http_status=200 csms_saw=false
    at 0s failed station="http 1 0" reject_reason="upgrade" http_1_0=true
    at 0s failed station="front http http-2" http_status=200 front_http="http-2" csms_saw=false
    at 0s failed station="others through 1" reject_reason="upgrade" others_through=1
    at 0s failed station="others through 10" http_status=200 others_through=10 csms_saw=false
    at 0s failed station="upgrade seen, others through 3" reject_reason="upgrade" upgrade_seen=true others_through=3
    at 0s failed station="path changed" http_status=404 csms_saw=false path_changed=true
    expect match for "path changed" score <= 2
    expect match for "no csms covered" score <= 7
    expect match for "plain" score <= 8
    expect match for "plain (2)" score >= 9
    expect match for "http 1 0" score >= 9
    expect match for "front http http-2" score <= 4
    expect match for "others through 1" score <= 4
    expect match for "others through 10" score >= 9
    expect match for "upgrade seen, others through 3" score >= 8
  }
  test "what counts for and against it, once more" {
    given station="proxy passes upgrade" proxy_passes_upgrade=true
    at 0s failed station="proxy passes upgrade" stage="http" http_status=426 reject_reason="upgrade"
    expect match for "proxy passes upgrade" score >= 8
  }
}

signature station-omits-upgrade-header {
  title    "The station's request lacks the headers of a WebSocket upgrade"
  cause    station-omits-upgrade-header
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    csms?, proxy?
  match    failed where reject_reason = "upgrade" and not upgrade_seen and front_http is unknown and not http_1_0
  base     4
  support  6 "{others_through} other stations connect through the same proxy and path" if others_through >= 1
  ruled_out "no request came without its upgrade headers, or a proxy saw them"
  first_check "The station's request as it leaves the station (packet trace on its side of the proxy): Upgrade: websocket, Connection: Upgrade"
  fix      "Update the firmware or its WebSocket library; a proxy may add the headers for this model as a stopgap"
  rivals   proxy-upgrade-blocked, http-version-unsupported, tls-scheme-mismatch
  reference "RFC 6455 section 4.1 (the client's opening handshake)"

  test "one model fails where others get through" {
    every 30s from 0s to 3m failed stage="http" http_status=426 reject_reason="upgrade" proxy_saw=true others_through=5
    expect match 7 times
    expect match score >= 10
  }
  test "a CSMS without a proxy says so" {
    at 0s failed stage="http" http_status=400 reject_reason="upgrade"
    expect match score >= 4
    expect match score <= 4
  }
  test "a proxy had the headers, or speaks HTTP/1.0 to the CSMS" {
    at 0s failed stage="http" http_status=426 reject_reason="upgrade" upgrade_seen=true others_through=5
    at 1h failed stage="http" http_status=505 reject_reason="upgrade" http_1_0=true others_through=5
    at 2h failed stage="http" http_status=400 reject_reason="upgrade" front_http="http-2"
    expect no match
  }
  test "an ordinary page, a wrong path" {
    at 0s failed stage="http" http_status=200 csms_saw=false
    at 1h failed stage="http" http_status=404 reject_reason="unknown-station"
    expect no match
  }
}

signature http-version-unsupported {
  title    "The upgrade was asked for in a version of HTTP that has none ({front_http})"
  cause    http-version-unsupported
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    proxy?, csms?
  match    failed where http_status between 400 and 505 and (front_http is known or (http_status = 505 and reject_reason is unknown and not proxy_covered))
  base     4
  support  7 "the first hop was asked in {front_http} already" if front_http is known
  support  2 "505 means that this version of HTTP is not supported" if http_status = 505
  ruled_out "the first hop was asked in HTTP/1.1"
  first_check "The version in the request line of the first proxy's access log: HTTP/1.0 comes from the station, HTTP/2 from ALPN at the front end"
  fix      "HTTP/2: offer only http/1.1 (ALPN) on the station's endpoint, or let the front end take RFC 8441; HTTP/1.0: update the station's client"
  rivals   proxy-upgrade-blocked, station-omits-upgrade-header, unknown-station
  reference "RFC 6455 section 4.1 (HTTP/1.1 or higher); RFC 8441; RFC 9110 section 15.6.6 (505)"

  test "HTTP/2 at the front end" {
    every 30s from 0s to 3m failed stage="http" http_status=400 proxy_saw=true front_http="http-2"
    expect match 7 times
    expect match score >= 11
  }
  test "505 from a CSMS without a proxy" {
    at 0s failed stage="http" http_status=505 proxy_covered=false
    expect match score >= 6
  }
  test "426 from a CSMS without a proxy, and HTTP/1.0 that a proxy made of it" {
    at 0s failed stage="http" http_status=426 reject_reason="upgrade" proxy_covered=false
    at 1h failed stage="http" http_status=505 reject_reason="upgrade" http_1_0=true proxy_covered=false
    at 2h failed stage="http" http_status=505 http_1_0=true proxy_saw=true
    at 3h failed stage="http" http_status=301 front_http="http-1.0"
    expect no match
  }
  test "without any one of its conditions" {
    at 0s failed stage="http" http_status=404 proxy_covered=false
    expect no match
  }
}

signature authentication-rejected {
  title    "The CSMS rejects the station's credentials"
  cause    authentication-rejected
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    csms?, station?, proxy?
  match    failed where reject_reason = "authentication" or (reject_reason is unknown and http_status in (401, 403))
  base     7
  support  1 "the CSMS says so" if reject_reason = "authentication"
  ruled_out "no attempt was refused for its credentials"
  first_check "AuthorizationKey of the station against the CSMS's record; security profile; 401 at the CSMS or at the proxy?"
  fix      "Set the password anew at both ends (ChangeConfiguration AuthorizationKey, at least 16 bytes)"
  rivals   unknown-station, proxy-upgrade-blocked
  reference "RFC 7617; OCPP 1.6 security whitepaper, profiles 1 to 3"

  test "401" {
    every 30s from 0s to 2m failed stage="http" http_status=401
    expect match 5 times
  }
  test "unknown identity answered with 403" {
    at 0s failed stage="http" http_status=403 reject_reason="unknown-station"
    expect no match
  }
  test "without any one of its conditions" {
    at 0s failed stage="http"
    expect no match
  }
  test "each way to tell it" {
    at 0s failed stage="http" http_status=401 reject_reason="authentication"
    expect match
  }
  test "what counts for and against it" {
    at 0s failed station="reject reason authentication" stage="http" http_status=401 reject_reason="authentication"
    expect match for "reject reason authentication" score >= 8
  }
}

signature unknown-station {
  title    "The CSMS does not know this identity or path"
  cause    unknown-station
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    csms?, station?, proxy?
  match    failed where reject_reason = "unknown-station" or (reject_reason is unknown and http_status in (404, 410, 412) and (csms_saw or not csms_covered or not proxy_covered or path_changed))
  base     6
  support  2 "the CSMS says so" if reject_reason = "unknown-station"
  support  2 "at other times the station came through, on another path" if path_changed
  support  1 "an upgrade made by hand is answered in the same way" if upgrade_status = http_status
  ruled_out "no attempt was refused as unknown"
  first_check "The last part of the station's URL, letter by letter, against the identities registered in the CSMS"
  fix      "Register the identity, or correct the URL or ChargeBoxId of the station"
  rivals   proxy-upgrade-blocked, authentication-rejected, subprotocol-mismatch
  reference "OCPP-J 1.6 section 3.1.2"

  test "by hand as well" {
    given upgrade_status=404
    at 0s failed stage="http" http_status=404 csms_saw=true
    expect match score >= 7
  }
  test "404 of the CSMS" {
    at 0s failed stage="http" http_status=404 csms_saw=true
    expect match
  }
  test "404 of a proxy, the CSMS never saw it" {
    at 0s failed stage="http" http_status=404 csms_saw=false
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="http"
    at 0s failed http_status=404 reject_reason="other"
    at 1h failed
    expect no match
  }
  test "each way to tell it" {
    typical failed stage="http" http_status=404 csms_saw=false
    at 0s failed reject_reason="unknown-station" csms_saw=true
    at 1h failed csms_covered=false
    at 2h failed proxy_covered=false
    at 3h failed path_changed=true
    expect match 4 times
  }
  test "what counts for and against it" {
    at 0s failed station="reject reason unknown-station" stage="http" http_status=404 reject_reason="unknown-station"
    at 0s failed station="path changed" stage="http" http_status=404 csms_saw=false path_changed=true
    expect match for "reject reason unknown-station" score >= 8
    expect match for "path changed" score >= 8
  }
}

signature subprotocol-mismatch {
  title    "Station and CSMS share no OCPP subprotocol"
  cause    subprotocol-mismatch
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    csms?, station?
  match    failed where reject_reason = "subprotocol"
  base     8
  ruled_out "no attempt failed for its subprotocol"
  first_check "Sec-WebSocket-Protocol of the request (ocpp1.6, ocpp2.0.1) against what the CSMS's endpoint offers"
  fix      "Point the station at the endpoint of its OCPP version, or enable that version in the CSMS"
  rivals   unknown-station, authentication-rejected, protocol-violation
  reference "RFC 6455 section 1.9; OCPP-J 1.6 section 3.2"

  test "told" {
    at 0s failed stage="http" http_status=400 reject_reason="subprotocol"
    expect match
  }
  test "an ordinary 400" {
    at 0s failed stage="http" http_status=400
    expect no match
  }
  test "the station says so" {
    every 1m from 0s to 5m failed stage="unknown" reject_reason="subprotocol" csms_saw=false
    expect match 6 times
  }
  test "other refusals" {
    at 0s failed stage="http" http_status=404 reject_reason="unknown-station"
    at 1h failed stage="http" http_status=401 reject_reason="authentication"
    expect no match
  }
}

signature csms-rate-limited {
  title    "The CSMS or its proxy throttles connections (HTTP {http_status})"
  cause    csms-rate-limited
  severity high
  status   stable
  owner    csms
  explains never_connected
  needs    proxy?, csms?, station?
  match    failed where http_status = 429 or reject_reason = "rate-limit" or limited
  base     8
  support  1 "the proxy's configuration says {proxy_request_limit}" if proxy_request_limit is known
  ruled_out "no attempt was throttled"
  shared   by client_address
  first_check "The limit (nginx limit_req, limit_conn; CSMS quota) against the number of stations behind one address, and the stations' retry interval"
  fix      "Limit per station, not per client address, and raise the burst"
  fix      "Set reconnect back-off with jitter in the stations"
  rivals   reconnect-storm, csms-unavailable, authentication-rejected
  consequence_of reconnect-storm, csms-restart, csms-crash, proxy-reload, local-controller-drop, local-network-flap
  reference "RFC 6585 section 4; nginx limit_req"

  test "429" {
    every 5s from 0s to 60s failed stage="http" http_status=429
    expect match 13 times
  }
  test "the limit stands in the configuration" {
    given proxy_request_limit="limit_req zone=one burst=5"
    at 0s failed stage="http" http_status=429
    expect match score >= 9
  }
  test "429 alone" {
    at 0s failed stage="http" http_status=429
    expect match score <= 8
  }
  test "503 without a limit" {
    at 0s failed stage="http" http_status=503
    expect no match
  }
  test "each way to tell it" {
    typical failed stage="http"
    at 0s failed reject_reason="rate-limit"
    at 1h failed limited=true
    expect match 2 times
  }
  test "turned away because the backend is full" {
    at 0s failed stage="http" http_status=503 reject_reason="capacity"
    at 1h failed stage="http" http_status=502 backend_trouble="none-alive"
    expect no match
  }
}

signature csms-unavailable {
  title    "The proxy has no CSMS to send the station to (HTTP {http_status})"
  cause    csms-unavailable
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    proxy?, csms?, station?
  match    failed where not limited and tls_error is unknown and (http_status between 502 and 504 or (http_status is unknown and backend_trouble is known))
  base     6
  support  1 "the proxy names the backend's trouble: {backend_trouble}" if backend_trouble is known
  support  1 "the proxy lost its backend" if proxy.backend_down within 10m before
  support  1 "the CSMS's log is silent at that time" if not csms_saw
  support  2 "the proxy admits {proxy_connection_limit} connections, there are {fleet_size} stations" if proxy_connection_limit < fleet_size
  variant  overloaded if termination matches "^[sP]Q" or proxy.capacity within 5m around or proxy_connection_limit < fleet_size
  variant  backend-down if backend_trouble is known or termination matches "^SC" or http_status = 502
  ruled_out "no attempt was answered with 502, 503 or 504"
  first_check "Is the CSMS process up and within its connection limit (connection queue metrics, maxconn, health checks)?"
  fix      "Bring the backend up or raise its connection limit; keep a spare instance during deployments"
  rivals   csms-rate-limited, reconnect-storm, csms-restart, connection-refused
  consequence_of reconnect-storm, csms-restart, csms-crash, proxy-reload, local-controller-drop, local-network-flap
  reference "RFC 9110 section 15.6; HAProxy: session state SC, sQ"

  test "503, no server" {
    every 30s from 0s to 3m failed stage="http" http_status=503 termination="SC--" csms_saw=false
    expect match 7 times
    expect match variant backend-down
  }
  test "more stations than the proxy admits" {
    given proxy_connection_limit=20 fleet_size=64
    at 0s failed stage="http" http_status=503 csms_saw=true
    expect match score >= 8
    expect match variant overloaded
  }
  test "queue of the proxy" {
    at 0s failed stage="http" http_status=503 termination="sQ--" csms_saw=false
    expect match variant overloaded
  }
  test "throttled with 503" {
    at 0s failed stage="http" http_status=503 limited=true
    expect no match
  }
  test "500 is an answer of the CSMS" {
    at 0s failed stage="http" http_status=500
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="http" termination="sQ--" csms_saw=false
    at 0s failed http_status=503 tls_error="expired"
    at 1h failed http_status=404 backend_trouble="refused"
    at 2h failed
    expect no match
  }
  test "each way to tell it" {
    at 0s failed stage="http" backend_trouble="refused" termination="sQ--" csms_saw=false
    expect match
  }
  test "what counts for and against it" {
    typical failed stage="http" http_status=503 csms_saw=false
    at 0s failed station="backend trouble refused" backend_trouble="refused" termination="SC--"
    at 1h failed station="proxy.backend_down before" termination="SC--"
    at 59m proxy.backend_down
    at 2h failed station="proxy.capacity" termination="SC--"
    at 121m proxy.capacity
    at 0s failed station="backend trouble refused, no termination" backend_trouble="refused"
    at 0s failed station="http status 502, no termination" http_status=502
    expect match for "backend trouble refused" score >= 8
    expect match for "proxy.backend_down before" score >= 8
    expect match for "proxy.capacity" variant overloaded
    expect match for "backend trouble refused, no termination" variant backend-down
    expect match for "http status 502, no termination" variant backend-down
  }
}

signature connection-refused {
  title    "Nothing listens at the address that the station dials"
  cause    connection-refused
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    station?
  match    failed where refused and http_status is unknown and tls_error is unknown
  base     5
  support  1 "the station never got through" if not ever_connected
  against  4 "the CSMS was restarting" if csms.start within 3m after or csms.start within 2s before
  against  2 "the proxy was restarting" if proxy.start within 3m around
  against  3 "it listened again within a minute" if recovered_s < 60
  ruled_out "no connection was refused"
  first_check "Host and port of the station's URL; is the CSMS or proxy listening there (ss -ltn)?"
  fix      "Correct the port, open the firewall, start the service"
  rivals   csms-restart, csms-unavailable, dns-failure, network-unreachable
  consequence_of reconnect-storm, csms-restart, csms-crash, proxy-reload, local-controller-drop, local-network-flap
  reference "RFC 9293 section 3.10.7; errno 111 ECONNREFUSED"

  test "wrong port" {
    every 30s from 0s to 3m failed stage="tcp" refused=true
    expect match 7 times
  }
  test "nobody listened for a moment" {
    at 0s failed stage="tcp" refused=true run_s=4 recovered_s=12 ever_connected=true
    expect match score <= 2
  }
  test "nobody listened for longer, or ever" {
    at 0s failed station="longer" stage="tcp" refused=true run_s=300 recovered_s=320 ever_connected=true
    at 0s failed station="for good" stage="tcp" refused=true run_s=4
    expect match for "longer" score >= 5
    expect match for "for good" score >= 5
  }
  test "while the CSMS restarts" {
    at 0s failed stage="tcp" refused=true
    at 20s csms.start
    expect match score <= 2
  }
  test "no route" {
    at 0s failed stage="tcp" unreachable=true
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="tcp" refused=true
    at 0s failed http_status=404
    at 1h failed tls_error="expired"
    expect no match
  }
  test "what counts for and against it" {
    typical failed stage="tcp" refused=true
    at 0s failed station="plain"
    at 1h failed station="csms.start before"
    at 3599s csms.start
    at 2h failed station="proxy.start"
    at 121m proxy.start
    expect match for "plain" score >= 6
    expect match for "csms.start before" score <= 2
    expect match for "proxy.start" score <= 4
  }
  test "the CSMS moved, and stations that had been connected find nobody" {
    every 30s from 0s to 3m failed stage="tcp" refused=true ever_connected=true run_attempts=7
    expect match score >= 5
  }
}

signature network-unreachable {
  title    "The station has no route to the CSMS"
  cause    network-unreachable
  severity high
  status   stable
  owner    site
  explains never_connected
  needs    station?
  match    failed where (unreachable or timed_out) and http_status is unknown and tls_error is unknown
  base     5
  against  4 "the modem was getting a new address" if modem.ip_change within 5m around
  against  4 "the mobile data session was down" if modem.detach within 5m around
  ruled_out "no attempt failed for want of a route"
  first_check "The station's uplink: cable, Wi-Fi, SIM, gateway, firewall"
  fix      "Restore the uplink; compare with other stations of the site"
  rivals   connection-refused, dns-failure, cellular-registration-lost
  consequence_of cellular-ip-change, pdp-context-deactivated, cellular-registration-lost, modem-reset, weak-signal, station-power-loss, station-boot-loop, csms-restart, csms-crash, local-controller-drop, local-network-flap
  reference "errno 101 ENETUNREACH, 113 EHOSTUNREACH, 110 ETIMEDOUT"

  test "no route to host" {
    every 30s from 0s to 3m failed stage="tcp" unreachable=true
    expect match 7 times
  }
  test "refused" {
    at 0s failed stage="tcp" refused=true
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="tcp" unreachable=true
    at 0s failed http_status=404
    at 1h failed tls_error="expired"
    expect no match
  }
  test "each way to tell it" {
    at 0s failed stage="tcp" timed_out=true
    expect match
  }
  test "what counts for and against it" {
    typical failed stage="tcp" unreachable=true
    at 0s failed station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    at 0s failed station="modem.detach"
    at 1m modem.detach station="modem.detach"
    expect match for "modem.ip_change" score <= 1
    expect match for "modem.detach" score <= 1
  }
}

signature dns-failure {
  title    "The host name of the CSMS does not resolve"
  cause    dns-failure
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    station?
  match    failed where unresolved and http_status is unknown and tls_error is unknown
  base     6
  against  3 "the mobile data session was down" if modem.detach within 5m around
  ruled_out "no attempt failed at name resolution"
  first_check "The host name in the station's URL, and the DNS server that the station uses"
  fix      "Correct the name, or give the station a working DNS server"
  rivals   network-unreachable, connection-refused
  consequence_of cellular-ip-change, pdp-context-deactivated, cellular-registration-lost, modem-reset, weak-signal, station-power-loss, station-boot-loop, csms-restart, csms-crash, local-network-flap
  reference "RFC 1035; getaddrinfo EAI_NONAME, EAI_AGAIN"

  test "no such host" {
    every 30s from 0s to 3m failed stage="dns" unresolved=true
    expect match 7 times
  }
  test "refused" {
    at 0s failed stage="tcp" refused=true
    expect no match
  }
  test "without any one of its conditions" {
    typical failed stage="dns" unresolved=true
    at 0s failed http_status=404
    at 1h failed tls_error="expired"
    expect no match
  }
  test "what counts for and against it" {
    at 0s failed station="modem.detach" stage="dns" unresolved=true
    at 1m modem.detach station="modem.detach"
    expect match for "modem.detach" score <= 3
  }
  test "the resolver is away for a while" {
    every 1m from 0s to 4m failed stage="dns" unresolved=true ever_connected=true run_attempts=5
    expect match 5 times
  }
}

signature upgrade-redirected {
  title    "The upgrade request is answered with a redirect (HTTP {http_status})"
  cause    upgrade-redirected
  severity high
  status   stable
  owner    proxy
  explains never_connected
  needs    proxy?, station?, csms?
  match    failed where http_status in (301, 302, 303, 307, 308)
  base     8
  ruled_out "no upgrade request was redirected"
  first_check "The Location header of the answer: another host, https instead of http, a slash at the end of the path?"
  fix      "Point the station at the final URL; do not redirect WebSocket paths"
  rivals   proxy-upgrade-blocked, unknown-station, tls-scheme-mismatch
  reference "RFC 6455 section 4.1 (clients need not follow redirects)"

  test "moved permanently" {
    every 30s from 0s to 2m failed stage="http" http_status=301
    expect match 5 times
  }
  test "an ordinary page" {
    at 0s failed stage="http" http_status=200
    expect no match
  }
  test "to the same place with https" {
    at 0s failed stage="http" http_status=308 proxy_status=308 csms_saw=false
    expect match
  }
  test "refused, unknown, unavailable" {
    at 0s failed stage="http" http_status=401
    at 1h failed stage="http" http_status=404
    at 2h failed stage="http" http_status=503
    expect no match
  }
}
