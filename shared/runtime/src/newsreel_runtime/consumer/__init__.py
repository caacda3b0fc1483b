"""The one way in from Kafka: subscription, inbox, handlers, and parking what cannot be processed."""
