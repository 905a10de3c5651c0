# Trouble of the application while the connection lives: CALLs without the answer they need.

signature deaf-downlink {
  title    "{bad} CALLs of the CSMS got no answer while {opposite_calls} CALLs of the station arrived"
  cause    deaf-downlink
  severity high
  status   stable
  owner    station
  explains application_trouble
  needs    csms, station?
  match    trouble where direction = "to_station" and unanswered_share >= 0.8 and opposite_calls >= 3
  base     6
  support  1 "no pong came meanwhile either" if pongs = 0
  against  2 "{pongs} pongs came meanwhile: frames do reach the station" if pongs >= 3
  ruled_out "the CSMS's CALLs were answered, or the station fell silent as well"
  first_check "Does the station's log show the CSMS's CALLs? If not, the way down is dead: proxy buffering, half-open tunnel, modem"
  fix      "Let the CSMS close the connection after two CALLs in a row without an answer, so that the station comes back"
  fix      "Set WebSocketPingInterval at the station, so that it notices that nothing arrives"
  rivals   phantom-connection, call-timeout-storm, carrier-nat-expiry, invalid-response-rejected
  reference "OCPP-J 1.6 section 4.1.1 (one CALL at a time, time-out); RFC 9293 section 3.6 (half-closed connections)"

  test "commands in vain, heartbeats on time" {
    at 0s trouble direction="to_station" bad=12 calls=12 unanswered_share=1 opposite_calls=40
    expect match score >= 7
  }
  test "the station answers pings" {
    at 0s trouble direction="to_station" bad=5 calls=6 unanswered_share=0.83 opposite_calls=9 pongs=30
    expect match score <= 4
  }
  test "nothing comes up either, commands are answered in part, the station's own CALLs, errors" {
    at 0s trouble direction="to_station" unanswered_share=1 opposite_calls=1
    at 1h trouble direction="to_station" unanswered_share=0.5 opposite_calls=40
    at 2h trouble direction="to_csms" unanswered_share=1 opposite_calls=5
    at 3h trouble direction="to_station" error_share=1 error_code="InternalError" opposite_calls=40
    expect no match
  }
  test "the station's own requests go on, each with its answer" {
    at 0s trouble direction="to_station" call_action="RemoteStartTransaction" bad=4 calls=4 unanswered_share=1 opposite_calls=3 told=4
    expect match score >= 7
  }
}

signature deaf-downlink-answers-lost {
  title    "The CSMS answers {bad} CALLs of the station, and the answers do not arrive"
  cause    deaf-downlink
  severity high
  status   stable
  owner    station
  explains application_trouble
  needs    csms, station
  match    trouble where direction = "to_csms" and unanswered_share >= 0.8 and answers_lost_share >= 0.8
  base     8
  ruled_out "the answers that the CSMS wrote reached the station"
  first_check "What lies between CSMS and station and may hold frames back: proxy, load balancer, modem"
  fix      "Set WebSocketPingInterval at the station, so that it notices that nothing arrives and reconnects"
  rivals   phantom-connection, call-timeout-storm
  reference "OCPP-J 1.6 section 4.2.2 (CALLRESULT)"

  test "written there, missing here" {
    at 0s trouble unanswered_share=1 answers_lost_share=1 call_action="Heartbeat" bad=9 calls=9
    expect match score >= 8
  }
  test "never written, written late, or of the other direction" {
    at 0s trouble unanswered_share=1 answers_lost_share=0
    at 1h trouble unanswered_share=0.3 answers_lost_share=1 late_share=0.6
    at 2h trouble direction="to_station" unanswered_share=1 answers_lost_share=1
    expect no match
  }
  test "most of them, and the station says so" {
    at 0s trouble unanswered_share=0.85 answers_lost_share=0.9 call_action="StatusNotification" bad=17 calls=20 told=15
    expect match score >= 8
  }
}

signature deaf-downlink-reconnect {
  title    "{deaf_calls} CALLs of the CSMS got no answer until the station came back, though it was heard all the time"
  cause    deaf-downlink
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms, station?
  match    lost where deaf_calls >= 2 and deaf_share >= 0.8 and not orderly
  base     7
  support  2 "the CSMS heard the station {csms_heard_s} before the end" if csms_heard_s <= 60
  against  5 "the modem got a new address" if modem.ip_change within 5m around
  against  5 "the station restarted" if station_restarted
  against  5 "the CSMS restarted" if csms.start within 5m after or csms.start within 2s before
  ruled_out "the CSMS's CALLs on that connection were answered, or it heard nothing of the station after them"
  first_check "Does the station's log show the CSMS's CALLs of the minutes before the end?"
  fix      "Let the CSMS close the connection after two CALLs in a row without an answer"
  fix      "Set WebSocketPingInterval at the station, so that it notices that nothing arrives"
  rivals   carrier-nat-expiry, ws-ping-timeout, heartbeat-timeout
  reference "OCPP-J 1.6 section 4.1.1; RFC 6455 section 5.5.2"

  test "heartbeats to the end, commands in vain" {
    at 0s lost deaf_calls=4 deaf_share=1 csms_heard_s=12
    expect match score >= 9
  }
  test "found by a ping time-out" {
    at 0s lost deaf_calls=2 deaf_share=0.9 code=1011 initiator="csms" ping_timeout=true csms_heard_s=95
    expect match score >= 7
  }
  test "the quiet mapping was forgotten: nothing came up either" {
    at 0s lost csms_idle_s=60 idle_s=60 csms_found_late=true
    expect no match
  }
  test "one command in vain, most were answered, a reset was ordered" {
    at 0s lost deaf_calls=1 deaf_share=1
    at 1h lost deaf_calls=3 deaf_share=0.4
    at 2h lost deaf_calls=3 deaf_share=1 orderly=true
    expect no match
  }
  test "there is a reason for both ends" {
    at 0s lost station="moved" deaf_calls=2 deaf_share=1 csms_heard_s=90
    at -10s modem.ip_change station="moved"
    at 1h lost station="restarted" deaf_calls=2 deaf_share=1 csms_heard_s=90 station_restarted=true
    at 2h lost station="before-start" deaf_calls=2 deaf_share=1 csms_heard_s=90
    at 2h csms.start
    at 3h csms.start
    at 10801s lost station="after-start" deaf_calls=2 deaf_share=1 csms_heard_s=90
    expect match for "moved" score <= 2
    expect match for "restarted" score <= 2
    expect match for "before-start" score <= 2
    expect match for "after-start" score <= 2
  }
}

signature phantom-connection {
  title    "{bad} of {calls} CALLs got no answer although the connection lived"
  cause    phantom-connection
  severity high
  status   stable
  owner    csms
  explains application_trouble
  needs    csms?, station?
  match    trouble where unanswered_share >= 0.8 and answers_lost_share < 0.8 and (direction = "to_csms" or (opposite_calls = 0 and pongs >= 2))
  base     5
  support  2 "{pongs} pongs came meanwhile: the WebSocket itself is well" if pongs >= 2
  support  1 "a log says of {told} CALLs that they timed out" if told >= 2
  against  3 "one message was sent {resent} times, while others got through" if resent >= 4 and bad_share < 0.9
  ruled_out "CALLs were answered while the connection lived"
  first_check "The side that does not answer: is its OCPP process stuck (thread dump, queue length, database), while the WebSocket layer still answers pings?"
  fix      "Watch the application, not the socket: a health check that sends a Heartbeat and expects its answer"
  fix      "Let the station reconnect, and then restart, after several CALLs without an answer"
  rivals   deaf-downlink, call-timeout-storm, transaction-queue-blocked, carrier-nat-expiry
  reference "OCPP-J 1.6 section 4.1.1; RFC 6455 section 5.5.3 (pongs come from the WebSocket layer)"

  test "pongs come, answers do not" {
    at 0s trouble call_action="Heartbeat" bad=20 calls=20 unanswered_share=1 pongs=60
    expect match score >= 7
  }
  test "the station's application hangs and sends nothing of its own" {
    at 0s trouble direction="to_station" call_action="GetConfiguration" unanswered_share=1 pongs=20
    expect match score >= 7
  }
  test "the caller says that it waited in vain" {
    at 0s trouble call_action="BootNotification" unanswered_share=0.9 told=8
    expect match score >= 6
  }
  test "errors, answers that were lost on the way, a station that speaks, one that is gone" {
    at 0s trouble error_share=1 error_code="InternalError" pongs=30
    at 1h trouble unanswered_share=1 answers_lost_share=1 pongs=30
    at 2h trouble direction="to_station" unanswered_share=1 opposite_calls=30 pongs=30
    at 3h trouble direction="to_station" unanswered_share=1 opposite_calls=0 pongs=0
    at 4h trouble unanswered_share=0.5 late_share=0.5 pongs=30
    expect no match
  }
  test "one message is the trouble" {
    at 0s trouble station="poison" unanswered_share=0.8 bad_share=0.8 resent=12
    at 0s trouble station="all" unanswered_share=1 bad_share=1 resent=12
    at 0s trouble station="others" unanswered_share=0.8 bad_share=0.8 resent=2
    expect match for "poison" score <= 2
    expect match for "all" score >= 5
    expect match for "others" score >= 5
  }
}

signature call-timeout-storm {
  title    "{bad} of {calls} CALLs were answered too late or not at all"
  cause    call-timeout-storm
  severity medium
  status   stable
  owner    csms
  explains application_trouble
  needs    csms?, station?
  match    trouble where late_share + unanswered_share >= 0.5 and late_share >= 0.2 and bad >= 5
  base     5
  support  2 "the answers take {latency_s}" if latency_s >= 20
  support  1 "a log says of {told} CALLs that they timed out" if told >= 2
  ruled_out "CALLs were answered within seconds"
  first_check "Response times of the side that answers (database, queue, CPU) against the CALL time-out of the other"
  fix      "Find what is slow; do not queue CALLs whose sender has given up"
  fix      "Raise the CALL time-out above the slowest honest answer"
  rivals   phantom-connection, deaf-downlink, ws-ping-timeout
  reference "OCPP-J 1.6 section 4.1.1 (time-out of a CALL)"

  test "every answer comes half a minute later" {
    at 0s trouble call_action="Authorize" bad=30 calls=32 bad_share=0.94 late_share=0.94 latency_s=31
    expect match score >= 7
  }
  test "some late, some never, and a log that counts them" {
    at 0s trouble bad=9 calls=12 bad_share=0.75 late_share=0.25 unanswered_share=0.5 latency_s=14 told=6
    expect match score >= 6
  }
  test "no answers at all, few slow ones among many, a handful" {
    at 0s trouble bad=20 unanswered_share=1 pongs=30
    at 1h trouble bad=20 calls=100 bad_share=0.25 late_share=0.25
    at 2h trouble bad=3 calls=3 late_share=1 latency_s=30
    at 3h trouble bad=20 unanswered_share=0.7 late_share=0.1
    expect no match
  }
}

signature invalid-response-rejected {
  title    "{bad} messages ({call_action}) were rejected with {error_code}: what they say is lost"
  cause    invalid-response-rejected
  severity medium
  status   stable
  owner    station
  explains application_trouble
  needs    csms?, station?
  match    trouble where error_code in ("FormationViolation", "FormatViolation", "PropertyConstraintViolation", "OccurenceConstraintViolation", "OccurrenceConstraintViolation", "TypeConstraintViolation", "ProtocolError", "RpcFrameworkError") and error_share >= 0.5 * bad_share
  base     6
  support  1 "no {call_action} gets through" if action_share >= 0.9
  against  3 "it is one message, sent {resent} times" if resent >= 4 and call_action in ("StartTransaction", "StopTransaction", "TransactionEvent", "MeterValues")
  ruled_out "no messages were rejected for their form"
  first_check "One rejected payload against the JSON schema of its OCPP version: field names, enum values, lengths, time stamps"
  fix      "Correct the firmware's payload; until then relax the validation for this model"
  rivals   transaction-queue-blocked, boot-not-accepted, protocol-violation
  reference "OCPP-J 1.6 section 4.2.3 (CALLERROR codes); OCPP 2.0.1 Part 4 section 4.3"

  test "status notifications with an unknown enum" {
    at 0s trouble error_share=1 error_code="PropertyConstraintViolation" bad=14 calls=14
    expect match score >= 7
  }
  test "half of the configuration answers" {
    at 0s trouble direction="to_station" call_action="GetConfiguration" error_share=0.6 bad_share=0.6 action_share=0.6 error_code="FormationViolation"
    expect match score >= 6
    expect match score <= 6
  }
  test "an internal error, an odd one among CALLs without answers" {
    at 0s trouble error_share=1 error_code="InternalError"
    at 1h trouble error_share=0.1 unanswered_share=0.9 error_code="FormationViolation"
    at 2h trouble unanswered_share=1
    expect no match
  }
  test "a poison message is the better name" {
    at 0s trouble station="poison" call_action="StopTransaction" error_share=1 error_code="FormationViolation" resent=20
    at 0s trouble station="status" call_action="StatusNotification" error_share=1 error_code="FormationViolation" resent=20
    at 0s trouble station="various" call_action="StopTransaction" error_share=1 error_code="FormationViolation" resent=2
    expect match for "poison" score <= 4
    expect match for "status" score >= 7
    expect match for "various" score >= 7
  }
}

signature transaction-queue-blocked {
  title    "One {call_action} was sent {resent} times in vain; what waits behind it is not delivered"
  cause    transaction-queue-blocked
  severity medium
  status   stable
  owner    station
  explains application_trouble
  needs    csms?, station?
  match    trouble where direction = "to_csms" and resent >= 4 and call_action in ("StartTransaction", "StopTransaction", "TransactionEvent", "MeterValues")
  base     6
  support  2 "it is answered with {error_code} each time" if error_share >= 0.3
  against  4 "nothing else was answered either" if unanswered_share >= 0.9
  ruled_out "no transaction message was repeated in vain"
  first_check "The repeated payload: transaction id, connector, idTag or time stamp that the CSMS does not accept, and its answer"
  fix      "Accept the message at the CSMS (or answer with a result) so that the queue moves on; the station has to give up after TransactionMessageAttempts"
  rivals   invalid-response-rejected, phantom-connection, call-timeout-storm
  reference "OCPP 1.6 section 3.7 and TransactionMessageAttempts (section 9.1.29); OCPP 2.0.1 E13"

  test "a stop without its start" {
    at 0s trouble call_action="StopTransaction" bad=40 calls=90 bad_share=0.44 error_share=0.44 error_code="InternalError" resent=40
    expect match score >= 8
  }
  test "never answered, while heartbeats are" {
    at 0s trouble call_action="TransactionEvent" bad=12 calls=60 bad_share=0.2 unanswered_share=0.2 resent=12
    expect match score >= 6
  }
  test "three attempts, different messages, another action, commands of the CSMS" {
    at 0s trouble call_action="StopTransaction" error_share=1 error_code="InternalError" resent=3
    at 1h trouble call_action="StopTransaction" error_share=1 error_code="InternalError" resent=1 bad=30
    at 2h trouble call_action="StatusNotification" error_share=1 error_code="FormationViolation" resent=30
    at 3h trouble direction="to_station" call_action="MeterValues" unanswered_share=1 resent=9
    expect no match
  }
  test "the CSMS answers nothing at all" {
    at 0s trouble call_action="StopTransaction" unanswered_share=1 resent=9
    expect match score <= 2
  }
}

signature boot-not-accepted {
  title    "The CSMS answered {boots} BootNotifications with {boot_status} and accepted none"
  cause    boot-not-accepted
  severity high
  status   stable
  owner    operator
  explains application_trouble
  needs    csms?, station?
  match    trouble where boots >= 3 and not boot_accepted
  base     8
  variant  rejected if boot_status = "Rejected"
  variant  pending if boot_status = "Pending"
  ruled_out "the BootNotifications were accepted"
  first_check "The station's record in the CSMS: registered, enabled, in the right tenant, model and serial number as sent?"
  fix      "Register or enable the station in the CSMS; on Pending, finish what the CSMS waits for (configuration, certificate)"
  rivals   authentication-rejected, unknown-station, station-boot-loop, invalid-response-rejected
  reference "OCPP 1.6 section 4.2 BootNotification; OCPP 2.0.1 B02, B03"

  test "rejected every five minutes" {
    at 0s trouble call_action="BootNotification" boots=15 bad=15 boot_status="Rejected"
    expect match variant rejected
  }
  test "pending for ever" {
    at 0s trouble call_action="BootNotification" boots=4 bad=4 boot_status="Pending"
    expect match variant pending
  }
  test "accepted in the end, or not answered at all" {
    at 0s trouble call_action="BootNotification" boots=3 bad=3 boot_status="Pending" boot_accepted=true
    at 1h trouble call_action="BootNotification" unanswered_share=1
    at 2h trouble call_action="BootNotification" boots=1 bad=9 unanswered_share=0.9 boot_status="Pending"
    expect no match
  }
}
