"""The published vectors of presigned S3 URLs, which botocore made: by our signer, and by S3's rules."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.domain.signer import query_value
from newsreel_testing.url_receivers import judged_by_s3

_FILE = json.loads((Path(__file__).parents[2] / "services/delivery/vectors/sigv4.json").read_text())
_KEYS: dict[str, dict[str, str]] = _FILE["access_keys"]


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("vector", _FILE["signed"], ids=_name)
def test_our_signer_agrees(vector: dict[str, Any]) -> None:
    credentials = Credentials(vector["access_key_id"], **_KEYS[vector["access_key_id"]])
    signer = S3Signer(
        vector["endpoint"],
        vector["region"],
        vector["bucket"],
        vector["path_style"],
        lambda: credentials,
        vector["seconds"],
    )
    name = vector["disposition"]
    answer = None if name is None else f"response-content-disposition={query_value(name)}"
    assert signer.presigned(vector["key"], datetime.fromtimestamp(vector["at"], UTC), answer) == vector["url"]


@pytest.mark.parametrize("vector", _FILE["judged"], ids=_name)
def test_the_rules_agree(vector: dict[str, Any]) -> None:
    (credential,) = parse_qs(urlsplit(vector["url"]).query)["X-Amz-Credential"]
    token = _KEYS[credential.partition("/")[0]].get("session_token")
    secrets = {kid: key["secret"] for kid, key in _KEYS.items()}
    at = datetime.fromtimestamp(vector["at"], UTC)
    assert judged_by_s3(vector["url"], at, secrets, token) == vector["expect"]
