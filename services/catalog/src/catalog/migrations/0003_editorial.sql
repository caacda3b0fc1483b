-- A published video may be stopped: for now (withheld) or for good (withdrawn). `stop_reason` and `stop_note` are public.
-- The last release writes 'usable' alone, which the next constraint takes as the one before did.
-- squawk-ignore ban-drop-constraint
ALTER TABLE video DROP CONSTRAINT video_status_check;
ALTER TABLE video ADD CONSTRAINT video_status_known
    CHECK (status IN ('usable', 'withheld', 'withdrawn')) NOT VALID;
ALTER TABLE video ADD COLUMN stop_reason text;
ALTER TABLE video ADD COLUMN stop_note jsonb;

-- Who did what to a video, when and why. It outlives the video; nothing in it is ever changed.
CREATE TABLE editorial_act (
    act_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id uuid NOT NULL,
    version int NOT NULL, -- of the video afterwards
    at timestamptz NOT NULL,
    editor text NOT NULL,
    done text NOT NULL,
    why text NOT NULL
);
CREATE INDEX editorial_act_by_video ON editorial_act (video_id, act_id);

CREATE FUNCTION editorial_act_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done to a video stays recorded as it is';
END $$;
CREATE TRIGGER editorial_act_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON editorial_act
    FOR EACH STATEMENT EXECUTE FUNCTION editorial_act_stays();
