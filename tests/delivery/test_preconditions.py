"""RFC 9110 §13.1: If-Match is compared strongly, If-None-Match weakly, and If-Match comes first."""

import pytest

from delivery.domain.preconditions import Outcome, judge

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("conditions", "outcome"),
    [
        ({}, Outcome.SEND),
        ({"range": "bytes=0-9", "if-range": '"other"'}, Outcome.SEND),  # the edge's
        ({"if-none-match": ETAG}, Outcome.NOT_MODIFIED),
        ({"if-none-match": f"W/{ETAG}"}, Outcome.NOT_MODIFIED),
        ({"if-none-match": f'"other", {ETAG}'}, Outcome.NOT_MODIFIED),
        ({"if-none-match": "*"}, Outcome.NOT_MODIFIED),
        ({"if-none-match": '"other"'}, Outcome.SEND),
        ({"if-none-match": "abc"}, Outcome.SEND),
        ({"if-match": ETAG}, Outcome.SEND),
        ({"if-match": "*"}, Outcome.SEND),
        ({"if-match": f"W/{ETAG}"}, Outcome.FAILED),
        ({"if-match": '"other"'}, Outcome.FAILED),
        ({"if-match": "abc"}, Outcome.FAILED),
        ({"if-match": '"other"', "if-none-match": ETAG}, Outcome.FAILED),
        ({"if-match": ETAG, "if-none-match": ETAG}, Outcome.NOT_MODIFIED),
    ],
)
def test_the_conditions_of_a_request(conditions: dict[str, str], outcome: Outcome) -> None:
    assert judge(conditions, ETAG) is outcome
