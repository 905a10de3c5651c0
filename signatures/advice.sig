# Advice: settings and behaviour that make trouble likely or worse. No incident needs it.

signature heartbeat-too-slow-for-cellular {
  title    "Heartbeats every {interval_s} leave cellular connections quiet for longer than a carrier's NAT remembers"
  advice   heartbeat-too-slow-for-cellular
  severity low
  status   stable
  owner    operator
  match    keepalive where interval_s > 60 and (ping_s is unknown or ping_s > 60)
  given    link = "cellular"
  base     3
  support  1 "{lost_quiet} connections were lost in a quiet of more than a minute" if lost_quiet >= 1
  against  3 "connections outlived a quiet of {survived_s}" if survived_s >= 0.9 * interval_s and lost_quiet = 0
  ruled_out "no cellular station is left quiet for longer than a minute"
  first_check "HeartbeatInterval and WebSocketPingInterval of cellular stations (GetConfiguration)"
  fix      "Set HeartbeatInterval or WebSocketPingInterval to 60 s or less on cellular links"
  reference "RFC 5382 section 5 (idle timeouts of NATs); OCPP 1.6 section 9.1 HeartbeatInterval, WebSocketPingInterval"

  test "every five minutes" {
    given link="cellular"
    at 0s keepalive interval_s=300
    expect match score >= 3
  }
  test "quiet connections were lost" {
    given link="cellular"
    at 0s keepalive interval_s=300 lost_quiet=4 survived_s=290
    expect match score >= 4
  }
  test "a wired station" {
    given link="wired"
    at 0s keepalive interval_s=300 lost_quiet=4
    expect no match
  }
  test "often enough" {
    given link="cellular"
    at 0s keepalive interval_s=60 lost_quiet=4
    expect no match
  }
  test "pings keep it alive" {
    given link="cellular"
    at 0s keepalive interval_s=300 ping_s=20 lost_quiet=4
    expect no match
  }
  test "pings are slow as well" {
    given link="cellular"
    at 0s keepalive interval_s=300 ping_s=120 lost_quiet=4
    expect match
  }
  test "this carrier keeps quiet connections" {
    given link="cellular"
    at 0s keepalive interval_s=300 survived_s=299
    expect match score <= 0
  }
  test "it outlived shorter stretches only" {
    given link="cellular"
    at 0s keepalive interval_s=300 survived_s=90
    expect match score >= 3
  }
}

signature ping-too-aggressive-for-cellular {
  title    "Pings every {ping_interval_s} leave a cellular link too little time to answer"
  advice   ping-too-aggressive-for-cellular
  severity medium
  status   stable
  owner    csms
  match    lost where ping_interval_s < 30 and not csms_found_late and not path_dead and ((ping_timeout and csms_waited_s < 10) or (code = 1006 and rtt_s is known and pings_missed between 1.05 and 3.2 and csms_heard_s < 15))
  given    link = "cellular"
  base     3
  support  1 "round trips take {rtt_s}" if rtt_s >= 0.3
  support  1 "it ended {drops} connections" if drops >= 3
  ruled_out "no connection of a cellular station ended on a tight ping timeout"
  first_check "The CSMS's ping interval and timeout, and the round trip of the link"
  fix      "Ping every 30 s or more and wait 10 s or more for the pong on cellular links"
  reference "RFC 6455 section 5.5.2 Ping; python websockets keepalive; OCPP 1.6 WebSocketPingInterval"

  test "five and three seconds" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 code=1011 initiator="csms"
    expect match score >= 3
    expect match score <= 3
  }
  test "slow pongs show it, again and again" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=10 csms_waited_s=5 rtt_s=0.6 drops=4
    expect match score >= 5
  }
  test "fast pongs until then" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=10 csms_waited_s=5 rtt_s=0.1 drops=4
    expect match score <= 4
  }
  test "terminated at the second ping without an answer" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=2 csms_heard_s=10 rtt_s=0.2
    expect match
  }
  test "a close frame right after a pong" {
    given link="cellular"
    at 0s lost code=1001 initiator="csms" ping_interval_s=5 pings_missed=2 csms_heard_s=10 rtt_s=0.2
    expect no match
  }
  test "no round trip is known" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=2 csms_heard_s=10
    expect no match
  }
  test "an ordinary drop between two pings" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=0.5 csms_heard_s=2.5 rtt_s=0.2
    expect no match
  }
  test "the pings went on for longer" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=5 pings_missed=9 csms_heard_s=14 rtt_s=0.2
    expect no match
  }
  test "two pings of twenty seconds are patient" {
    given link="cellular"
    at 0s lost code=1006 ping_interval_s=20 pings_missed=2 csms_heard_s=40 rtt_s=0.2
    expect no match
  }
  test "a wired link" {
    given link="wired"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3
    expect no match
  }
  test "time enough to answer" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=20 csms_waited_s=20 code=1011
    expect no match
  }
  test "seldom enough" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=60 csms_waited_s=5
    expect no match
  }
  test "no ping was missed" {
    given link="cellular"
    at 0s lost ping_interval_s=5 csms_waited_s=3
    expect no match
  }
  test "the station had gone before" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 csms_found_late=true
    expect no match
  }
  test "neither side heard the other" {
    given link="cellular"
    at 0s lost ping_timeout=true ping_interval_s=5 csms_waited_s=3 path_dead=true
    expect no match
  }
}

signature csms-counts-only-heartbeat {
  title    "The CSMS gives stations up {csms_heard_s} after a message that it does not count"
  advice   csms-counts-only-heartbeat
  severity medium
  status   stable
  owner    csms
  match    lost where csms_saw and not csms_found_late and (told_by = "csms.heartbeat_timeout" or (initiator = "csms" and reason matches "(?i)heart ?-?beat"))
  base     0
  support  3 "a message came {csms_heard_s} before, well within the heartbeat interval of {heartbeat_interval_s}" if csms_heard_s < 0.5 * heartbeat_interval_s
  support  1 "it gave the station up {drops} times" if drops >= 2
  ruled_out "the CSMS gave no station up while messages were coming in"
  first_check "Which messages reset the dead-time counter of the CSMS"
  fix      "Let every message of a station count as a sign of life"
  reference "OCPP 1.6 section 4.6 Heartbeat; OCPP 2.0.1 G02.FR.04"

  test "MeterValues a moment before" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8
    expect match score >= 3
  }
  test "told by the close reason, again and again" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="csms" reason="Heartbeat timeout" csms_heard_s=8 drops=3
    expect match score >= 4
  }
  test "the station reads its own close reason" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="station" reason="Heartbeat timeout" csms_heard_s=8
    expect no match
  }
  test "nothing came for the whole dead time" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=600 drops=3
    expect match score <= 1
  }
  test "the CSMS closed for another reason" {
    given heartbeat_interval_s=300
    at 0s lost told_by="ws.close" initiator="csms" reason="restart" csms_heard_s=8
    expect no match
  }
  test "the station's log shows messages that never arrived" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8 csms_found_late=true
    expect no match
  }
  test "no log of the CSMS tells what arrived" {
    given heartbeat_interval_s=300
    at 0s lost told_by="csms.heartbeat_timeout" csms_heard_s=8 csms_saw=false
    expect no match
  }
}

signature boot-on-reconnect {
  title    "Stations send BootNotification after a mere reconnect"
  advice   boot-on-reconnect
  severity low
  status   stable
  owner    station
  match    lost where boot_proof is known and booted_next and not reset_ordered and not firmware_changed
  base     3
  support  1 "the station's own log goes on without a restart" if boot_proof = "station-log"
  against  3 "the CSMS asked for it" if ocpp.call where ocpp_action = "TriggerMessage" and direction = "to_station" within 90s after
  ruled_out "no station is proved to boot without a restart"
  first_check "Whether the firmware tells a reconnect from a restart"
  fix      "Send BootNotification only after a restart or when its content has changed"
  reference "OCPP-J 1.6 section 5.4 (reconnecting); OCPP 2.0.1 B01"

  test "its log shows no restart" {
    at 0s lost booted_next=true boot_proof="station-log"
    expect match score >= 4
  }
  test "its message ids go on counting" {
    at 0s lost booted_next=true boot_proof="message-ids"
    expect match score >= 3
    expect match score <= 3
  }
  test "nothing tells whether it restarted" {
    at 0s lost booted_next=true
    expect no match
  }
  test "no BootNotification followed" {
    at 0s lost boot_proof="station-log"
    expect no match
  }
  test "after a Reset" {
    at 0s lost booted_next=true boot_proof="message-ids" reset_ordered=true
    expect no match
  }
  test "with something new to tell" {
    at 0s lost booted_next=true boot_proof="station-log" firmware_changed=true
    expect no match
  }
  test "the CSMS triggered it" {
    at 0s lost booted_next=true boot_proof="station-log"
    at 8s ocpp.call ocpp_action="TriggerMessage" direction="to_station" kind="csms"
    expect match score <= 1
  }
  test "the CSMS asked for something else" {
    at 0s lost booted_next=true boot_proof="station-log"
    at 8s ocpp.call ocpp_action="GetConfiguration" direction="to_station" kind="csms"
    expect match score >= 4
  }
  test "it is the station that sends" {
    at 0s lost booted_next=true boot_proof="station-log"
    at 8s ocpp.call ocpp_action="TriggerMessage" direction="to_csms" kind="csms"
    expect match score >= 4
  }
}

signature no-reconnect-backoff {
  title    "Stations retry every {typical_s}, without back-off"
  advice   no-reconnect-backoff
  severity medium
  status   stable
  owner    station
  match    reconnect where law = "constant" and typical_s < 60 and longest_run >= 5
  base     3
  support  1 "up to {longest_run} retries in a row" if longest_run >= 10
  support  1 "the attempts were refused in a storm" if wave where rejected_share >= 0.3 within 30m around
  ruled_out "no station retries at a constant short delay"
  first_check "Reconnect settings of the firmware (RetryBackOffWaitMinimum, RetryBackOffRepeatTimes in OCPP 2.0.1)"
  fix      "Start at 1 to 5 s, double after each failure, stop rising at 5 to 10 min"
  reference "OCPP-J 1.6 errata 3.4; OCPP 2.0.1 Part 4 section 5.3 (reconnecting)"

  test "every ten seconds" {
    at 0s reconnect law="constant" typical_s=10 longest_run=5
    expect match score >= 3
    expect match score <= 3
  }
  test "for a long time" {
    at 0s reconnect law="constant" typical_s=10 longest_run=40
    expect match score >= 4
  }
  test "in a storm" {
    at 0s reconnect law="constant" typical_s=10 longest_run=5
    at 60s wave rejected_share=0.8
    expect match score >= 4
  }
  test "in a wave that got in" {
    at 0s reconnect law="constant" typical_s=10 longest_run=5
    at 60s wave rejected_share=0.1
    expect match score <= 3
  }
  test "doubling" {
    at 0s reconnect law="exponential" typical_s=16 growth=2 longest_run=8
    expect no match
  }
  test "at long intervals" {
    at 0s reconnect law="constant" typical_s=120 longest_run=8
    expect no match
  }
  test "a few quick tries" {
    at 0s reconnect law="constant" typical_s=5 longest_run=4 retries=12
    expect no match
  }
}

signature no-reconnect-jitter {
  title    "Stations retry at the same instants: {in_step_share} of the others' attempts come together with theirs"
  advice   no-reconnect-jitter
  severity medium
  status   stable
  owner    station
  match    reconnect where in_step_share >= 0.6 and companions >= 4 and retries >= 3
  base     3
  support  1 "their delays never vary" if jitter_share < 0.05
  ruled_out "stations do not retry at the same instants"
  first_check "Whether the firmware adds chance to its reconnect delay (RetryBackOffRandomRange in OCPP 2.0.1)"
  fix      "Vary each delay by 10 to 30 % at random"
  reference "OCPP 2.0.1 Part 4 section 5.3 (RetryBackOffRandomRange)"

  test "a fleet in step" {
    at 0s reconnect in_step_share=0.95 companions=20 jitter_share=0.01
    expect match score >= 4
  }
  test "in step though the delays vary from one to the next" {
    at 0s reconnect in_step_share=0.95 companions=20 jitter_share=0.2
    expect match score <= 3
    expect match score >= 3
  }
  test "spread by chance" {
    at 0s reconnect in_step_share=0.25 companions=20 jitter_share=0.2
    expect no match
  }
  test "one other station" {
    at 0s reconnect in_step_share=1 companions=1 jitter_share=0.01
    expect no match
  }
  test "once" {
    at 0s reconnect in_step_share=1 companions=20 retries=2
    expect no match
  }
}

signature queued-messages-lost {
  title    "Transaction messages of offline stretches never arrived"
  advice   queued-messages-lost
  severity high
  status   stable
  owner    station
  match    queued where not delivered
  base     3
  support  1 "sequence numbers are missing" if shown_by = "sequence"
  support  1 "other messages of the station did come, late" if queued where delivered within 2d around
  ruled_out "no transaction message went missing over a reconnect"
  first_check "Whether the firmware keeps StartTransaction, StopTransaction and MeterValues over a loss of connection, and the billing of the transactions shown"
  fix      "Keep transaction messages in memory that survives a restart and send them in order after the reconnect"
  reference "OCPP 1.6 sections 3.5 and 3.7; OCPP 2.0.1 E04, E13"

  test "a gap in the sequence numbers" {
    at 0s queued shown_by="sequence" missing=3
    expect match score >= 4
  }
  test "a transaction that was never stopped" {
    at 0s queued shown_by="unclosed"
    expect match score <= 3
    expect match score >= 3
  }
  test "others came" {
    at 0s queued shown_by="unclosed"
    at 1h queued delivered=true shown_by="time-stamp" late_s=600
    expect match at 0s score >= 4
    expect match 1 times
  }
  test "two went missing" {
    at 0s queued shown_by="unclosed"
    at 1h queued shown_by="unclosed"
    expect match score <= 3
  }
  test "everything came late" {
    at 0s queued delivered=true shown_by="time-stamp" late_s=600
    expect no match
  }
  test "others were lost as well" {
    at 0s queued shown_by="unclosed"
    at 1h queued shown_by="unclosed"
    expect match score >= 3
    expect match 2 times
    expect match score <= 3 2 times
  }
}

signature busy-hour-drops {
  title    "Drops of cellular stations cluster at {busy_time}: {busy_share} of them, {usual_share} would be even"
  advice   busy-hour-drops
  severity low
  status   stable
  owner    carrier
  match    busy where sigmas >= 5 and busy_share >= 0.4 and bad_hours >= 15 and days >= 3
  base     3
  support  1 "on {days} days" if days >= 5
  ruled_out "drops of cellular stations are spread over the day"
  first_check "Load of the radio cells at these hours (carrier), and signal and access technology in the modem log"
  fix      "Ask the carrier for the load of the cells; another operator or an antenna outside may help"
  reference "3GPP TS 32.450 (accessibility and retainability of E-UTRAN)"

  test "every evening" {
    at 0s busy sigmas=9 busy_share=0.6 bad_hours=40 days=6
    expect match score >= 4
  }
  test "three evenings" {
    at 0s busy sigmas=9 busy_share=0.6 bad_hours=40 days=3
    expect match score <= 3
    expect match score >= 3
  }
  test "spread over the day" {
    at 0s busy sigmas=1.5 busy_share=0.45 bad_hours=40 days=6
    expect no match
  }
  test "a slight excess of many drops" {
    at 0s busy sigmas=6 busy_share=0.2 bad_hours=900 days=20
    expect no match
  }
  test "too few to tell" {
    at 0s busy sigmas=5.5 busy_share=1 bad_hours=8 days=4
    expect no match
  }
  test "one bad evening" {
    at 0s busy sigmas=9 busy_share=0.9 bad_hours=30 days=1
    expect no match
  }
}
