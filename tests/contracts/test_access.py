"""Rights on the bus follow from the topics table, and private topics stay with the notifier."""

from dataclasses import replace

from newsreel_contracts.generated import generated, outdated
from newsreel_contracts.rights import PAGE, with_rights
from newsreel_events.access import Right, private_readers, rights, subscriber_rights
from newsreel_events.topics import TOPICS

CODE = next(topic for topic in TOPICS if topic.name == "identity.code.v1")


def test_a_topic_gives_its_producer_and_its_consumers_what_they_need() -> None:
    parked, replayed = "identity.code.v1.notifier.dlq", "identity.code.v1.notifier.replay"
    assert rights([CODE]) == {
        Right("identity", "topic", "identity.code.v1", "write"),
        Right("notifier", "topic", "identity.code.v1", "read"),
        Right("notifier", "group", "notifier", "read"),
        Right("notifier", "topic", parked, "read"),
        Right("notifier", "topic", parked, "write"),
        Right("notifier", "topic", replayed, "read"),
        Right("notifier", "topic", replayed, "write"),
    }


def test_each_topic_has_one_writer() -> None:
    writers: dict[str, set[str]] = {}
    for right in rights():
        if right.operation == "write":
            writers.setdefault(right.name, set()).add(right.user)
    assert all(len(users) == 1 for users in writers.values())
    assert {topic.name for topic in TOPICS} <= writers.keys()


def test_nobody_but_the_notifier_reads_private_topics() -> None:
    assert private_readers() == {"notifier"}


def test_another_reader_of_a_private_topic_is_seen() -> None:
    assert private_readers([replace(CODE, consumers=("notifier", "catalog"))]) == {"notifier", "catalog"}


def test_a_subscriber_reads_what_is_public_in_groups_of_its_own() -> None:
    given = subscriber_rights("partner")
    public = {topic.name for topic in TOPICS if topic.public}
    assert {right.name for right in given if right.kind == "topic"} == public
    assert {right.operation for right in given} == {"read"}
    assert {(right.name, right.prefix) for right in given if right.kind == "group"} == {
        ("partner", False),
        ("partner.", True),
    }


def test_the_page_keeps_its_words_and_gets_the_rights_of_today() -> None:
    page = with_rights("# Words\n\n<!-- rights -->\n| old |\n<!-- end of rights -->\n\nMore words\n", [CODE])
    assert page.startswith("# Words\n\n<!-- rights -->\n| topic |")
    assert page.endswith("<!-- end of rights -->\n\nMore words\n")
    assert "| `identity.code.v1`, **private** | identity | notifier |" in page
    assert "old" not in page
    assert with_rights(page, [CODE]) == page


def test_a_page_of_other_rights_is_outdated() -> None:
    wider = replace(CODE, consumers=("notifier", "catalog"))
    topics = [wider if topic is CODE else topic for topic in TOPICS]
    assert "| `identity.code.v1`, **private** | identity | catalog, notifier |" in generated(topics)[PAGE]
    assert PAGE in outdated(generated(topics))
