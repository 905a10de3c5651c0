# Several hosts behind one address: without a server name in the hello, another one's certificate is served.

signature tls-sni-missing {
  title    "The station does not name the host in its TLS hello"
  cause    tls-sni-missing
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?, proxy?
  match    failed where tls_error = "sni" or (tls_error = "hostname" and same_host >= 1)
  base     6
  support  4 "the server answers that it does not know the name" if tls_error = "sni"
  support  3 "{same_host} other stations reach the same host meanwhile: they are shown its certificate" if tls_error = "hostname" and same_host >= 2
  ruled_out "no station mistrusts a host that others reach at the same time"
  first_check "openssl s_client -connect HOST:443 -noservername against -servername HOST: two different certificates?"
  fix      "Update the firmware so that it sends server_name; until then serve the CSMS's certificate as the default one of that address"
  rivals   tls-hostname-mismatch, tls-incomplete-chain, proxy-upgrade-blocked
  reference "RFC 6066 section 3 (server_name, unrecognized_name)"

  test "unrecognized_name" {
    every 30s from 0s to 2m failed stage="tls" tls_error="sni"
    expect match 5 times
    expect match score >= 10
    expect match score <= 10
  }
  test "old firmware sees the default certificate, new firmware connects" {
    every 30s from 0s to 2m failed stage="tls" tls_error="hostname" same_host=6
    expect match 5 times
    expect match score >= 9
    expect match score <= 9
  }
  test "one other station connects" {
    at 0s failed stage="tls" tls_error="hostname" same_host=1
    expect match score >= 6
    expect match score <= 6
  }
  test "the server does not know the name, others connect" {
    at 0s failed stage="tls" tls_error="sni" same_host=6
    expect match score <= 10
  }
  test "nobody is shown the right certificate" {
    at 0s failed stage="tls" tls_error="hostname"
    expect no match
  }
  test "others connect, this one lacks the issuer" {
    at 0s failed stage="tls" tls_error="issuer-unknown" same_host=6
    expect no match
  }
}
