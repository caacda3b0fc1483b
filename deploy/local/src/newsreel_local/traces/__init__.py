"""An OTLP/HTTP receiver on loopback that keeps spans, and draws a flow across traces as one tree."""
