"""Settings that cannot work are refused at the start, without their secrets being repeated."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from newsreel_runtime.settings import Http, Kafka, Postgres
from notifier.settings import Settings

KEY = "ab" * 32


def settings(**changed: Any) -> Settings:
    given = {
        "postgres": Postgres(database="-", user="-", password=SecretStr("-")),
        "kafka": Kafka(bootstrap="-"),
        "http": Http(port=0),
        "NEWSREEL_CODE_KEYS": f"k1:{KEY}",
        "NEWSREEL_UNSUBSCRIBE_KEYS": f"k1:{KEY}",
        "smtp_host": "mx.test",
        "smtp_port": 25,
        "mail_from": "Newsreel <no-reply@newsreel.test>",
        "portal_origin": "https://portal.test",
        **changed,
    }
    return Settings(**{name: value for name, value in given.items() if value is not None})


def test_encryption_is_the_default() -> None:
    assert settings().smtp_tls == "starttls"


def test_each_limit_is_what_the_standard_asks_for_at_least() -> None:
    """RFC 5321 §4.5.3.2: greeting, MAIL and RCPT 5 minutes, DATA 2, a block 3, the end of DATA 10."""
    known = settings()
    limits = (known.smtp_greeting_limit, known.smtp_command_limit, known.smtp_data_limit)
    assert (*limits, known.smtp_block_limit, known.smtp_end_limit) == (300, 300, 120, 180, 600)


def test_secrets_may_be_files(tmp_path: Path) -> None:
    (tmp_path / "newsreel_code_keys").write_text(f"k1:{KEY}\n")
    (tmp_path / "newsreel_notifier_smtp_password").write_text("from-a-file\n")
    read = settings(NEWSREEL_CODE_KEYS=None, _secrets_dir=tmp_path)
    assert read.code_keys.get_secret_value() == f"k1:{KEY}"
    assert read.smtp_password is not None
    assert read.smtp_password.get_secret_value() == "from-a-file"
    assert KEY not in repr(read)


@pytest.mark.parametrize(
    "changed",
    [
        {"NEWSREEL_CODE_KEYS": f"k1:{KEY[:-2]}"},
        {"NEWSREEL_CODE_KEYS": ""},
        {"smtp_tls": "maybe"},
        {"smtp_port": 0},
        {"smtp_connections": 0},
        {"smtp_greeting_limit": 0},
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
