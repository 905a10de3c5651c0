# Faulted or Unavailable for an hour or more.

signature station-stuck {
  title    "Connector {connector} stayed {status} for {stuck_s}"
  cause    station-stuck
  severity high
  status   stable
  owner    operator
  explains stuck_station
  needs    csms?, station?
  match    stuck
  base     8
  support  1 "it was still so when the log ended" if unresolved
  variant  inoperative if inoperative
  variant  physical if error_code in ("GroundFailure", "OverCurrentFailure", "ConnectorLockFailure", "PowerSwitchFailure", "HighTemperature") or vendor_error matches "(?i)emergency|e-?stop|ground|rcd|fuse|breaker|lock|tamper" or info matches "(?i)emergency|e-?stop|ground|rcd|fuse|breaker|lock|tamper"
  variant  resettable if error_code is unknown or error_code is known
  ruled_out "no connector stayed Faulted or Unavailable for an hour"
  first_check "The errorCode and vendorErrorCode of the first bad StatusNotification, and whether ChangeAvailability ordered it"
  fix      "resettable: send a hard reset; physical: send a technician; inoperative: send ChangeAvailability Operative"
  rivals   station-boot-loop
  reference "OCPP 1.6 section 4.9 StatusNotification, section 5.2 ChangeAvailability, section 5.14 Reset"

  test "internal error" {
    at 0s stuck error_code="InternalError"
    expect match variant resettable
  }
  test "ground failure" {
    at 0s stuck error_code="GroundFailure"
    expect match variant physical
  }
  test "ordered out of service" {
    at 0s stuck status="Unavailable" error_code="NoError" inoperative=true
    expect match variant inoperative
  }
  test "a drop is no stuck station" {
    at 0s lost
    expect no match
  }
}
