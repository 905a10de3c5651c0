# Several hosts behind one address: without a server name in the hello, another one's certificate is served.

signature tls-sni-missing {
  title    "The station does not name the host in its TLS hello"
  cause    tls-sni-missing
  severity high
  status   stable
  owner    station
  explains never_connected
  needs    station?, proxy?
  match    failed where tls_error = "sni" or (tls_error = "hostname" and same_host >= 3 and same_host > 2 * others_alike)
  base     8
  support  2 "the server answers that it does not know the name" if tls_error = "sni"
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
  test "old firmware sees the default certificate, most others connect" {
    every 30s from 0s to 2m failed stage="tls" tls_error="hostname" same_host=6 others_alike=1
    expect match 5 times
    expect match score <= 8
  }
  test "a station that connects may not look at the name" {
    at 0s failed stage="tls" tls_error="hostname" same_host=1
    expect no match
  }
  test "as many mistrust the name" {
    at 0s failed stage="tls" tls_error="hostname" same_host=4 others_alike=3
    expect no match
  }
  test "others connect, this one lacks the issuer" {
    at 0s failed stage="tls" tls_error="issuer-unknown" same_host=6
    expect no match
  }
}
