"""What support asks a site to run: the output of `openssl s_client -showcerts`."""

__all__ = ["s_client"]

_HEAD = """CONNECTED(00000003)
{trouble}---
Certificate chain
{chain}---
Server certificate
subject=CN = {subject}
issuer={issuer}
---
SSL handshake has read 3102 bytes and written 392 bytes
Verification{verified}
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
    Verify return code: {code}
---
DONE
"""
_LEAF = " 0 s:CN = {subject}\n   i:{issuer}\n   v:NotBefore: {begins}; NotAfter: {ends}\n"
_UPPER = (
    " 1 s:{issuer}\n   i:{root}\n"
    "   v:NotBefore: Jan  1 00:00:00 2024 GMT; NotAfter: Jan  1 00:00:00 2034 GMT\n"
)
_ERRORS = {
    9: "certificate is not yet valid",
    10: "certificate has expired",
    20: "unable to get local issuer certificate",
    21: "unable to verify the first certificate",
}


def s_client(*errors: int, whole: bool = True, **changes: str) -> str:
    """The output, with the verify errors that it reports and the chain that the server sent."""
    facts = {
        "subject": "ocpp.example.com",
        "issuer": "C = DE, O = Example Trust, CN = Example Issuing CA 4",
        "root": "C = DE, O = Example Trust, CN = Example Root R2",
        "begins": "Mar  1 00:00:00 2025 GMT",
        "ends": "Mar  1 00:00:00 2027 GMT",
        **changes,
    }
    trouble = "".join(
        f"depth=0 CN = {facts['subject']}\nverify error:num={each}:{_ERRORS[each]}\n"
        for each in errors
    )
    last = errors[-1] if errors else 0
    return _HEAD.format(
        **facts,
        trouble=trouble,
        chain=(_LEAF + _UPPER if whole else _LEAF).format(**facts),
        verified=f" error: {_ERRORS[last]}" if last else ": OK",
        code=f"{last} ({_ERRORS.get(last, 'ok')})",
    )
