-- A video and everything said about it in public. Texts are {language: text}.
CREATE TABLE video (
    video_id uuid PRIMARY KEY,
    version int NOT NULL CHECK (version >= 1),
    reference text NOT NULL UNIQUE,
    status text NOT NULL DEFAULT 'usable' CHECK (status IN ('usable')),
    published_at timestamptz NOT NULL,
    revised_at timestamptz NOT NULL,
    titles jsonb NOT NULL,
    headlines jsonb NOT NULL,
    descriptions jsonb NOT NULL,
    genre text NOT NULL,
    keywords jsonb NOT NULL,
    recorded_at date NOT NULL,
    duration_ms int NOT NULL CHECK (duration_ms > 0),
    spoken_languages text[] NOT NULL,
    people jsonb NOT NULL,
    location text NOT NULL,
    credit_line text NOT NULL,
    restrictions jsonb NOT NULL,
    shotlist jsonb NOT NULL,
    poster_sha256 text NOT NULL
);

-- The list is paged by key, newest first: published_at, then video_id.
CREATE INDEX video_newest ON video (published_at DESC, video_id DESC);
CREATE INDEX video_newest_of_genre ON video (genre, published_at DESC, video_id DESC);

-- A rendition is one file for ever: other bytes are another rendition.
CREATE TABLE rendition (
    rendition_id uuid PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    position int NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    file text NOT NULL,
    media_type text NOT NULL,
    container text NOT NULL,
    video_codec text NOT NULL,
    audio_codec text,
    width int NOT NULL,
    height int NOT NULL,
    frame_rate text NOT NULL,
    bit_rate bigint NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 text NOT NULL,
    UNIQUE (video_id, name)
);

CREATE TABLE transcript (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    language text NOT NULL,
    kind text NOT NULL,
    version int NOT NULL CHECK (version >= 1),
    PRIMARY KEY (video_id, language)
);

-- One row per timed piece, so that a search can later point at the moment and not at the video.
CREATE TABLE segment (
    video_id uuid NOT NULL,
    language text NOT NULL,
    number int NOT NULL,
    start_ms int NOT NULL,
    end_ms int NOT NULL,
    part text NOT NULL,
    speaker text NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (video_id, language, number),
    FOREIGN KEY (video_id, language) REFERENCES transcript ON DELETE CASCADE
);
