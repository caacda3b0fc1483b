-- What the search looks through: a segment of a transcript, or with number 0 what is said about the video in a
-- language. Only what everybody may see is here, so that no count and no facet can tell of anything else.
-- `vector` holds the lexemes of the words at their places, and without places the tags that a question may name.
CREATE TABLE moment (
    video_id uuid NOT NULL REFERENCES video ON DELETE CASCADE,
    language text NOT NULL,
    number int NOT NULL CHECK (number >= 0),
    recorded_at date NOT NULL,
    speaker text,
    vector tsvector NOT NULL,
    PRIMARY KEY (video_id, language, number)
);

-- The planner must know of many words how frequent they are: a frequent one is read from the newest on, a rare
-- one from the words' own index.
ALTER TABLE moment ALTER COLUMN vector SET STATISTICS 1000;
CREATE INDEX moment_words ON moment USING gin (vector) WITH (fastupdate = off);
CREATE INDEX moment_newest ON moment (recorded_at DESC, video_id DESC, language DESC, (-number) DESC);

-- Which state of a video `moment` holds: its version, the rules by which words became lexemes, and of each
-- language what its moments were made of. A row that is missing or older is made anew by a timer.
CREATE TABLE indexed_video (
    video_id uuid PRIMARY KEY REFERENCES video ON DELETE CASCADE,
    version int NOT NULL,
    rules int NOT NULL,
    sources jsonb NOT NULL
);
