"""What is done to a published video: withheld, released, withdrawn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Done = Literal["published", "revised", "withheld", "released", "withdrawn"]


@dataclass(frozen=True)
class Note:
    """Who acts, when, and why in words of the house; public nowhere."""

    editor: str
    why: str
    at: datetime


@dataclass(frozen=True)
class Act:
    """What was done, and the version of the video that it made."""

    version: int
    at: datetime
    editor: str
    done: str
    why: str
