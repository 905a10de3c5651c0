# The carrier's NAT forgets a quiet mapping; packets vanish, and nobody is told.

signature carrier-nat-expiry {
  title    "After {idle_s} of quiet the mobile network has forgotten the connection"
  cause    carrier-nat-expiry
  severity high
  status   stable
  owner    carrier
  explains connection_lost
  needs    modem?, csms?, station?, proxy?
  match    lost where code = 1006 and initiator is unknown and idle_s >= 20 and (station_idle_s is known or csms_idle_s is known or csms_found_late) and (drops < 3 or idle_same >= 0.6)
  base     1
  support  3 "{drops} drops all come after the same quiet of {idle_s}" if drops >= 3 and idle_same >= 0.75
  support  3 "the station is on a cellular link" if link = "cellular"
  support  2 "the CSMS found out only {found_late_s} later" if csms_found_late
  support  1 "the first message after the quiet got no answer" if station_idle_s is known or csms_idle_s is known
  against  4 "the station is not on a cellular link" if link in ("wired", "wifi")
  against  6 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the mobile data session went down" if modem.detach within 10m around
  support  1 "the proxy's configuration allows a silence of {proxy_idle_timeout_s}" if proxy_idle_timeout_s > 1.5 * idle_s + 5
  against  8 "the proxy timed out" if proxy.timeout within 10s around
  against  5 "the proxy's idle limit is {proxy_idle_timeout_s}" if not csms_found_late and waited_s < 5 and idle_s between proxy_idle_timeout_s - 2 and proxy_idle_timeout_s + 2
  against  6 "the station restarted" if station_restarted
  against  3 "the station booted afterwards, and no log of its own says otherwise" if booted_next and not station_covered
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  3 "{together} of {online} stations were lost at once" if together >= 3 and together >= 0.8 * online
  variant  router if nat_idle_timeout_s between idle_s - 5 and idle_s + 5
  ruled_out "the drops do not follow a constant quiet that ends in a message nobody answers"
  first_check "Heartbeat interval against the carrier's NAT timeout: 60 s or less on cellular links"
  fix      "Set WebSocketPingInterval or HeartbeatInterval below the quiet time shown, at most 60 s on cellular links"
  fix      "Ask the carrier for a longer TCP idle timeout or a private APN"
  rivals   proxy-idle-timeout, cellular-ip-change, ws-ping-timeout, heartbeat-timeout
  reference "RFC 5382 section 5 (TCP idle timeout of NATs)"

  test "same quiet, found late" {
    given link="cellular"
    every 2m from 0s to 10m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6 csms_found_late=true found_late_s=3
    expect match 6 times
    expect match score >= 9
  }
  test "the proxy would have waited longer" {
    given link="cellular" proxy_idle_timeout_s=600
    every 2m from 0s to 10m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6 csms_found_late=true found_late_s=3
    expect match score >= 10
  }
  test "the proxy would have waited just as long" {
    given link="cellular" proxy_idle_timeout_s=60
    every 2m from 0s to 10m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6
    expect match score <= 3
  }
  test "the site's own router forgets so soon" {
    given nat_idle_timeout_s=60
    every 2m from 0s to 10m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6 csms_found_late=true
    expect match variant router
  }
  test "the address changed" {
    given link="cellular"
    at 0s lost idle_s=60 csms_idle_s=60 drops=1 csms_found_late=true
    at 20s modem.ip_change
    expect match score <= 1
  }
  test "both sides see the end at once" {
    every 2m from 0s to 10m lost silence_s=60.3 idle_s=60.3 idle_same=1 drops=6
    expect no match
  }
  test "messages were flowing" {
    at 0s lost idle_s=3 station_idle_s=3 drops=1
    expect no match
  }
}
