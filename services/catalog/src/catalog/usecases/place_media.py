"""The files of a submission: are they what the manifest says, and bring them to where they are served."""

from pathlib import Path

from catalog.domain.revision import Plan, Submission
from catalog.store import media


def verify_media(folder: Path, submission: Submission) -> None:
    """Compare every file's size and sha256 with the manifest's. Raises `ImportRefusedError`."""
    media.verify_file(folder, "poster", submission.poster)
    for at, one in enumerate(submission.media):
        media.verify_file(folder, f"renditions.{at}", one.stored)


def place_media(root: Path, folder: Path, plan: Plan) -> None:
    """Bring the files into the media folder `root`; called before the video is published.

    When the video is not published after all, its files lie unused. Raises `OSError`.
    """
    media.place_files(root, folder, plan)
