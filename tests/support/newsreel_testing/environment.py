"""Settings as the variables of a process that a test starts."""

from newsreel_runtime.settings import Kafka, Postgres


def environment_of(*given: Postgres | Kafka) -> dict[str, str]:
    """`NEWSREEL_POSTGRES_…` and `NEWSREEL_KAFKA_…`, by which a process reaches the same servers."""
    variables: dict[str, str] = {}
    for group in given:
        if isinstance(group, Postgres):
            variables |= {
                "NEWSREEL_POSTGRES_HOST": group.host,
                "NEWSREEL_POSTGRES_PORT": str(group.port),
                "NEWSREEL_POSTGRES_DATABASE": group.database,
                "NEWSREEL_POSTGRES_USER": group.user,
                "NEWSREEL_POSTGRES_PASSWORD": group.password.get_secret_value(),
            }
        else:
            assert group.user is not None
            assert group.password is not None
            variables |= {
                "NEWSREEL_KAFKA_BOOTSTRAP": group.bootstrap,
                "NEWSREEL_KAFKA_USER": group.user,
                "NEWSREEL_KAFKA_PASSWORD": group.password.get_secret_value(),
            }
    return variables
