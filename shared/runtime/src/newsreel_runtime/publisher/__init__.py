"""The one way out to Kafka: the outbox and the relay that drains it."""
