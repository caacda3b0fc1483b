"""What delivery hears: every event of the topics that it is named a consumer of."""

from delivery.inbound_kafka import GROUP, create_consumer
from newsreel_events import TOPICS
from newsreel_runtime.settings import Kafka
from newsreel_testing.delivery_service import Delivery, a_rendition, a_video


async def test_no_event_of_its_topics_is_missed(delivery: Delivery) -> None:
    consumer = create_consumer(Kafka(bootstrap="-"), delivery.database)
    expected = {event.type for topic in TOPICS if GROUP in topic.consumers for event in topic.events}
    assert consumer.types == expected


async def test_a_video_is_taken_over_from_its_event(delivery: Delivery) -> None:
    rendition = a_rendition(b"bytes", "Прес.mp4")
    await delivery.publish(a_video(rendition))
    async with delivery.database.read() as connection:
        (row,) = await connection.fetch(
            "SELECT file, media_type, size_bytes, sha256, available FROM rendition WHERE rendition_id = $1",
            rendition.rendition_id,
        )
    assert tuple(row) == (
        rendition.file,
        rendition.media_type,
        rendition.size_bytes,
        rendition.sha256,
        True,
    )
