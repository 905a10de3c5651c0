# Restarts with a reason: the clock, a new firmware, a command of the CSMS.

signature scheduled-reboot {
  title    "The station restarts at the same time of day: on {restart_days} days"
  cause    scheduled-reboot
  severity low
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where (station_restarted or booted_next) and not reset_ordered and boot_proof is unknown and restart_days >= 3 and restart_same >= 0.3 and restarts_around < 3
  base     8
  support  2 "nearly all of its restarts come at that time" if restart_same >= 0.8
  support  1 "the boot reason says so" if booted where reason in ("ScheduledReset", "LocalReset") within 1h after
  support  1 "it was back within {down_s}" if down_s <= 300
  against  5 "it came back from another address: the site's line was dialled anew" if address_changed
  against  5 "the CSMS restarted at that time" if csms.start within 5m after or csms.stop within 5m before
  ruled_out "the station does not restart at a fixed time of day"
  first_check "Scheduled restart in the station's settings or firmware (nightly maintenance), or a time switch in its supply"
  fix      "Move the restart to a quiet hour, spread it over the fleet, or switch it off once the firmware no longer needs it"
  rivals   station-power-loss, station-boot-loop, csms-restart, connection-age-limit
  reference "OCPP 2.0.1 BootReasonEnumType (ScheduledReset)"

  test "every night" {
    every 1d from 0s to 4d lost station_restarted=true restart_days=5 restart_same=1 restarts_around=1 down_s=90
    expect match 5 times
    expect match score >= 11
    expect match score <= 11
  }
  test "known by its BootNotification alone, among other restarts, slow, with a reason" {
    at 0s lost booted_next=true restart_days=3 restart_same=0.4 restarts_around=1 down_s=900
    at 16m booted reason="ScheduledReset"
    expect match score >= 9
    expect match score <= 9
  }
  test "another reason" {
    at 0s lost booted_next=true restart_days=3 restart_same=0.4 restarts_around=1 down_s=900
    at 16m booted reason="PowerUp"
    expect match score <= 8
  }
  test "the line is dialled anew every night" {
    at 0s lost booted_next=true restart_days=5 restart_same=1 address_changed=true down_s=90
    expect match score <= 6
  }
  test "its log shows that it did not restart" {
    at 0s lost booted_next=true boot_proof="station-log" restart_days=5 restart_same=1
    expect no match
  }
  test "the CSMS starts every night" {
    at 0s lost booted_next=true restart_days=5 restart_same=1 down_s=90
    at 30s csms.start
    expect match score <= 6
  }
  test "the CSMS stops every night" {
    at -10s csms.stop
    at 0s lost booted_next=true restart_days=5 restart_same=1 down_s=90
    expect match score <= 6
  }
  test "connections end every night, nobody restarts" {
    at 0s lost restart_days=5 restart_same=1
    expect no match
  }
  test "the CSMS orders it" {
    at 0s lost station_restarted=true reset_ordered=true restart_days=5 restart_same=1
    expect no match
  }
  test "two nights may be chance" {
    at 0s lost station_restarted=true restart_days=2 restart_same=1
    expect no match
  }
  test "it restarts at all times of day" {
    at 0s lost station_restarted=true restart_days=6 restart_same=0.05
    expect no match
  }
  test "it restarts again and again within the hour" {
    at 0s lost station_restarted=true restart_days=3 restart_same=0.5 restarts_around=7
    expect no match
  }
}

signature firmware-update {
  title    "The station came back with firmware {firmware_after} instead of {firmware_before}"
  cause    firmware-update
  severity low
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  match    lost where firmware_changed and not reset_ordered
  base     8
  support  2 "it had reported the update" if firmware.status within 1h before
  support  1 "the boot reason says so" if booted where reason = "FirmwareUpdate" within 1h after
  against  7 "two devices use the identity" if serials >= 2
  against  7 "connections from two addresses take turns" if alternates >= 0.4
  ruled_out "the firmware version did not change"
  first_check "Whether the update was planned, and how long the station was away"
  fix      "Update in quiet hours and in steps, so that no site is down as a whole"
  rivals   station-power-loss, station-boot-loop, duplicate-identity
  reference "OCPP 1.6 sections 4.5 and 6.19 (FirmwareStatusNotification, UpdateFirmware); OCPP 2.0.1 L01"

  test "told by FirmwareStatusNotification" {
    at -5m firmware.status detail="Installing"
    at 0s lost firmware_changed=true firmware_before="1.0" firmware_after="1.1" booted_next=true
    expect match score >= 10
  }
  test "another version is all that shows it" {
    at 0s lost firmware_changed=true firmware_before="1.0" firmware_after="1.1" booted_next=true
    expect match score >= 8
    expect match score <= 8
  }
  test "the boot reason of OCPP 2.0.1" {
    at 0s lost firmware_changed=true booted_next=true
    at 6m booted reason="FirmwareUpdate"
    expect match score >= 9
  }
  test "a boot for another reason" {
    at 0s lost firmware_changed=true booted_next=true
    at 6m booted reason="PowerUp"
    expect match score <= 8
  }
  test "two devices with two versions" {
    at 0s lost firmware_changed=true booted_next=true serials=2
    expect match score <= 1
  }
  test "two addresses in turn" {
    at 0s lost firmware_changed=true booted_next=true alternates=0.9
    expect match score <= 1
  }
  test "the same version" {
    at 0s lost firmware_before="1.0" firmware_after="1.0" booted_next=true
    expect no match
  }
  test "the CSMS ordered the restart" {
    at 0s lost firmware_changed=true reset_ordered=true booted_next=true
    expect no match
  }
}

signature firmware-update-told {
  title    "The station restarted while it installed a firmware update"
  cause    firmware-update
  severity low
  status   stable
  owner    operator
  explains connection_lost
  needs    csms?, station?
  event    installing = firmware.status where detail in ("Installing", "Installed", "InstallRebooting", "InstallVerificationFailed", "InstallationFailed")
  match    installing then lost where not reset_ordered and not firmware_changed and (station_restarted or booted_next) within 30m
  base     9
  against  2 "it came back with the same version" if firmware_before = firmware_after
  ruled_out "no station restarted while it installed an update"
  first_check "Whether the update was planned, and whether it succeeded (FirmwareStatusNotification afterwards)"
  fix      "Update in quiet hours; look into updates that fail"
  rivals   station-power-loss, station-boot-loop
  reference "OCPP 1.6 section 4.5 FirmwareStatusNotification; OCPP 2.0.1 L01"

  test "installing, then a restart" {
    at 0s firmware.status detail="Installing"
    at 90s lost station_restarted=true
    expect match at 90s score >= 9
  }
  test "known by the BootNotification, with the old version: it failed" {
    at 0s firmware.status detail="InstallRebooting"
    at 90s lost booted_next=true firmware_before="1.0" firmware_after="1.0"
    expect match score <= 7
    expect match score >= 7
  }
  test "a new version tells more" {
    at 0s firmware.status detail="Installing"
    at 90s lost booted_next=true firmware_changed=true
    expect no match
  }
  test "the line is lost while it downloads" {
    at 0s firmware.status detail="Downloading"
    at 90s lost station_restarted=true
    expect no match
  }
  test "the line is lost while it installs" {
    at 0s firmware.status detail="Installing"
    at 90s lost
    expect no match
  }
  test "power is lost an hour later" {
    at 0s firmware.status detail="Installed"
    at 1h lost station_restarted=true
    expect no match
  }
  test "the CSMS orders a reset afterwards" {
    at 0s firmware.status detail="Installed"
    at 90s lost station_restarted=true reset_ordered=true
    expect no match
  }
}

signature csms-induced-reboot {
  title    "{command} makes the station restart"
  cause    csms-induced-reboot
  severity high
  status   stable
  owner    csms
  explains connection_lost
  needs    csms?, station?
  match    lost where (station_restarted or booted_next) and boot_proof is unknown and not reset_ordered and command in ("ChangeConfiguration", "SetVariables", "SetNetworkProfile", "TriggerMessage", "ExtendedTriggerMessage", "InstallCertificate", "DataTransfer") and spoke_on_s <= 15 and command_restart_share >= 0.5
  base     5
  support  4 "{command_restarts} restarts came after it" if command_restarts >= 2
  support  2 "the CSMS sent it before it had accepted the boot" if early_commands >= 1
  against  5 "two devices use the identity" if serials >= 2
  against  4 "the boot reason is a watchdog or a crash" if station.boot where boot_reason matches "(?i)watchdog|wdt|panic|crash|exception|brown" within 5m after
  against  4 "a firmware update was under way" if firmware.status within 30m before
  ruled_out "no restart follows a change of configuration or a trigger of the CSMS"
  first_check "The last command before each restart (lines shown) and its answer (RebootRequired?), and why the CSMS sends it again after each boot"
  fix      "Let the CSMS send it only when the value differs, and only after the boot was accepted"
  fix      "Ask the vendor why the station restarts on it"
  rivals   station-boot-loop, command-triggered-crash, station-power-loss, duplicate-identity
  reference "OCPP 1.6 section 4.2 (nothing before the boot is accepted) and section 7.22 (RebootRequired); OCPP 2.0.1 B01 to B03, B09"

  test "the same setting after every boot" {
    every 3m from 0s to 12m lost booted_next=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=5 command_restart_share=1 restarts_around=5
    expect match 5 times
    expect match score >= 9
    expect match score <= 9
  }
  test "once, with its log" {
    at 0s lost station_restarted=true command="SetVariables" spoke_on_s=10 command_restarts=1 command_restart_share=1
    expect match score >= 5
    expect match score <= 5
  }
  test "before the boot was accepted" {
    at 0s lost booted_next=true command="TriggerMessage" spoke_on_s=1 command_restarts=1 command_restart_share=1 early_commands=2
    expect match score >= 7
  }
  test "the connection dies, the station lives" {
    at 0s lost command="ChangeConfiguration" spoke_on_s=4 command_restarts=5 command_restart_share=1
    expect no match
  }
  test "a BootNotification after a mere reconnect" {
    at 0s lost booted_next=true boot_proof="message-ids" command="ChangeConfiguration" spoke_on_s=4 command_restarts=5 command_restart_share=1
    expect no match
  }
  test "an ordered reset" {
    at 0s lost station_restarted=true reset_ordered=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=2 command_restart_share=1
    expect no match
  }
  test "another command" {
    at 0s lost station_restarted=true command="GetDiagnostics" spoke_on_s=4 command_restarts=2 command_restart_share=1
    expect no match
  }
  test "it crashes" {
    at 0s lost station_restarted=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=2 command_restart_share=1
    at 40s station.boot boot_reason="task watchdog"
    expect match score <= 5
  }
  test "it boots for another reason" {
    at 0s lost station_restarted=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=2 command_restart_share=1
    at 40s station.boot boot_reason="software"
    expect match score >= 9
  }
  test "long before" {
    at 0s lost station_restarted=true command="ChangeConfiguration" spoke_on_s=50 command_restarts=2 command_restart_share=1
    expect no match
  }
  test "mostly it does no harm" {
    at 0s lost station_restarted=true command="TriggerMessage" spoke_on_s=4 command_restarts=2 command_restart_share=0.1
    expect no match
  }
  test "two devices take turns" {
    at 0s lost booted_next=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=5 command_restart_share=1 serials=2
    expect match score <= 4
  }
  test "a firmware update" {
    at -5m firmware.status detail="Installing"
    at 0s lost station_restarted=true command="ChangeConfiguration" spoke_on_s=4 command_restarts=1 command_restart_share=1
    expect match score <= 1
  }
}

signature command-triggered-crash {
  title    "The connection dies within seconds of {command}"
  cause    command-triggered-crash
  severity high
  status   stable
  owner    station
  explains connection_lost
  needs    csms?, station?
  match    lost where command_s <= 15 and command_drops >= 2 and command_fatal >= 0.5 and not orderly and not overlapped and not (command in ("Reset", "UpdateFirmware", "ChangeConfiguration", "SetVariables", "SetNetworkProfile", "TriggerMessage", "ExtendedTriggerMessage") and (station_restarted or booted_next))
  base     6
  support  3 "{command_drops} connections ended within 15 s of it" if command_drops >= 3
  support  1 "the station restarted" if station_restarted
  against  4 "the close frame tells another reason: {code}" if code in (1002, 1003, 1007, 1009)
  against  4 "the CSMS had not heard the station for {csms_idle_s}: the path may have been dead" if csms_idle_s >= 25 and csms_idle_s > outlived_s
  against  4 "a ping stayed unanswered" if ping_timeout
  against  4 "the station had lost the connection before" if csms_found_late
  against  4 "the modem got a new address" if modem.ip_change within 5m around
  against  4 "the CSMS restarted" if csms.start within 2m after or csms.stop within 1m before
  ruled_out "no command of the CSMS comes before the drops again and again"
  first_check "The last command before each drop (lines shown): its payload, and the station's log and memory at that moment"
  fix      "Keep the CSMS from sending this command to this model and firmware until the vendor has mended it"
  rivals   csms-induced-reboot, station-boot-loop, carrier-nat-expiry, message-too-big, protocol-violation
  reference "OCPP 1.6 section 5 (operations initiated by the Central System)"

  test "the same command before each drop" {
    every 20m from 0s to 1h lost command="GetDiagnostics" command_s=3 command_drops=4 command_fatal=1 csms_idle_s=2
    expect match 4 times
    expect match score >= 9
    expect match score <= 9
  }
  test "twice, with a restart" {
    at 0s lost command="GetCompositeSchedule" command_s=9 command_drops=2 command_fatal=0.6 station_restarted=true booted_next=true
    expect match score >= 7
    expect match score <= 7
  }
  test "the answer was too big for the CSMS" {
    every 20m from 0s to 1h lost command="GetConfiguration" command_s=1 command_drops=4 command_fatal=1 csms_idle_s=2 code=1009
    expect match score <= 5
  }
  test "once may be chance" {
    at 0s lost command="GetDiagnostics" command_s=3 command_drops=1 command_fatal=1
    expect no match
  }
  test "mostly it does no harm" {
    at 0s lost command="RemoteStartTransaction" command_s=3 command_drops=4 command_fatal=0.1
    expect no match
  }
  test "long before" {
    at 0s lost command="GetDiagnostics" command_s=40 command_drops=4 command_fatal=1
    expect no match
  }
  test "a normal close after it" {
    at 0s lost command="GetDiagnostics" command_s=3 command_drops=4 command_fatal=1 orderly=true
    expect no match
  }
  test "a second device takes over" {
    at 0s lost command="GetDiagnostics" command_s=3 command_drops=4 command_fatal=1 overlapped=true
    expect no match
  }
  test "a change of configuration that ends in a restart, by its log" {
    at 0s lost command="ChangeConfiguration" command_s=3 command_drops=4 command_fatal=1 station_restarted=true
    expect no match
  }
  test "a change of configuration that ends in a restart, by its BootNotification" {
    at 0s lost command="ChangeConfiguration" command_s=3 command_drops=4 command_fatal=1 booted_next=true
    expect no match
  }
  test "a change of configuration that ends in nothing but a drop" {
    at 0s lost command="ChangeConfiguration" command_s=3 command_drops=4 command_fatal=1
    expect match score >= 9
  }
  test "the carrier's NAT answers a dead connection with a reset" {
    at 0s lost command="TriggerMessage" command_s=1 command_drops=4 command_fatal=1 csms_idle_s=60
    expect match score <= 5
  }
  test "other commands outlive the same quiet" {
    at 0s lost command="GetDiagnostics" command_s=1 command_drops=4 command_fatal=1 csms_idle_s=60 outlived_s=90
    expect match score >= 9
  }
  test "a ping was due" {
    at 0s lost command="TriggerMessage" command_s=10 command_drops=4 command_fatal=1 ping_timeout=true
    expect match score <= 5
  }
  test "the station had gone" {
    at 0s lost command="TriggerMessage" command_s=10 command_drops=4 command_fatal=1 csms_found_late=true
    expect match score <= 5
  }
  test "a new address" {
    at -20s modem.ip_change
    at 0s lost command="TriggerMessage" command_s=10 command_drops=4 command_fatal=1
    expect match score <= 5
  }
  test "a deployment" {
    at 0s lost command="TriggerMessage" command_s=10 command_drops=4 command_fatal=1
    at 30s csms.start
    expect match score <= 5
  }
  test "the CSMS goes down" {
    at -5s csms.stop
    at 0s lost command="TriggerMessage" command_s=10 command_drops=4 command_fatal=1
    expect match score <= 5
  }
}
