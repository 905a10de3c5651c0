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
  support  4 "the router's connection tracking forgets after {nat_idle_timeout_s}" if nat_idle_timeout_s between idle_s - 5 and idle_s + 5
  support  2 "the router had {nat_lasts_s} left for its freshest connection" if nat_lasts_s between idle_s - 15 and idle_s + 1
  support  1 "the station's socket sends no TCP keep-alives" if not tcp_keepalives
  against  6 "a connection of the station outlived {quiet_survived_s} of quiet" if quiet_survived_s >= 0.97 * idle_s
  against  4 "the station is not on a cellular link" if link in ("wired", "wifi")
  against  6 "the modem got a new address" if modem.ip_change within 10m around
  against  4 "the mobile data session went down" if modem.detach within 10m around
  support  1 "the proxy's configuration allows a silence of {proxy_idle_timeout_s}" if proxy_idle_timeout_s > 1.5 * idle_s + 5
  against  8 "the proxy timed out" if proxy.timeout within 10s around
  against  5 "the proxy's idle limit is {proxy_idle_timeout_s}" if not csms_found_late and waited_s < 5 and idle_s between proxy_idle_timeout_s - 2 and proxy_idle_timeout_s + 2
  against  6 "the station restarted" if station_restarted
  against  3 "the station booted afterwards, and no log of its own says otherwise" if booted_next and not station_covered
  against  6 "the CSMS heard the station all the time, only its CALLs stayed unanswered" if deaf_calls >= 2 and deaf_share >= 0.8
  against  4 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  against  3 "{together} of {online} stations were lost at once" if together >= 3 and together >= 0.8 * online
  against  4 "{site_lost} stations, but not the fleet, were cut off at that time" if site_cut
  variant  router if nat_idle_timeout_s between idle_s - 5 and idle_s + 5 or nat_lasts_s between idle_s - 15 and idle_s + 1
  ruled_out "the drops do not follow a constant quiet that ends in a message nobody answers"
  first_check "Heartbeat interval against the carrier's NAT timeout: 60 s or less on cellular links"
  fix      "Set WebSocketPingInterval or HeartbeatInterval below the quiet time shown, at most 60 s on cellular links"
  fix      "Ask the carrier for a longer TCP idle timeout or a private APN"
  rivals   proxy-idle-timeout, cellular-ip-change, ws-ping-timeout, heartbeat-timeout
  reference "RFC 5382 section 5 (TCP idle timeout of NATs)"

  test "its whole site was cut off" {
    given link="cellular"
    every 2m from 0s to 10m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6 csms_found_late=true found_late_s=3 site_cut=true
    expect match score <= 6
  }
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
    expect match score >= 11
  }
  test "what the router and the socket show" {
    typical lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=6
    given station="fresh" nat_lasts_s=52
    given station="long" nat_lasts_s=430000
    given station="keepalives" tcp_keepalives=true
    given station="no keepalives" tcp_keepalives=false
    given station="longer limit" nat_idle_timeout_s=300
    at 0s lost station="fresh"
    at 0s lost station="long"
    at 0s lost station="keepalives"
    at 0s lost station="no keepalives"
    at 0s lost station="longer limit"
    expect match for "fresh" score >= 7
    expect match for "fresh" variant router
    expect match for "long" score <= 5
    expect match for "keepalives" score <= 5
    expect match for "no keepalives" score >= 6
    expect match for "longer limit" score <= 5
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
  test "a quiet of that length ends nothing at other times: something else cut the path" {
    given link="cellular"
    every 10m from 0s to 40m lost idle_s=60.1 station_idle_s=60.1 idle_same=1 drops=5 quiet_survived_s=60.2
    expect match score <= 3
  }
  test "messages were flowing" {
    at 0s lost idle_s=3 station_idle_s=3 drops=1
    expect no match
  }
  test "without any one of its conditions" {
    typical lost idle_s=60.1 station_idle_s=60.1 csms_found_late=true found_late_s=3 drops=6 idle_same=1
    given link="cellular"
    at 0s lost code=1001
    at 1h lost initiator="csms"
    at 2h lost idle_same=0
    expect no match
  }
  test "each way to tell it" {
    typical lost idle_s=60.1 idle_same=1 found_late_s=3 drops=6
    given link="cellular"
    at 0s lost station_idle_s=60.1
    at 1h lost csms_idle_s=1
    at 2h lost csms_found_late=true
    expect match 3 times
  }
  test "what counts for and against it" {
    typical lost idle_s=60.1 idle_same=1 csms_found_late=true found_late_s=3 drops=6
    given link="cellular"
    at 0s lost station="drops 1" station_idle_s=60.1 drops=1
    at 0s lost station="idle same 0.6" idle_same=0.6 station_idle_s=60.1
    at 0s lost station="plain" station_idle_s=60.1
    at 0s lost station="no station idle, csms idle 1" csms_idle_s=1
    given station="link wifi" link="wifi"
    at 0s lost station="link wifi" station_idle_s=60.1
    at 0s lost station="modem.detach" station_idle_s=60.1
    at 1m modem.detach station="modem.detach"
    at 0s lost station="proxy.timeout" station_idle_s=60.1
    at 5s proxy.timeout station="proxy.timeout"
    at 0s lost station="station restarted" station_idle_s=60.1 station_restarted=true
    at 0s lost station="no station covered, booted next" station_covered=false station_idle_s=60.1 booted_next=true
    at 0s lost station="no station covered" station_covered=false station_idle_s=60.1
    at 0s lost station="booted next" station_idle_s=60.1 booted_next=true
    at 0s lost station="deaf calls 10, deaf share 0.9" station_idle_s=60.1 deaf_calls=10 deaf_share=0.9
    at 0s lost station="deaf share 0.9" station_idle_s=60.1 deaf_share=0.9
    at 0s lost station="deaf calls 3" station_idle_s=60.1 deaf_calls=3
    expect match for "drops 1" score <= 7
    expect match for "idle same 0.6" score <= 7
    expect match for "plain" score >= 10
    expect match for "no station idle, csms idle 1" score >= 10
    expect match for "link wifi" score <= 3
    expect match for "modem.detach" score <= 6
    expect match for "proxy.timeout" score <= 2
    expect match for "station restarted" score <= 4
    expect match for "no station covered, booted next" score <= 7
    expect match for "no station covered" score >= 10
    expect match for "booted next" score >= 10
    expect match for "deaf calls 10, deaf share 0.9" score <= 4
    expect match for "deaf share 0.9" score >= 10
    expect match for "deaf calls 3" score >= 10
  }
  test "what counts for and against it, more" {
    typical lost idle_s=60.1 idle_same=1 station_idle_s=60.1 csms_found_late=true found_late_s=3 drops=6
    given link="cellular"
    at 1h lost station="csms.start after"
    at 61m csms.start
    at 2h lost station="csms.start before"
    at 7199s csms.start
    at 0s lost station="together 3" together=3
    at 0s lost station="together 3, online 10" together=3 online=10
    expect match for "csms.start after" score <= 6
    expect match for "csms.start before" score <= 6
    expect match for "together 3" score <= 7
    expect match for "together 3, online 10" score >= 10
  }
  test "what counts for and against it, once more" {
    typical lost idle_s=60.1 idle_same=1 station_idle_s=60.1 found_late_s=3 drops=6
    given station="plain" link="cellular" proxy_idle_timeout_s=600
    at 0s lost station="plain" csms_found_late=true
    given station="proxy idle timeout 100, idle 100" link="wifi" proxy_idle_timeout_s=100
    at 0s lost station="proxy idle timeout 100, idle 100" idle_s=100 csms_found_late=true drops=1
    given station="proxy idle timeout 100, idle 100, waited 6" link="cellular" proxy_idle_timeout_s=100
    at 0s lost station="proxy idle timeout 100, idle 100, waited 6" idle_s=100 waited_s=6
    given station="plain (2)" link="cellular"
    at 0s lost station="plain (2)"
    expect match for "plain" score >= 11
    expect match for "proxy idle timeout 100, idle 100" score >= 0
    expect match for "proxy idle timeout 100, idle 100, waited 6" score >= 8
    expect match for "plain (2)" score >= 8
  }
}
