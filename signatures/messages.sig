# Connections that end for what is sent on them.

signature message-too-big {
  title    "A message larger than the other side allows ended the connection (1009)"
  cause    message-too-big
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where code = 1009
  base     8
  ruled_out "no close frame says 1009"
  first_check "The last message before the close and its size, against the limits of CSMS, proxy and station"
  fix      "Raise the message limit of the receiving side, or send smaller messages (fewer configuration keys or meter values at once)"
  rivals   protocol-violation, csms-crash
  reference "RFC 6455 section 7.4.1 (1009)"

  test "1009" {
    every 5m from 0s to 15m lost code=1009 initiator="csms"
    expect match 4 times
  }
  test "1006" {
    at 0s lost code=1006
    expect no match
  }
  test "the station is the one that cannot take it" {
    at 0s lost code=1009 initiator="station" reason="message too big"
    expect match
  }
  test "other codes" {
    at 0s lost code=1007 initiator="csms"
    at 1h lost code=1002 initiator="csms" reason="frame too long"
    expect no match
  }
}

signature protocol-violation {
  title    "One side breaks the WebSocket protocol ({code})"
  cause    protocol-violation
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where code in (1002, 1003, 1007) and (reason is unknown or not reason matches "(?i)sub-?protocol|restart|shut|going|deploy")
  base     7
  support  1 "it happened {drops} times" if drops >= 3
  against  5 "one side says that the subprotocol does not suit it" if ws.error where reject_reason = "subprotocol" within 5s around or csms.rejected where reject_reason = "subprotocol" within 5s around
  ruled_out "no close frame says 1002, 1003 or 1007"
  first_check "The last frame before the close: compression (RSV bits), masking, bytes that are not UTF-8"
  fix      "Switch permessage-deflate off on that endpoint, or update the firmware"
  rivals   subprotocol-mismatch, message-too-big
  reference "RFC 6455 sections 5.2 and 7.4.1"

  test "protocol error" {
    at 0s lost code=1002 initiator="csms"
    expect match
  }
  test "no common subprotocol" {
    at 0s lost code=1002 initiator="csms" reason="invalid or unsupported subprotocol"
    expect no match
  }
  test "without any one of its conditions" {
    at 0s lost initiator="csms"
    expect no match
  }
  test "each way to tell it" {
    at 0s lost code=1002 reason="bye" initiator="csms"
    expect match
  }
  test "what counts for and against it" {
    at 0s lost station="drops 4" code=1002 initiator="csms" drops=4
    at 0s lost station="station" code=1002 initiator="csms"
    at 1s ws.error station="station" reject_reason="subprotocol"
    at 0s lost station="csms" code=1002 initiator="csms"
    at 1s csms.rejected station="csms" reject_reason="subprotocol"
    at 0s lost station="other trouble" code=1002 initiator="csms"
    at 1s ws.error station="other trouble" reject_reason="upgrade"
    at 0s lost station="other refusal" code=1002 initiator="csms"
    at 1s csms.rejected station="other refusal" reject_reason="unknown-station"
    expect match for "drops 4" score >= 8
    expect match for "station" score <= 2
    expect match for "csms" score <= 2
    expect match for "other trouble" score >= 7
    expect match for "other refusal" score >= 7
  }
}

signature subprotocol-mismatch-close {
  title    "The connection is closed at once: no common OCPP subprotocol"
  cause    subprotocol-mismatch
  severity high
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  match    lost where reason matches "(?i)sub-?protocol|(?:offered|common|supported) protocol"
  base     10
  ruled_out "no connection was closed for its subprotocol"
  first_check "Sec-WebSocket-Protocol of the request (ocpp1.6, ocpp2.0.1) against what the CSMS's endpoint offers"
  fix      "Point the station at the endpoint of its OCPP version, or enable that version in the CSMS"
  rivals   protocol-violation, unknown-station
  reference "RFC 6455 section 1.9; OCPP-J 1.6 section 3.2"

  test "closed with 1002" {
    at 0s lost code=1002 initiator="csms" reason="invalid or unsupported subprotocol" age_s=0.1
    expect match
  }
  test "an ordinary 1002" {
    at 0s lost code=1002 initiator="csms" reason="reserved bits set"
    expect no match
  }
  test "closed by the station, in other words" {
    at 0s lost code=1010 initiator="station" reason="Sub-Protocol not offered" age_s=0.2
    expect match
  }
  test "other reasons" {
    at 0s lost code=1008 initiator="csms" reason="policy violation"
    at 1h lost
    expect no match
  }
}

signature subprotocol-mismatch-refused {
  title    "A connection that is open is given up at once: no common OCPP subprotocol"
  cause    subprotocol-mismatch
  severity high
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  match    lost where age_s <= 5
  base     0
  support  9 "one side says that the subprotocol does not suit it" if ws.error where reject_reason = "subprotocol" within 5s around or csms.rejected where reject_reason = "subprotocol" within 5s around
  ruled_out "no connection was given up for its subprotocol"
  first_check "Sec-WebSocket-Protocol of the CSMS's answer (101) against what the station asked for"
  fix      "Point the station at the endpoint of its OCPP version, or enable that version in the CSMS"
  rivals   protocol-violation, unknown-station
  reference "RFC 6455 section 4.1 (a client fails the connection when the server's subprotocol is not one it asked for)"

  test "the server names none" {
    at 0s lost age_s=0.3
    at 1s ws.error reject_reason="subprotocol"
    expect match score >= 9
  }
  test "the station says so first" {
    at 0s ws.error reject_reason="subprotocol"
    at 1s lost age_s=0.3
    expect match score >= 9
  }
  test "the CSMS opens first and looks then" {
    at 0s csms.rejected reject_reason="subprotocol"
    at 1s lost age_s=0.3 code=1002 initiator="csms"
    expect match score >= 9
  }
  test "it fails in another way" {
    at 0s lost station="fails" age_s=0.3
    at 1s ws.error station="fails" reject_reason="upgrade"
    at 0s lost station="rejected" age_s=0.3
    at 1s csms.rejected station="rejected" reject_reason="unknown-station"
    expect match for "fails" score <= 0
    expect match for "rejected" score <= 0
  }
  test "much later" {
    at 0s lost age_s=0.3
    at 1m ws.error reject_reason="subprotocol"
    at 2m csms.rejected reject_reason="subprotocol"
    expect match score <= 0
  }
  test "the connection had lived" {
    at 0s lost age_s=600
    at 1s ws.error reject_reason="subprotocol"
    expect no match
  }
}
