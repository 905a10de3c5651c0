# Causes that the logs leave open, and that the output of a first check or a configuration names.

signature proxy-idle-timeout-configured {
  title    "The connection ended after {silence_s} without a message, the idle limit in the proxy's configuration"
  cause    proxy-idle-timeout
  severity high
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy?
  match    lost where code = 1006 and not orderly and initiator is unknown and not ping_timeout and not csms_found_late and silence_s >= 10 and waited_s < 5
  given    proxy_idle_timeout_s is known
  base     0
  support  6 "the proxy's idle limit is {proxy_idle_timeout_s}" if silence_s between proxy_idle_timeout_s - 2 and proxy_idle_timeout_s + 2
  support  1 "{drops} drops came after the same silence" if drops >= 3 and silence_same >= 0.8
  against  5 "the proxy's configuration allows a silence of {proxy_idle_timeout_s}" if proxy_idle_timeout_s > 1.5 * silence_s + 5
  against  4 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  4 "the station restarted" if station_restarted
  against  5 "the modem got a new address" if modem.ip_change within 2m around
  ruled_out "the silence is not the idle limit of the proxy's configuration"
  first_check "The line of the proxy's configuration shown, against HeartbeatInterval and WebSocketPingInterval"
  fix      "Raise proxy_read_timeout (nginx) or timeout tunnel (HAProxy) above the longest quiet time, e.g. 3600s"
  fix      "Or set WebSocketPingInterval below the proxy's limit"
  rivals   carrier-nat-expiry, station-idle-close, heartbeat-timeout, csms-crash
  reference "nginx proxy_read_timeout (default 60 s); HAProxy timeout tunnel"

  test "one drop, at the configured limit" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6 drops=1
    expect match score >= 6
    expect match score <= 6
  }
  test "again and again" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6 drops=5 silence_same=1
    expect match score >= 7
  }
  test "another silence" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=60.6 drops=1
    expect match score <= 2
  }
  test "a limit that is far longer" {
    given proxy_idle_timeout_s=3600
    at 0s lost silence_s=60.6 drops=5 silence_same=1
    expect match score <= 0
  }
  test "the CSMS restarted" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6
    at 30s csms.start
    expect match score <= 2
  }
  test "the CSMS had just restarted" {
    given proxy_idle_timeout_s=90
    at 0s csms.start
    at 1s lost silence_s=90.6
    expect match score <= 2
  }
  test "the station restarted" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6 station_restarted=true
    expect match score <= 2
  }
  test "the modem got a new address" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6
    at 20s modem.ip_change
    expect match score <= 1
  }
  test "no configuration" {
    at 0s lost silence_s=90.6
    expect no match
  }
  test "only the station's end went: nobody told the CSMS" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6 csms_found_late=true
    expect no match
  }
  test "a message went unanswered" {
    given proxy_idle_timeout_s=90
    at 0s lost silence_s=90.6 waited_s=30
    expect no match
  }
  test "without any one of its conditions" {
    given proxy_idle_timeout_s=90
    at 0s lost code=1001 silence_s=90.6
    at 1h lost orderly=true silence_s=90.6
    at 2h lost initiator="csms" silence_s=90.6
    at 3h lost ping_timeout=true silence_s=90.6
    at 4h lost
    expect no match
  }
  test "what counts for and against it" {
    typical lost silence_s=90.6
    given proxy_idle_timeout_s=90
    at 0s lost station="silence same 1" silence_same=1
    at 0s lost station="silence same 0" drops=5
    expect match for "silence same 1" score <= 6
    expect match for "silence same 0" score <= 6
  }
}

signature proxy-upgrade-blocked-configured {
  title    "The proxy's configuration does not pass the WebSocket upgrade on: HTTP {http_status}"
  cause    proxy-upgrade-blocked
  severity critical
  status   stable
  owner    proxy
  explains never_connected
  needs    proxy?
  match    failed where tls_error is unknown and reject_reason is unknown and http_status between 400 and 426 and http_status != 401 and http_status != 403
  given    not proxy_passes_upgrade
  base     8
  against  6 "other attempts of the station succeed" if ever_connected
  ruled_out "the proxy's configuration passes the upgrade on, or is not in the bundle"
  first_check "Proxy headers of the location shown: proxy_http_version 1.1, Upgrade $http_upgrade, Connection \"upgrade\""
  fix      "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"upgrade\";"
  rivals   unknown-station, authentication-rejected, subprotocol-mismatch
  reference "RFC 6455 section 4.2.2; nginx WebSocket proxying"

  test "404 that could be an unknown station" {
    given proxy_passes_upgrade=false
    at 0s failed stage="http" http_status=404
    expect match score >= 8
  }
  test "the configuration is right" {
    given proxy_passes_upgrade=true
    at 0s failed stage="http" http_status=404
    expect no match
  }
  test "no configuration" {
    at 0s failed stage="http" http_status=404
    expect no match
  }
  test "wrong password" {
    given proxy_passes_upgrade=false
    at 0s failed stage="http" http_status=401
    expect no match
  }
  test "it connects at other times" {
    given proxy_passes_upgrade=false
    at 0s failed stage="http" http_status=404 ever_connected=true
    expect match score <= 2
  }
  test "without any one of its conditions" {
    typical failed stage="http" http_status=404
    given proxy_passes_upgrade=false
    at 0s failed tls_error="expired"
    at 1h failed reject_reason="other"
    at 2h failed http_status=302
    at 3h failed http_status=403
    expect no match
  }
  test "426, as the backend wants an upgrade" {
    given proxy_passes_upgrade=false
    every 1m from 0s to 3m failed stage="http" http_status=426 csms_saw=true
    expect match 4 times
  }
}

signature tls-certificate-expired-checked {
  title    "The server's certificate had expired"
  cause    tls-certificate-expired
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error in ("unspecified", "aborted", "alert-bad-certificate", "alert-certificate-unknown")
  given    certificate_state = "expired"
  base     7
  ruled_out "the server's certificate was within its dates"
  first_check "The certificate's dates in the check shown"
  fix      "Renew the certificate, install it with its chain, reload the proxy"
  rivals   tls-incomplete-chain, tls-hostname-mismatch, tls-clock-skew
  reference "RFC 5280 section 4.1.2.5 Validity; OpenSSL verify error 10"

  test "a handshake that fails without a reason" {
    given certificate_state="expired"
    at 0s failed stage="tls" tls_error="unspecified"
    expect match
  }
  test "the certificate was valid" {
    given certificate_state="valid"
    at 0s failed stage="tls" tls_error="unspecified"
    expect no match
  }
  test "without any one of its conditions" {
    given certificate_state="expired"
    at 0s failed stage="tls"
    expect no match
  }
  test "the server only sees a bad certificate alert" {
    given certificate_state="expired"
    every 1m from 0s to 3m failed stage="tls" tls_error="alert-bad-certificate" station_saw=false
    expect match 4 times
  }
}

signature tls-clock-skew-checked {
  title    "The server's certificate was valid: the station's clock is wrong"
  cause    tls-clock-skew
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?
  match    failed where tls_error in ("expired", "not-yet-valid")
  given    certificate_state = "valid"
  base     7
  ruled_out "the server's certificate was out of its dates, or no check shows it"
  first_check "The station's date and its NTP server; the currentTime of the last BootNotification answer"
  fix      "Give the station a reachable NTP server that it asks before TLS, and a buffered clock"
  rivals   tls-certificate-expired, tls-incomplete-chain
  reference "RFC 5280 section 4.1.2.5 Validity; OpenSSL verify errors 9 and 10"

  test "expired, says the station; valid, says the check" {
    given certificate_state="valid"
    at 0s failed stage="tls" tls_error="expired"
    expect match
  }
  test "it had expired" {
    given certificate_state="expired"
    at 0s failed stage="tls" tls_error="expired"
    expect no match
  }
  test "without any one of its conditions" {
    given certificate_state="valid"
    at 0s failed stage="tls"
    expect no match
  }
  test "not yet valid, says the station" {
    given certificate_state="valid"
    every 1m from 0s to 3m failed stage="tls" tls_error="not-yet-valid" ever_connected=true
    expect match 4 times
  }
}

signature tls-hostname-mismatch-checked {
  title    "The server's certificate does not name the host that the station dials"
  cause    tls-hostname-mismatch
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error in ("unspecified", "aborted", "alert-bad-certificate", "alert-certificate-unknown")
  given    not certificate_names_host
  base     7
  ruled_out "the server's certificate names the host, or no check shows its names"
  first_check "The names of the certificate in the check shown against the host of the station's URL"
  fix      "Issue the certificate for the host that the stations dial, or correct the URL"
  rivals   tls-incomplete-chain, tls-certificate-expired
  reference "RFC 6125 section 6; OpenSSL verify error 62"

  test "a handshake that fails without a reason" {
    given certificate_names_host=false
    at 0s failed stage="tls" tls_error="alert-certificate-unknown"
    expect match
  }
  test "the names are right" {
    given certificate_names_host=true
    at 0s failed stage="tls" tls_error="alert-certificate-unknown"
    expect no match
  }
  test "without any one of its conditions" {
    given certificate_names_host=false
    at 0s failed stage="tls"
    expect no match
  }
  test "the station only says that it was aborted" {
    given certificate_names_host=false
    every 1m from 0s to 3m failed stage="tls" tls_error="aborted"
    expect match 4 times
  }
}

signature tls-incomplete-chain-checked {
  title    "The server sends its certificate without the intermediate one"
  cause    tls-incomplete-chain
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error in ("unspecified", "aborted", "alert-bad-certificate", "alert-certificate-unknown")
  given    certificate_chain = "leaf-only" and certificate_verified in (20, 21)
  base     7
  ruled_out "the server sends the whole chain, or no check shows it"
  first_check "The chain in the check shown: is every intermediate certificate sent?"
  fix      "Install the full chain (leaf and intermediates) at the server or proxy"
  rivals   tls-trust-anchor-changed, tls-hostname-mismatch, tls-certificate-expired
  reference "RFC 8446 section 4.4.2; OpenSSL verify errors 20 and 21"

  test "a handshake that fails without a reason" {
    given certificate_chain="leaf-only" certificate_verified=21
    at 0s failed stage="tls" tls_error="unspecified"
    expect match
  }
  test "one certificate, and it is trusted" {
    given certificate_chain="leaf-only" certificate_verified=0
    at 0s failed stage="tls" tls_error="unspecified"
    expect no match
  }
  test "the whole chain" {
    given certificate_chain="complete" certificate_verified=20
    at 0s failed stage="tls" tls_error="unspecified"
    expect no match
  }
  test "without any one of its conditions" {
    given certificate_chain="leaf-only" certificate_verified=21
    at 0s failed stage="tls"
    expect no match
  }
  test "an alert that names no reason" {
    given certificate_chain="leaf-only" certificate_verified=20
    every 1m from 0s to 3m failed stage="tls" tls_error="alert-certificate-unknown"
    expect match 4 times
  }
}

signature tls-trust-anchor-changed-checked {
  title    "The server sends its whole chain, and the station does not know the root"
  cause    tls-trust-anchor-changed
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error = "issuer-unknown"
  given    certificate_chain = "complete"
  base     8
  ruled_out "the chain that the server sends is not complete, or no check shows it"
  first_check "The root of the chain in the check shown against the station's trust store"
  fix      "Go back to the former root or install the new one at the stations (InstallCertificate)"
  rivals   tls-incomplete-chain, tls-certificate-expired
  reference "OpenSSL verify errors 18, 19 and 20"

  test "unknown issuer, whole chain" {
    given certificate_chain="complete"
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match
  }
  test "unknown issuer, leaf only" {
    given certificate_chain="leaf-only"
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect no match
  }
  test "without any one of its conditions" {
    given certificate_chain="complete"
    at 0s failed stage="tls"
    expect no match
  }
  test "at stations that had been connected" {
    given certificate_chain="complete"
    every 1m from 0s to 3m failed stage="tls" tls_error="issuer-unknown" ever_connected=true run_attempts=4
    expect match 4 times
  }
}
