"""The SQL that fills the outbox: 500 keys, 298 bytes of JSON, each traced."""

_KEY = "'01a20e86-0b46-735d-b339-' || lpad((n % 500)::text, 12, '0')"
_PAYLOAD = "convert_to('{\"n\":\"' || lpad(n::text, 290, '0') || '\"}', 'UTF8')"
_TYPE = "newsreel.notifier.mail.accepted.v1"
_TRACE = "'00-4bf92f3577b34da6a3ce929d0e0e4736-' || lpad(to_hex(n), 16, '0') || '-01'"
_SERIES = "FROM generate_series($2::int, $3::int) AS n"

FILL = f"""
INSERT INTO outbox (id, topic, key, type, source, subject, time, dataschema, payload, traceparent)
SELECT gen_random_uuid(), $1, {_KEY}, '{_TYPE}', '/newsreel/notifier', 'mail/' || {_KEY},
       '2026-01-01T00:00:00.000000+00:00', 'urn:newsreel:schema:{_TYPE}', {_PAYLOAD}, {_TRACE} {_SERIES}
"""
