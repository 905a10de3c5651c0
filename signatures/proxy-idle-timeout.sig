# A proxy closes connections on which neither side spoke for its idle limit.

signature proxy-idle-timeout {
  title    "The proxy closed the connection after {silence_s} without a message"
  cause    proxy-idle-timeout
  severity high
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy
  event    told = proxy.timeout
  match    lost with told within 5s
  base     9
  support  2 "{drops} drops came after the same silence" if drops >= 3 and silence_same >= 0.8
  support  2 "the proxy's idle limit is {proxy_idle_timeout_s}" if silence_s between proxy_idle_timeout_s - 2 and proxy_idle_timeout_s + 2
  against  5 "messages were flowing" if silence_s < 10
  against  6 "the station sends a Heartbeat every {heartbeat_interval_s}: it was silent, the proxy only found out" if heartbeat_interval_s < 0.7 * silence_s
  ruled_out "the proxy's log does not say that it timed out"
  first_check "proxy_read_timeout and proxy_send_timeout (nginx), timeout tunnel (HAProxy) against the station's HeartbeatInterval and WebSocketPingInterval"
  fix      "Raise proxy_read_timeout (nginx) or timeout tunnel (HAProxy) above the longest quiet time, e.g. 3600s"
  fix      "Or set WebSocketPingInterval below the proxy's limit"
  rivals   carrier-nat-expiry, heartbeat-timeout, ws-ping-timeout, csms-crash
  reference "nginx proxy_read_timeout (default 60 s); HAProxy timeout tunnel"

  test "the station had fallen silent before" {
    given heartbeat_interval_s=60
    every 10m from 0s to 30m lost silence_s=180 drops=4 silence_same=1
    every 10m from 0s to 30m proxy.timeout
    expect match score <= 5
  }
  test "nginx says so" {
    at 0s lost silence_s=60 drops=1
    at 0s proxy.timeout
    expect match at 0s score >= 8
  }
  test "its configuration says so as well" {
    given proxy_idle_timeout_s=60
    at 0s lost silence_s=60.4 drops=1
    at 0s proxy.timeout
    expect match at 0s score >= 10
  }
  test "another station's timeout" {
    at 0s lost silence_s=60
    at 0s proxy.timeout station="CP2"
    expect no match
  }
  test "what counts for and against it" {
    typical lost silence_s=60
    at 0s lost station="silence same 0.9, drops 10" silence_same=0.9 drops=10
    at 0s proxy.timeout station="silence same 0.9, drops 10"
    at 0s lost station="silence same 0.8" silence_same=0.8
    at 0s proxy.timeout station="silence same 0.8"
    at 0s lost station="drops 4" drops=4
    at 0s proxy.timeout station="drops 4"
    at 0s lost station="silence 9" silence_s=9
    at 0s proxy.timeout station="silence 9"
    expect match for "silence same 0.9, drops 10" score >= 10
    expect match for "silence same 0.8" score <= 9
    expect match for "drops 4" score <= 9
    expect match for "silence 9" score <= 4
  }
  test "the same limit again and again, with a close of the proxy's own" {
    every 6m from 0s to 18m lost silence_s=240 silence_same=1 drops=4 termination="cD"
    every 6m from 0s to 18m proxy.timeout
    expect match 4 times
    expect match score >= 10
  }
}

signature proxy-idle-timeout-state {
  title    "The proxy ended the connection on its own timer after {silence_s} without a message"
  cause    proxy-idle-timeout
  severity high
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy
  match    lost where termination matches "^[cs]D" and silence_s >= 10
  base     7
  support  2 "{drops} drops came after the same silence" if drops >= 3 and silence_same >= 0.8
  against  5 "the station sends a Heartbeat every {heartbeat_interval_s}: it was silent, the proxy only found out" if heartbeat_interval_s < 0.7 * silence_s
  ruled_out "the proxy's termination states name no timer"
  first_check "timeout tunnel, timeout client and timeout server (HAProxy) against HeartbeatInterval and WebSocketPingInterval"
  fix      "Raise timeout tunnel above the longest quiet time, e.g. 1h"
  fix      "Or set WebSocketPingInterval below the proxy's limit"
  rivals   carrier-nat-expiry, heartbeat-timeout, ws-ping-timeout, csms-crash
  reference "HAProxy: session state at disconnection"

  test "the station had fallen silent before" {
    given heartbeat_interval_s=60
    at 0s lost termination="cD--" silence_s=180 drops=4 silence_same=1
    expect match score <= 4
  }
  test "tunnel timed out" {
    at 0s lost termination="cD--" silence_s=50
    expect match
  }
  test "messages until the end" {
    at 0s lost termination="sD--" silence_s=2
    expect no match
  }
  test "the client aborted" {
    at 0s lost termination="CD--" silence_s=50
    expect no match
  }
  test "what counts for and against it" {
    typical lost termination="cD--" silence_s=50
    at 0s lost station="silence same 0.8, drops 4" silence_same=0.8 drops=4
    at 0s lost station="silence same 1" silence_same=1
    at 0s lost station="drops 3" drops=3
    expect match for "silence same 0.8, drops 4" score >= 9
    expect match for "silence same 1" score <= 7
    expect match for "drops 3" score <= 7
  }
  test "the server side was the quiet one" {
    at 0s lost termination="sD--" silence_s=300
    expect match
  }
}

signature proxy-idle-timeout-untold {
  title    "Every drop comes {silence_s} after the last message in either direction"
  cause    proxy-idle-timeout
  severity high
  status   stable
  owner    proxy
  explains connection_lost
  needs    proxy?
  match    lost where code = 1006 and not orderly and initiator is unknown and not ping_timeout and silence_s >= 20 and drops >= 3 and silence_same >= 0.75 and waited_s < 5
  base     4
  support  2 "{silence_s} is a default limit of {silence_timer}" if silence_timer is known
  support  2 "both sides lost it at the same moment" if station_saw and csms_saw and not csms_found_late
  support  2 "a proxy is in the path" if proxy_saw
  support  4 "the proxy's idle limit is {proxy_idle_timeout_s}" if silence_s between proxy_idle_timeout_s - 2 and proxy_idle_timeout_s + 2
  against  5 "the proxy's configuration allows a silence of {proxy_idle_timeout_s}" if proxy_idle_timeout_s > 1.5 * silence_s + 5
  against  6 "the CSMS noticed only later: nothing told it" if csms_found_late
  against  6 "the CSMS itself counted the station out" if told_by = "csms.heartbeat_timeout"
  against  6 "the CSMS's own read deadline ended it" if read_deadline
  against  6 "{survived} quiet stretches of the same length ended nothing" if survived >= 2
  against  7 "a connection of the station outlived {quiet_survived_s} of quiet" if quiet_survived_s > 1.01 * silence_s + 1.5
  against  2 "the station is on a cellular link and no log shows a proxy" if link = "cellular" and not proxy_saw
  against  5 "the next connection opened at that moment and took its place" if overlapped and not station_saw and (told_by is unknown or told_by = "ws.open")
  against  4 "the CSMS restarted" if csms.start within 2m after or csms.start within 2s before
  against  4 "the station restarted" if station_restarted
  against  5 "the modem got a new address" if modem.ip_change within 2m around
  against  5 "the station sends a Heartbeat every {heartbeat_interval_s}: it was silent, the proxy only found out" if heartbeat_interval_s < 0.7 * silence_s
  ruled_out "the drops do not come after one constant silence that both sides see end at once"
  first_check "Idle limits of every proxy and load balancer in the path against HeartbeatInterval and WebSocketPingInterval"
  fix      "Raise the idle limit above the longest quiet time, or ping more often than it"
  rivals   carrier-nat-expiry, heartbeat-timeout, station-idle-close, keepalive-race
  reference "nginx proxy_read_timeout; AWS ALB idle timeout; Azure Load Balancer idle timeout"

  test "longer quiet ended nothing, and as long a quiet" {
    typical lost silence_s=57 silence_same=1 drops=4 station_saw=true csms_saw=true
    at 0s lost station="longer" quiet_survived_s=60.3
    at 0s lost station="as long" quiet_survived_s=57.2
    expect match for "longer" score <= 1
    expect match for "as long" score >= 6
  }
  test "the station had fallen silent before" {
    given heartbeat_interval_s=60
    every 10m from 0s to 30m lost silence_s=180 drops=4 silence_same=1 proxy_saw=true silence_timer="Traefik"
    expect match score <= 5
  }
  test "sixty seconds, again and again" {
    every 2m from 0s to 10m lost silence_s=60.3 drops=6 silence_same=1
    expect match 6 times
  }
  test "the limit in the proxy's configuration" {
    given proxy_idle_timeout_s=75
    every 2m from 0s to 10m lost silence_s=75.3 drops=6 silence_same=1 csms_saw=false
    expect match score >= 8
  }
  test "the proxy's configuration allows far more" {
    given proxy_idle_timeout_s=3600
    every 2m from 0s to 10m lost silence_s=75.3 drops=6 silence_same=1 csms_saw=false
    expect match score <= 0
  }
  test "quiet of that length ends nothing at other times" {
    every 2m from 0s to 10m lost silence_s=60.3 drops=6 silence_same=1 survived=3
    expect match score <= 2
  }
  test "silences differ" {
    every 2m from 0s to 10m lost silence_s=60.3 drops=6 silence_same=0.3
    expect no match
  }
  test "the carrier forgot the connection: a message went unanswered" {
    every 2m from 0s to 10m lost silence_s=61 waited_s=30 idle_s=61 drops=6 silence_same=1 csms_found_late=true
    expect no match
  }
  test "a close frame" {
    every 2m from 0s to 10m lost code=1001 initiator="csms" silence_s=60.3 drops=6 silence_same=1
    expect no match
  }
  test "without any one of its conditions" {
    typical lost silence_same=1 drops=6
    at 0s lost code=1001 silence_s=60.3
    at 1h lost orderly=true silence_s=60.3
    at 2h lost initiator="station" silence_s=60.3
    at 3h lost ping_timeout=true silence_s=60.3
    at 4h lost
    at 5h lost silence_s=60.3 drops=1
    expect no match
  }
  test "what counts for and against it" {
    typical lost silence_s=60.3 silence_same=1 drops=6
    at 0s lost station="silence timer proxy_read_timeout" silence_timer="proxy_read_timeout"
    at 0s lost station="no station saw" station_saw=false
    at 0s lost station="no csms saw" csms_saw=false
    at 0s lost station="csms found late" csms_found_late=true
    at 0s lost station="proxy saw" proxy_saw=true
    at 0s lost station="told by csms.heartbeat_timeout" told_by="csms.heartbeat_timeout"
    at 0s lost station="read deadline" read_deadline=true
    given station="link cellular" link="cellular"
    at 0s lost station="link cellular"
    given station="link cellular, proxy saw" link="cellular"
    at 0s lost station="link cellular, proxy saw" proxy_saw=true
    at 1h lost station="csms.start before"
    at 3599s csms.start
    at 2h lost station="csms.start after"
    at 121m csms.start
    at 0s lost station="station restarted" station_restarted=true
    at 0s lost station="modem.ip_change"
    at 1m modem.ip_change station="modem.ip_change"
    expect match for "silence timer proxy_read_timeout" score >= 8
    expect match for "no station saw" score <= 4
    expect match for "no csms saw" score <= 4
    expect match for "csms found late" score <= -2
    expect match for "proxy saw" score >= 8
    expect match for "told by csms.heartbeat_timeout" score <= 0
    expect match for "read deadline" score <= 0
    expect match for "link cellular" score <= 4
    expect match for "link cellular, proxy saw" score >= 8
    expect match for "csms.start before" score <= 2
    expect match for "csms.start after" score <= 2
    expect match for "station restarted" score <= 2
    expect match for "modem.ip_change" score <= 1
  }
  test "the next connection took its place" {
    typical lost silence_s=60.3 silence_same=1 drops=6 station_saw=false proxy_saw=true
    at 0s lost station="plain"
    at 0s lost station="nothing tells" overlapped=true
    at 0s lost station="the next one tells" overlapped=true told_by="ws.open"
    at 0s lost station="it was told" overlapped=true told_by="ws.close"
    at 0s lost station="the station tells" overlapped=true station_saw=true
    expect match for "plain" score >= 6
    expect match for "nothing tells" score <= 1
    expect match for "the next one tells" score <= 1
    expect match for "it was told" score >= 6
    expect match for "the station tells" score >= 6
  }
  test "an odd limit, seen from the station only" {
    every 3m from 0s to 12m lost silence_s=137 drops=5 silence_same=0.8 csms_saw=false csms_covered=false
    expect match 5 times
    expect match score >= 4
  }
  test "what counts for and against it, once more" {
    at 0s lost station="survived 4" silence_s=60.3 silence_same=1 survived=4 drops=6
    expect match for "survived 4" score <= 0
  }
}
