"""No text of a log steers a terminal, and no secret reaches a report."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocpp_forensics.report.safety import UNSAFE, cut, escaped, masked, masked_text, plain
from tests.reports import HOSTILE, incident

SECRETS = [
    "Authorization: Basic c3RhdGlvbjpodW50ZXIy",
    'headers={"authorization": "Basic hunter2hunter2"}',
    r"{\"Authorization\": \"Bearer hunter2\"}",
    "('Authorization', 'Basic hunter2==')",
    "Proxy-Authorization=Digest username=hunter2",
    "sent Bearer eyJhbGciOiJIUzI1NiJ9.hunter2",
    "wss://CP001:hunter2@csms.example/ocpp/CP001",
    "GET https://u:hun/ter2@host/ HTTP/1.1 wss://CP1:p@hunter2@csms.example/x",
    "GET /ocpp/CP001?token=hunter2&v=1 HTTP/1.1",
    "/ocpp?v=1&api_key=hunter2 closed",
    "?access_token=hunter2",
    '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2"}]',
    '[2,"1","ChangeConfiguration",{"value":"hunter2","key":"AuthorizationKey"}]',
    '[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"hunter2"}]}]',
    r"[2,\"1\",\"ChangeConfiguration\",{\"key\":\"AuthorizationKey\",\"value\":\"hunter2\"}]",
    '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2',
    '{"attributeValue":"hunter2","component":{"name":"SecurityCtrlr"},'
    '"variable":{"name":"BasicAuthPassword"}}',
    "set AuthorizationKey to hunter2",
    "AuthorizationKey=hunter2",
    "config: BasicAuthPassword -> 'hunter2'",
    "password: hunter2",
    '"passwd":"hunter2"',
    "client_secret=hunter2",
    'apiKey="hunter2"',
    '"token":"hunter2"',
    "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_masked_wherever_it_stands(text: str) -> None:
    shown = masked_text(text)

    assert "hunter2" not in shown
    assert "c3RhdGlvbjpodW50ZXIy" not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        '[3,"1",{"configurationKey":[{"key":"HeartbeatInterval","value":"300"}]}]',
        '{"idToken":{"idToken":"04A1B2C3","type":"ISO14443"}}',
        '[2,"1","Authorize",{"idTag":"04A1B2C3"}]',
        "SyntaxError: Unexpected token < in JSON at position 0",
        "wss://csms.example:443/ocpp/CP001",
        "authentication failed for CP001: HTTP 401",
        'WWW-Authenticate: Basic realm="ocpp"',
        "certificate verify failed: certificate has expired",
        "2026-05-01 10:05:10 key exchange failed",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert text == masked_text(text)


def test_only_the_value_of_the_secret_key_is_masked() -> None:
    text = (
        '[3,"1",{"configurationKey":[{"key":"HeartbeatInterval","value":"300"},'
        '{"key":"AuthorizationKey","value":"hunter2"}]}]'
    )

    assert text.replace("hunter2", "***") == masked_text(text)


def test_secrets_are_masked_at_any_depth_of_a_report() -> None:
    found = masked(incident("wss://CP001:hunter2@csms.example", fix=("password=hunter2",)))

    assert "hunter2" not in repr(found)
    assert found.title == incident().title


def test_hostile_text_is_shown_without_effect() -> None:
    shown = plain(HOSTILE)

    assert not UNSAFE.search(shown)
    assert shown.startswith("red \\x1b]0;title\\x07  [bold]x[/bold] \\u202eevil \\u2066")


@given(st.text())
def test_plain_text_is_never_unsafe(text: str) -> None:
    assert not UNSAFE.search(plain(text))


@given(st.text())
def test_escaped_json_is_safe_and_the_same(text: str) -> None:
    made = escaped(json.dumps([text], ensure_ascii=False))

    assert not UNSAFE.search(made)
    assert [text] == json.loads(made)


@given(st.text(alphabet="ab:/@?&=\"'{}\\ AuthorizationKeytokenpasswordbasic", max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = masked_text(text)

    assert once == masked_text(once)


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
