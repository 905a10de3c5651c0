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
  test "what counts for and against it" {
    at 0s stuck station="unresolved" error_code="GroundFailure" unresolved=true
    at 0s stuck station="vendor error emergency" error_code="InternalError" vendor_error="emergency"
    at 0s stuck station="info emergency" error_code="InternalError" info="emergency"
    at 0s stuck station="no error code"
    expect match for "unresolved" score >= 9
    expect match for "vendor error emergency" variant physical
    expect match for "info emergency" variant physical
    expect match for "no error code" variant resettable
  }
  test "a failed attempt and a wave are no stuck station" {
    at 0s failed stage="tcp" refused=true
    at 1h wave stations=9 arrivals=9
    expect no match
  }
  test "nobody plugged in, nothing reported" {
    at 0s lost
    at 1h opened
    expect no match
  }
}
