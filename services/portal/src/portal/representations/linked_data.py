"""schema.org's VideoObject of a video's page, for search engines.

Google asks for name, thumbnailUrl and uploadDate, and of a Clip for name, startOffset and url, where no two
clips of a video may begin together (https://developers.google.com/search/docs/appearance/structured-data/video).
"""

from collections.abc import Sequence
from typing import Any

from portal.domain.languages import pick
from portal.domain.videos import Video

_MOST_CLIPS = 200


def video_object(video: Video, order: Sequence[str], page: str, poster: str) -> dict[str, Any]:
    """The video in the languages of `order`, best first; files have no address that everybody may use."""
    title, description = pick(video.title, order), pick(video.description, order)
    restrictions = pick(video.restrictions, order)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "@id": page,
        "url": page,
        "identifier": video.reference,
        "name": title.text,
        "description": description.text or title.text,
        "thumbnailUrl": [poster],
        "uploadDate": video.published_at.isoformat(),
        "dateCreated": video.recorded_at.isoformat(),
        "duration": _duration(video.duration_ms),
        "inLanguage": list(video.spoken_languages),
        "contentLocation": {"@type": "Place", "name": video.location},
        "creditText": video.credit_line,
        "hasPart": _clips(video, order, page),
    }
    if restrictions.text:
        told["usageInfo"] = {
            "@type": "CreativeWork",
            "text": restrictions.text,
            "inLanguage": restrictions.language,
        }
    return told


def _duration(milliseconds: int) -> str:
    """ISO 8601: `PT1H1M12S`; whole seconds, never zero."""
    minutes, seconds = divmod(max(1, round(milliseconds / 1000)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + "".join(f"{count}{unit}" for count, unit in parts if count)


def _clips(video: Video, order: Sequence[str], page: str) -> list[dict[str, Any]]:
    """The lines of the shotlist; of two that begin in one second, the first."""
    first = {shot.start_ms // 1000: shot for shot in reversed(video.shotlist)}
    return [
        {
            "@type": "Clip",
            "name": pick(shot.text, order).text,
            "startOffset": second,
            "endOffset": max(second + 1, shot.end_ms // 1000),
            "url": f"{page}?t={second}",
        }
        for second, shot in sorted(first.items())[:_MOST_CLIPS]
    ]
