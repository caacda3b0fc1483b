"""What identity listens to."""

from datetime import datetime, timedelta

from identity.inbound_kafka import create_consumer, mail_accepted
from newsreel_events import Envelope, TraceContext
from newsreel_events.notifier import MailAcceptedV1, MailBouncedV1, MailDelayedV1
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Kafka
from newsreel_testing.identity_service import Identity


async def test_an_accepted_mail_moves_the_expiry_of_its_generation(
    identity: Identity, noon: datetime
) -> None:
    asked = await identity.register("ada@example.org", noon)
    event = MailAcceptedV1(
        reference_id=asked.challenge_id,
        generation=1,
        kind="signup_code",
        occurred_at=noon + timedelta(minutes=10),
    )
    received = Envelope.of(event, event_id=new_id(), time=noon, trace=TraceContext())
    async with identity.database.begin() as tx:
        await mail_accepted(tx, event, received)
    code = identity.code(asked.challenge_id)
    assert await identity.verify(asked, code, noon + timedelta(minutes=40)) is None
    assert await identity.verify(asked, code, noon + timedelta(minutes=39))


async def test_it_listens_to_what_became_of_mails(identity: Identity) -> None:
    consumer = create_consumer(Kafka(bootstrap="127.0.0.1:1"), identity.database)
    assert consumer.types == {MailAcceptedV1.type, MailBouncedV1.type, MailDelayedV1.type}
