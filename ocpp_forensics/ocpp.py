"""Facts of OCPP-J 1.6, 2.0.1 and 2.1 that other stages rely on.

Source: OCPP 1.6 edition 2 section 4, OCPP-J 1.6 section 4.2, OCPP 2.0.1 part 2 sections A to P.
"""

__all__ = ["FROM_STATION", "TO_STATION"]

FROM_STATION = (
    "Authorize", "BootNotification", "ClearedChargingLimit", "DiagnosticsStatusNotification",
    "FirmwareStatusNotification", "Get15118EVCertificate", "GetCertificateStatus", "Heartbeat",
    "LogStatusNotification", "MeterValues", "NotifyChargingLimit", "NotifyCustomerInformation",
    "NotifyDisplayMessages", "NotifyEVChargingNeeds", "NotifyEVChargingSchedule", "NotifyEvent",
    "NotifyMonitoringReport", "NotifyReport", "PublishFirmwareStatusNotification",
    "ReportChargingProfiles", "ReservationStatusUpdate", "SecurityEventNotification",
    "SignCertificate", "StartTransaction", "StatusNotification", "StopTransaction",
    "TransactionEvent",
)  # fmt: skip
"""Actions that only a station calls."""

TO_STATION = (
    "CancelReservation", "CertificateSigned", "ChangeAvailability", "ChangeConfiguration",
    "ClearCache", "ClearChargingProfile", "ClearDisplayMessage", "ClearVariableMonitoring",
    "CostUpdated", "CustomerInformation", "DeleteCertificate", "ExtendedTriggerMessage",
    "GetBaseReport", "GetChargingProfiles", "GetCompositeSchedule", "GetConfiguration",
    "GetDiagnostics", "GetDisplayMessages", "GetInstalledCertificateIds", "GetLocalListVersion",
    "GetLog", "GetMonitoringReport", "GetReport", "GetTransactionStatus", "GetVariables",
    "InstallCertificate", "PublishFirmware", "RemoteStartTransaction", "RemoteStopTransaction",
    "RequestStartTransaction", "RequestStopTransaction", "ReserveNow", "Reset", "SendLocalList",
    "SetChargingProfile", "SetDisplayMessage", "SetMonitoringBase", "SetMonitoringLevel",
    "SetNetworkProfile", "SetVariableMonitoring", "SetVariables", "SignedUpdateFirmware",
    "TriggerMessage", "UnlockConnector", "UnpublishFirmware", "UpdateFirmware",
)  # fmt: skip
"""Actions that only a CSMS calls. DataTransfer goes both ways."""
