"""The SQL that fills each kind of table with the same events: 500 keys, 298 bytes of JSON, each traced."""

_KEY = "'01a20e86-0b46-735d-b339-' || lpad((n % 500)::text, 12, '0')"
_PAYLOAD = "convert_to('{\"n\":\"' || lpad(n::text, 290, '0') || '\"}', 'UTF8')"
_TYPE = "newsreel.notifier.mail.accepted.v1"
_TRACE = "'00-4bf92f3577b34da6a3ce929d0e0e4736-' || lpad(to_hex(n), 16, '0') || '-01'"
_SERIES = "FROM generate_series($2::int, $3::int) AS n"

NEWSREEL = f"""
INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, payload, traceparent)
SELECT gen_random_uuid(), $1, {_KEY}, '{_TYPE}', '/newsreel/notifier', 'mail/' || {_KEY},
       '2026-01-01T00:00:00.000000+00:00', 'urn:newsreel:schema:{_TYPE}', {_PAYLOAD}, {_TRACE} {_SERIES}
"""
_HEADERS = f"""jsonb_build_object(
    'content-type', 'application/json', 'ce_specversion', '1.0', 'ce_id', gen_random_uuid()::text,
    'ce_type', '{_TYPE}', 'ce_source', '/newsreel/notifier', 'ce_time', '2026-01-01T00:00:00.000000+00:00',
    'ce_partitionkey', {_KEY}, 'ce_subject', 'mail/' || {_KEY},
    'ce_dataschema', 'urn:newsreel:schema:{_TYPE}', 'traceparent', {_TRACE})"""
TXOUTBOX = f"""
INSERT INTO outbox (topic, key, payload, headers) SELECT $1, {_KEY}, {_PAYLOAD}, {_HEADERS} {_SERIES}
"""
FASTSTREAM = f"""
WITH written AS (
    INSERT INTO outbox (queue, payload, headers)
    SELECT 'bench', {_PAYLOAD}, {_HEADERS} || jsonb_build_object('topic', $1::text) {_SERIES} RETURNING 1
) SELECT pg_notify('outbox_outbox', 'bench') FROM written LIMIT 1
"""  # noqa: S608 (ours)
