"""How far recalls are: for the press office."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from newsreel_runtime.sql import Sql

_ROWS = 1000  # of one read
_LATEST = """
SELECT recall_id, kind, reference, version, reason, made_at, collected_at, noticed_at,
       (SELECT count(*) FROM recalled_rendition WHERE recall_id = recall.recall_id) AS renditions,
       (SELECT count(DISTINCT account_id) FROM recall_taker WHERE recall_id = recall.recall_id) AS accounts
FROM recall WHERE $1::uuid IS NULL OR recall_id = $1 ORDER BY made_at DESC, recall_id LIMIT $2
"""
_STATES = "SELECT state, count(*) FROM recall_notice WHERE recall_id = $1 GROUP BY state ORDER BY state"
_TAKERS = """
SELECT account_id, rendition_id, file, recall_taker.version, redeemed_at, grant_id,
       coalesce(state, 'waiting') AS state, changed_at
FROM recall_taker JOIN recalled_rendition USING (recall_id, rendition_id)
     LEFT JOIN recall_notice USING (recall_id, account_id)
WHERE recall_id = $1 AND (account_id, rendition_id) > ($2, $3) ORDER BY account_id, rendition_id LIMIT $4
"""
_NONE = UUID(int=0)


@dataclass(frozen=True)
class Progress:
    """A recall as it stands; `states` count the accounts that were told, by what became of the mail."""

    recall_id: UUID
    kind: str
    reference: str
    version: int
    reason: str | None
    made_at: datetime
    collected_at: datetime | None
    noticed_at: datetime | None
    renditions: int
    accounts: int
    states: dict[str, int]

    @property
    def stage(self) -> str:
        """What is done with it now."""
        if self.collected_at is None:
            return "who took it is looked for"
        return "who took it is being told" if self.noticed_at is None else "all were told"


@dataclass(frozen=True)
class Taker:
    """Who took which file when, and what became of the mail; `waiting`: not told yet."""

    account_id: UUID
    rendition_id: UUID
    file: str
    version: int | None
    redeemed_at: datetime
    grant_id: UUID
    state: str
    changed_at: datetime | None


async def latest(sql: Sql, limit: int, recall_id: UUID | None = None) -> list[Progress]:
    """The latest recalls, the newest first; or the one that is named."""
    found = []
    for row in await sql.fetch(_LATEST, recall_id, limit):
        states = {each["state"]: each["count"] for each in await sql.fetch(_STATES, row["recall_id"])}
        found.append(Progress(**row, states=states))
    return found


async def takers(sql: Sql, recall_id: UUID) -> AsyncIterator[Taker]:
    """Everybody who took it, in the order of the accounts, a thousand at a time."""
    after = (_NONE, _NONE)
    while True:
        rows = await sql.fetch(_TAKERS, recall_id, *after, _ROWS)
        for row in rows:
            yield Taker(**row)
        if len(rows) < _ROWS:
            return
        after = (rows[-1]["account_id"], rows[-1]["rendition_id"])
