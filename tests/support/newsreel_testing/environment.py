"""Settings as the variables of a process that a test starts."""

from newsreel_runtime.settings import Kafka, Postgres


def environment_of(*given: Postgres | Kafka) -> dict[str, str]:
    """`NEWSREEL_POSTGRES_…` and `NEWSREEL_KAFKA_…`, by which a process reaches the same servers."""
    variables: dict[str, str] = {}
    for one in given:
        if isinstance(one, Postgres):
            variables |= {
                "NEWSREEL_POSTGRES_HOST": one.host,
                "NEWSREEL_POSTGRES_PORT": str(one.port),
                "NEWSREEL_POSTGRES_DATABASE": one.database,
                "NEWSREEL_POSTGRES_USER": one.user,
                "NEWSREEL_POSTGRES_PASSWORD": one.password.get_secret_value(),
            }
        else:
            assert one.user is not None
            assert one.password is not None
            variables |= {
                "NEWSREEL_KAFKA_BOOTSTRAP": one.bootstrap,
                "NEWSREEL_KAFKA_USER": one.user,
                "NEWSREEL_KAFKA_PASSWORD": one.password.get_secret_value(),
            }
    return variables
