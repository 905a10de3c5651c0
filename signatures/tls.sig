# TLS handshakes that fail, and why.

signature tls-certificate-expired {
  title    "The server's certificate has expired"
  cause    tls-certificate-expired
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?, proxy?
  match    failed where tls_error = "expired"
  base     8
  against  8 "the station's clock is {clock_ahead_s} ahead" if clock_ahead_s > 2d
  against  8 "the station's clock stands in {stamp_year}" if stamp_year > 2037
  support  1 "{others_alike} other stations fail in the same way" if others_alike >= 2
  support  1 "another station fails in the same way" if others_alike = 1
  support  2 "it was past its end by the dates in the check" if certificate_state = "expired"
  against  6 "it was within its dates at that time" if certificate_state = "valid"
  ruled_out "no handshake says that a certificate has expired"
  first_check "openssl s_client -connect HOST:443 -showcerts: the notAfter date of the first certificate"
  fix      "Renew the certificate, install it with its chain, reload the proxy"
  fix      "Watch the expiry date; stations that keep a session open notice it only at their next connection"
  rivals   tls-clock-skew, tls-incomplete-chain, tls-hostname-mismatch
  reference "RFC 5280 section 4.1.2.5 Validity; OpenSSL verify error 10"

  test "verify error 10" {
    every 30s from 0s to 2m failed stage="tls" tls_error="expired"
    expect match 5 times
    expect match score <= 8
  }
  test "its dates are known" {
    given certificate_state="expired"
    at 0s failed stage="tls" tls_error="expired"
    expect match score >= 10
  }
  test "it was valid at that time" {
    given certificate_state="valid"
    at 0s failed stage="tls" tls_error="expired"
    expect match score <= 2
  }
  test "another one as well" {
    at 0s failed stage="tls" tls_error="expired" others_alike=1
    expect match score >= 9
  }
  test "many as well" {
    at 0s failed stage="tls" tls_error="expired" others_alike=7
    expect match score >= 9
  }
  test "the station's clock runs years ahead" {
    at 0s failed stage="tls" tls_error="expired" clock_ahead_s=400d
    expect match score <= 1
  }
  test "not yet valid" {
    at 0s failed stage="tls" tls_error="not-yet-valid"
    expect no match
  }
  test "what counts for and against it" {
    at 0s failed station="stamp year 2241" stage="tls" tls_error="expired" stamp_year=2241
    expect match for "stamp year 2241" score <= 0
  }
}

signature tls-certificate-expired-elsewhere {
  title    "The server's certificate has expired, as other stations tell"
  cause    tls-certificate-expired
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    proxy?
  match    failed where tls_error in ("unspecified", "aborted", "alert-bad-certificate", "alert-certificate-unknown") and others_expired >= 2
  base     5
  support  1 "{others_expired} other stations tell it, and none gets through" if others_expired >= 5
  against  5 "it was within its dates at that time" if certificate_state = "valid"
  ruled_out "no handshake without a reason fails beside others that find the certificate expired"
  first_check "openssl s_client -connect HOST:443 -showcerts: the notAfter date of the first certificate"
  fix      "Renew the certificate, install it with its chain, reload the proxy"
  rivals   tls-clock-skew, tls-incomplete-chain, tls-hostname-mismatch
  reference "RFC 5280 section 4.1.2.5 Validity; OpenSSL verify error 10"

  test "the proxy sees a handshake that is given up; two others say why" {
    every 1m from 0s to 3m failed stage="tls" tls_error="aborted" station_saw=false others_expired=2
    expect match 4 times
    expect match score >= 5
    expect match score <= 5
  }
  test "the whole fleet says why" {
    at 0s failed stage="tls" tls_error="unspecified" others_expired=40
    expect match score >= 6
  }
  test "one other station may have a clock of its own" {
    at 0s failed stage="tls" tls_error="aborted" others_expired=1
    expect no match
  }
  test "its own log names another reason" {
    at 0s failed stage="tls" tls_error="issuer-unknown" others_expired=6
    expect no match
  }
  test "a check shows that it was valid" {
    given certificate_state="valid"
    at 0s failed stage="tls" tls_error="alert-bad-certificate" others_expired=3
    expect match score <= 0
  }
}

signature tls-clock-skew {
  title    "The station's clock is wrong, so that the certificate seems not to be valid"
  cause    tls-clock-skew
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?
  match    failed where tls_error = "not-yet-valid" or (tls_error = "expired" and (clock_ahead_s > 2d or stamp_year > 2037))
  base     7
  support  2 "the station writes the year {stamp_year}" if stamp_year < 2020 or stamp_year > 2037
  support  1 "the station's clock is off by {clock_ahead_s}" if clock_ahead_s > 2d or clock_ahead_s < -2d
  support  1 "it connected after its clock was set" if clock.step within 1h after
  ruled_out "no handshake failed because of the date"
  first_check "The station's date and its NTP server; the currentTime of the last BootNotification answer"
  fix      "Give the station a reachable NTP server that it asks before TLS, and a buffered clock"
  rivals   tls-certificate-expired, tls-incomplete-chain
  reference "OpenSSL verify error 9; OCPP 1.6 security whitepaper, certificate checks"

  test "1970" {
    every 30s from 0s to 2m failed stage="tls" tls_error="not-yet-valid" stamp_year=1970
    expect match 5 times
    expect match score >= 9
  }
  test "expired" {
    at 0s failed stage="tls" tls_error="expired"
    expect no match
  }
  test "without any one of its conditions" {
    at 0s failed stage="tls" stamp_year=2222
    expect no match
  }
  test "each way to tell it" {
    typical failed stage="tls" tls_error="expired"
    at 0s failed stamp_year=2222
    at 3h failed clock_ahead_s=190080 stamp_year=1970
    expect match 2 times
  }
  test "what counts for and against it" {
    typical failed stage="tls" tls_error="not-yet-valid" stamp_year=1970
    at 0s failed station="stamp year 2241" stamp_year=2241
    at 0s failed station="clock ahead 190080" clock_ahead_s=190080
    at 0s failed station="clock ahead -190080" clock_ahead_s=-190080
    at 0s failed station="clock.step after"
    at 1m clock.step station="clock.step after"
    expect match for "stamp year 2241" score >= 9
    expect match for "clock ahead 190080" score >= 10
    expect match for "clock ahead -190080" score >= 10
    expect match for "clock.step after" score >= 10
  }
}

signature tls-hostname-mismatch {
  title    "The server's certificate names another host"
  cause    tls-hostname-mismatch
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error = "hostname"
  base     8
  against  4 "others reach the same host meanwhile: its certificate is right" if same_host >= 3 and same_host > 2 * others_alike
  support  1 "the check shows its names" if not certificate_names_host
  ruled_out "no handshake failed because of the host name"
  first_check "openssl s_client -connect HOST:443 -servername HOST -showcerts: the subjectAltName against the host of the station's URL"
  fix      "Issue the certificate for the host that the stations dial, or correct the URL"
  rivals   tls-sni-missing, tls-incomplete-chain, tls-certificate-expired
  reference "RFC 6125 section 6; OpenSSL verify error 62"

  test "its names are known" {
    given certificate_names_host=false
    at 0s failed stage="tls" tls_error="hostname"
    expect match score >= 9
  }
  test "verify error 62" {
    at 0s failed stage="tls" tls_error="hostname"
    expect match
  }
  test "a station that connects may not look at the name" {
    at 0s failed stage="tls" tls_error="hostname" same_host=1
    expect match score >= 8
  }
  test "as many mistrust the name" {
    at 0s failed stage="tls" tls_error="hostname" same_host=4 others_alike=3
    expect match score >= 8
  }
  test "most others reach that host" {
    at 0s failed stage="tls" tls_error="hostname" same_host=3
    expect match score <= 4
  }
  test "unknown issuer" {
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect no match
  }
  test "again and again, at a station that had been connected" {
    every 1m from 0s to 5m failed stage="tls" tls_error="hostname" ever_connected=true csms_saw=false
    expect match 6 times
  }
  test "expired, or refused by name" {
    at 0s failed stage="tls" tls_error="expired"
    at 1h failed stage="http" http_status=404
    expect no match
  }
}

signature tls-incomplete-chain {
  title    "The station cannot build a chain from the server's certificate to a root it knows"
  cause    tls-incomplete-chain
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error in ("leaf-only", "issuer-unknown")
  base     5
  support  3 "only the leaf was sent" if tls_error = "leaf-only"
  support  2 "the server sends one certificate only" if certificate_chain = "leaf-only" and certificate_verified in (20, 21)
  against  5 "the server sends the whole chain" if certificate_chain = "complete"
  ruled_out "no handshake failed because an issuer was unknown"
  first_check "openssl s_client -connect HOST:443 -showcerts: is every intermediate certificate sent?"
  fix      "Install the full chain (leaf and intermediates) at the server or proxy"
  fix      "If the chain is complete, the root changed: update the trust store of the stations"
  rivals   tls-trust-anchor-changed, tls-certificate-expired, tls-clock-skew
  reference "RFC 8446 section 4.4.2; OpenSSL verify errors 20 and 21"

  test "verify error 20" {
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match
  }
  test "verify error 21" {
    at 0s failed stage="tls" tls_error="leaf-only"
    expect match score >= 8
  }
  test "one certificate is sent" {
    given certificate_chain="leaf-only" certificate_verified=21
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match score >= 7
  }
  test "the whole chain is sent" {
    given certificate_chain="complete"
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match score <= 2
  }
  test "a self-signed root in the chain" {
    at 0s failed stage="tls" tls_error="self-signed"
    expect no match
  }
  test "what counts for and against it" {
    at 0s failed station="tls error leaf-only" stage="tls" tls_error="leaf-only"
    expect match for "tls error leaf-only" score >= 8
  }
  test "expired, another host" {
    at 0s failed stage="tls" tls_error="expired"
    at 1h failed stage="tls" tls_error="hostname"
    expect no match
  }
  test "what counts for and against it, once more" {
    typical failed stage="tls" tls_error="leaf-only"
    given station="certificate verified 20" certificate_verified=20
    at 0s failed station="certificate verified 20"
    given station="certificate chain leaf-only" certificate_chain="leaf-only"
    at 0s failed station="certificate chain leaf-only"
    expect match for "certificate verified 20" score <= 8
    expect match for "certificate chain leaf-only" score <= 8
  }
}

signature tls-trust-anchor-changed {
  title    "The server's chain ends in a root that the station does not trust"
  cause    tls-trust-anchor-changed
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?
  match    failed where tls_error = "self-signed" or tls_error = "issuer-unknown"
  base     4
  support  4 "the chain ends in a root that is not trusted" if tls_error = "self-signed"
  support  4 "the server sends the whole chain" if certificate_chain = "complete"
  against  5 "the server sends one certificate only" if certificate_chain = "leaf-only"
  ruled_out "no handshake ended at an untrusted root"
  first_check "openssl s_client -connect HOST:443 -showcerts: the root at the end of the chain against the station's trust store"
  fix      "Go back to the former root or install the new one at the stations (InstallCertificate)"
  rivals   tls-incomplete-chain, tls-hostname-mismatch
  reference "OpenSSL verify errors 18 and 19"

  test "verify error 19" {
    at 0s failed stage="tls" tls_error="self-signed"
    expect match score >= 8
  }
  test "an unknown issuer, and one certificate is sent" {
    given certificate_chain="leaf-only"
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match score <= 0
  }
  test "an unknown issuer although the chain is complete" {
    given certificate_chain="complete"
    at 0s failed stage="tls" tls_error="issuer-unknown"
    expect match score >= 8
  }
  test "leaf only" {
    at 0s failed stage="tls" tls_error="leaf-only"
    expect no match
  }
  test "other faults of a chain" {
    at 0s failed stage="tls" tls_error="not-yet-valid"
    at 1h failed stage="tls" tls_error="expired"
    expect no match
  }
  test "from the day of the new certificate, at stations that had been connected" {
    every 1m from 0s to 5m failed stage="tls" tls_error="self-signed" ever_connected=true run_attempts=6
    expect match 6 times
  }
}

signature tls-scheme-mismatch {
  title    "One side speaks TLS, the other plain text"
  cause    tls-scheme-mismatch
  severity critical
  status   stable
  owner    operator
  explains never_connected
  needs    station?, csms?, proxy?
  match    failed where tls_error in ("not-tls", "http-on-tls")
  base     8
  ruled_out "both sides agree on TLS or plain text"
  first_check "The scheme and port of the station's URL (ws:// or wss://) against what the server expects on that port"
  fix      "Correct the URL (CentralSystemURL or NetworkConnectionProfile)"
  rivals   connection-refused, tls-version-mismatch, proxy-upgrade-blocked
  reference "RFC 6455 section 3 (ws and wss)"

  test "plain HTTP to a TLS port" {
    at 0s failed stage="http" http_status=400 tls_error="http-on-tls"
    expect match
  }
  test "TLS to a plain port" {
    at 0s failed stage="tls" tls_error="not-tls"
    expect match
  }
  test "expired" {
    at 0s failed stage="tls" tls_error="expired"
    expect no match
  }
  test "no TLS version in common, nobody listens" {
    at 0s failed stage="tls" tls_error="version"
    at 1h failed stage="tcp" refused=true
    expect no match
  }
}

signature tls-version-mismatch {
  title    "Station and server share no TLS version or cipher"
  cause    tls-version-mismatch
  severity critical
  status   stable
  owner    csms
  explains never_connected
  needs    station?, proxy?, csms?
  match    failed where tls_error in ("version", "cipher")
  base     8
  ruled_out "no handshake failed for its version or cipher"
  first_check "openssl s_client -connect HOST:443 -tls1_2 (and the station's TLS versions and ciphers): what does the server still accept?"
  fix      "Enable a version and cipher that the station's firmware knows, or update the firmware"
  rivals   tls-scheme-mismatch, tls-client-certificate, tls-certificate-expired
  reference "RFC 8446 section 6.2 (protocol_version, handshake_failure)"

  test "protocol version alert" {
    at 0s failed stage="tls" tls_error="version"
    expect match
  }
  test "TLS to a plain port" {
    at 0s failed stage="tls" tls_error="not-tls"
    expect no match
  }
  test "no cipher in common" {
    at 0s failed stage="tls" tls_error="cipher"
    expect match
  }
  test "a client certificate is missing, the chain ends nowhere" {
    at 0s failed stage="tls" tls_error="client-certificate"
    at 1h failed stage="tls" tls_error="issuer-unknown"
    expect no match
  }
}

signature tls-client-certificate {
  title    "The server refuses the station's client certificate, or misses it"
  cause    tls-client-certificate
  severity high
  status   stable
  owner    operator
  explains never_connected
  needs    station?, proxy?, csms?
  match    failed where tls_error = "client-certificate"
  base     8
  ruled_out "no handshake failed for a client certificate"
  first_check "The station's client certificate: is it installed, in date, and issued by a CA that the server trusts (security profile 3)?"
  fix      "Install or renew the client certificate (CertificateSigned), or lower the security profile at the endpoint"
  rivals   tls-certificate-expired, authentication-rejected, tls-version-mismatch
  reference "RFC 8446 section 4.4.2; OCPP 1.6 security whitepaper, profile 3"

  test "certificate required" {
    at 0s failed stage="tls" tls_error="client-certificate"
    expect match
  }
  test "the server's certificate has expired" {
    at 0s failed stage="tls" tls_error="expired"
    expect no match
  }
  test "seen by the proxy alone" {
    at 0s failed stage="tls" tls_error="client-certificate" station_saw=false proxy_saw=true
    expect match
  }
  test "other ends of a handshake" {
    at 0s failed stage="tls" tls_error="alert-bad-certificate"
    at 1h failed stage="http" http_status=401 reject_reason="authentication"
    expect no match
  }
}

signature station-tls-out-of-memory {
  title    "The station has no memory left for TLS"
  cause    station-tls-out-of-memory
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station
  match    failed where tls_error = "out-of-memory"
  base     8
  ruled_out "no handshake failed for want of memory"
  first_check "Free heap of the station after many reconnects; size of the certificate chain"
  fix      "Update the firmware; send a shorter chain; reboot the station as a stopgap"
  rivals   tls-client-certificate, tls-version-mismatch, tls-scheme-mismatch
  reference "Mbed TLS error -0x7F00 (MBEDTLS_ERR_SSL_ALLOC_FAILED)"

  test "allocation failed" {
    at 0s failed stage="tls" tls_error="out-of-memory"
    expect match
  }
  test "expired" {
    at 0s failed stage="tls" tls_error="expired"
    expect no match
  }
  test "after many reconnects" {
    every 1m from 0s to 5m failed stage="tls" tls_error="out-of-memory" ever_connected=true
    expect match 6 times
  }
  test "other ends of a handshake" {
    at 0s failed stage="tls" tls_error="aborted"
    at 1h failed stage="tls" tls_error="version"
    at 2h failed stage="tcp" reset=true
    expect no match
  }
}
