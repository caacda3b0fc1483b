"""How two portals ask PostgreSQL: the shape of their SQL on our corpus, not the products.

MediaCMS has one `simple` vector for all of a video, words as prefixes, the date's order and at most 1,000
rows; PeerTube ranks all that match in a CTE and pages by OFFSET. Neither says a second.
"""

import asyncpg

_TABLE = """
CREATE TABLE peer_video AS
SELECT video.video_id AS id, reference AS name, published_at, 'public'::text AS state,
       to_tsvector('simple', string_agg(segment.text, ' ' ORDER BY number)) AS vector
FROM video JOIN segment USING (video_id) GROUP BY video.video_id
"""
_MEDIACMS = """
SELECT DISTINCT id, name, published_at FROM peer_video
WHERE state = 'public' AND vector @@ to_tsquery('simple', $1)
ORDER BY published_at DESC LIMIT 1000
"""
_PEERTUBE = """
WITH found AS (
    SELECT id, ts_rank(vector, to_tsquery('simple', $1)) AS similarity
    FROM peer_video WHERE vector @@ to_tsquery('simple', $1)
)
SELECT peer_video.id, peer_video.name, peer_video.published_at, coalesce(found.similarity, 0) AS similarity
FROM peer_video LEFT JOIN found ON found.id = peer_video.id
WHERE peer_video.state = 'public' AND found.id IS NOT NULL
ORDER BY similarity DESC, published_at DESC LIMIT 15 OFFSET 0
"""
SHAPES = {"mediacms_shaped": _MEDIACMS, "peertube_shaped": _PEERTUBE}


async def make(connection: asyncpg.Connection) -> None:
    """The table that both ask."""
    await connection.execute(_TABLE)
    await connection.execute("CREATE INDEX peer_words ON peer_video USING gin (vector)")
    await connection.execute("CREATE INDEX peer_newest ON peer_video (published_at DESC)")
    await connection.execute("ALTER TABLE peer_video ADD PRIMARY KEY (id)")
    await connection.execute("VACUUM ANALYZE peer_video")


async def ask(pool: asyncpg.Pool, shape: str, word: str) -> None:
    """One page of what has the word."""
    async with pool.acquire() as connection:
        await connection.fetch(SHAPES[shape], f"'{word}':*")
