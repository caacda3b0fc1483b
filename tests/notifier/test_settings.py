"""Settings that cannot work are refused at the start, without their secrets being repeated."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from newsreel_runtime.settings import Http, Kafka, Postgres
from notifier.settings import Settings

KEY = "ab" * 32


def settings(**changed: Any) -> Settings:
    return Settings(
        **{
            "postgres": Postgres(database="-", user="-", password=SecretStr("-")),
            "kafka": Kafka(bootstrap="-"),
            "http": Http(port=0),
            "NEWSREEL_CODE_KEYS": f"k1:{KEY}",
            "smtp_host": "mx.test",
            "smtp_port": 25,
            "mail_from": "Newsreel <no-reply@newsreel.test>",
            "portal_origin": "https://portal.test",
            **changed,
        }
    )


def test_encryption_is_the_default() -> None:
    assert settings().smtp_tls == "starttls"


@pytest.mark.parametrize(
    "changed",
    [
        {"NEWSREEL_CODE_KEYS": f"k1:{KEY[:-2]}"},
        {"NEWSREEL_CODE_KEYS": ""},
        {"smtp_tls": "maybe"},
        {"smtp_port": 0},
        {"smtp_connections": 0},
        {"smtp_timeout": 0},
        {"send_lease": 0.5},
        {"mail_from": "nobody"},
        {"portal_origin": "https://portal.test/path"},
        {"portal_origin": "javascript:alert(1)"},
    ],
)
def test_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**changed)
    assert KEY[:-2] not in str(refused.value)
