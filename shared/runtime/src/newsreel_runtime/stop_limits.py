"""How long a stop takes. After its seconds, what still runs is cancelled, and its transaction rolled back."""

WORK_SECONDS = 20.0  # requests, the batch, timers and mails at hand, all at the same time
RELAY_SECONDS = 15.0  # events that are under way to Kafka
FLUSH_SECONDS = 10.0  # the last spans and metrics


def stop_seconds(drain_seconds: float) -> float:
    """How long a stop may take: at least what a pod's `terminationGracePeriodSeconds` is to be."""
    return drain_seconds + WORK_SECONDS + RELAY_SECONDS + FLUSH_SECONDS
