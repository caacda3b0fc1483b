"""Revisions, ids and versions; positions in the list."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.paging import CURSOR_PATTERN, BadCursorError, Position
from catalog.domain.revision import Plan, Published, Submission, decide
from catalog.domain.video import Details, Media, Segment, StoredFile, Transcript, Video
from catalog.errors import ImportRefusedError

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
DETAILS = Details(
    reference="NR-1",
    titles={"en": "Title"},
    headlines={"en": "Headline"},
    descriptions={"en": "Description"},
    genre="speech",
    keywords={"en": ("bridge",)},
    recorded_at=date(2026, 4, 2),
    duration_ms=4000,
    spoken_languages=("en",),
    people=(),
    location="Port Linden",
    credit_line="Credit",
    restrictions={},
    shotlist=(),
)
WEB = Media(
    name="web-720p",
    role="web",
    file="web.mp4",
    size_bytes=3,
    sha256="a" * 64,
    media_type="video/mp4",
    container="mp4",
    video_codec="h264",
    audio_codec=None,
    width=1280,
    height=720,
    frame_rate="25/1",
    bit_rate=1000,
)
ENGLISH = Transcript("en", "verbatim", (Segment(1, 0, 10, "speech", "Ann", "Hello."),))
FRENCH = Transcript("fr", "translation", (Segment(1, 0, 10, "speech", "Ann", "Bonjour."),))
SUBMISSION = Submission(DETAILS, (WEB,), StoredFile("poster.jpg", 6, "b" * 64), (ENGLISH, FRENCH))

_ids = (UUID(int=number) for number in count(1))


def new_id() -> UUID:
    return next(_ids)


def published(plan: Plan) -> Published:
    """What the catalog holds after a first import."""
    submission = plan.submission
    video = Video(
        video_id=plan.video_id,
        version=plan.version,
        published_at=AT,
        details=submission.details,
        renditions=plan.renditions,
        poster_sha256=submission.poster.sha256,
        transcript_languages=("en", "fr"),
    )
    return Published(
        video, {transcript.language: (version, transcript) for version, transcript in plan.transcripts}
    )


KNOWN = published(decide(SUBMISSION, None, new_id))


def test_the_first_submission_is_new_with_every_transcript() -> None:
    plan = decide(SUBMISSION, None, new_id)
    assert (plan.outcome, plan.version) == ("new", 1)
    assert plan.transcripts == ((1, ENGLISH), (1, FRENCH))
    assert plan.video_id != plan.renditions[0].rendition_id


def test_the_same_again_is_unchanged() -> None:
    plan = decide(SUBMISSION, KNOWN, new_id)
    assert (plan.outcome, plan.version, plan.transcripts) == ("unchanged", 1, ())


def test_a_changed_title_keeps_every_id() -> None:
    plan = decide(replace(SUBMISSION, details=replace(DETAILS, titles={"en": "Better"})), KNOWN, new_id)
    assert (plan.outcome, plan.version, plan.transcripts) == ("revised", 2, ())
    assert plan.video_id == KNOWN.video.video_id
    assert plan.renditions == KNOWN.video.renditions


def test_a_changed_word_publishes_that_transcript_only() -> None:
    better = replace(FRENCH, segments=(Segment(1, 0, 10, "speech", "Ann", "Salut."),))
    plan = decide(replace(SUBMISSION, transcripts=(ENGLISH, better)), KNOWN, new_id)
    assert (plan.outcome, plan.version, plan.transcripts) == ("revised", 2, ((2, better),))


def test_other_bytes_are_another_rendition_and_a_new_bit_rate_is_not() -> None:
    other = replace(WEB, sha256="c" * 64)
    kept = decide(replace(SUBMISSION, media=(replace(WEB, bit_rate=2000),)), KNOWN, new_id)
    made = decide(replace(SUBMISSION, media=(other,)), KNOWN, new_id)
    assert kept.outcome == made.outcome == "revised"
    assert kept.renditions[0].rendition_id == KNOWN.video.renditions[0].rendition_id
    assert made.renditions[0].rendition_id != KNOWN.video.renditions[0].rendition_id


def test_another_poster_is_a_revision() -> None:
    plan = decide(replace(SUBMISSION, poster=StoredFile("poster.jpg", 6, "d" * 64)), KNOWN, new_id)
    assert plan.outcome == "revised"


def test_a_published_transcript_cannot_be_taken_back() -> None:
    with pytest.raises(ImportRefusedError, match="fr was published"):
        decide(replace(SUBMISSION, transcripts=(ENGLISH,)), KNOWN, new_id)


@given(st.datetimes(datetime(1970, 1, 1), datetime(4253, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001 (hypothesis takes naive limits)
def test_a_cursor_leads_back_to_its_position(at: datetime, video_id: UUID) -> None:
    assert Position.of_cursor(Position(at, video_id).cursor()) == Position(at, video_id)


@given(st.from_regex(CURSOR_PATTERN, fullmatch=True).map(str.strip))
def test_what_looks_like_a_cursor_is_one(text: str) -> None:
    assert Position.of_cursor(text).cursor() == text


@pytest.mark.parametrize(
    "text", ["", "x", "é" * 31, "_" * 31, "A" * 30, "A" * 32, "A" * 31 + "\n", "A" * 31 + "="]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursorError):
        Position.of_cursor(text)
