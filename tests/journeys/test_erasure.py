"""Somebody closes the account: within a minute no service keeps anything of the person."""

from collections.abc import Awaitable, Callable

from newsreel_local.journey import Journey
from newsreel_local.secrets_file import DATABASE_OWNERS
from newsreel_local.stack import RunningStack
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import reading
from newsreel_testing.wait_until import until

TOPICS = ("identity.account.v1", "identity.contact.v1")
BY_ID_ALONE = {"delivery.account", "notifier.newsletter_mail"}
NAME = "Ada Unforgettable-Lovelace"
Person = Callable[[], Awaitable[Journey]]
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""


async def rows_with(stack: RunningStack, *texts: str) -> list[str]:
    """`service.table` for each table of each service that has a row with one of the texts in it."""
    found = []
    for service in DATABASE_OWNERS:
        group = stack.layout.group("NEWSREEL_POSTGRES_", stack.layout.settings(service))
        async with Database.open(Postgres.model_validate(group)) as database, database.read() as sql:
            for row in await sql.fetch(_TABLES):
                table = row["relname"]
                for text in texts:
                    wanted = f"SELECT EXISTS (SELECT FROM {table} AS t WHERE t::text LIKE '%' || $1 || '%')"  # noqa: S608 (our own tables)
                    if await sql.fetchval(wanted, text):
                        found.append(f"{service}.{table}")
    return sorted(set(found))


async def another_address(someone: Journey) -> str:
    """The person moves the account; the former address."""
    former, someone.address = someone.address, f"new.{someone.address}"
    page = await someone.visitor.visit("/account/address")
    form = page.form("/account/address")
    asked = await someone.visitor.press(page, form, address=someone.address, password=someone.password)
    await someone.enter_code(asked, (await someone.mailbox.wait(someone.address)).code)
    return former


async def test_of_a_closed_account_nothing_is_left_anywhere(person: Person, stack: RunningStack) -> None:
    someone = await person()
    await someone.registered()
    await someone.subscribe()
    video = await someone.first_video()
    await someone.ticket(video)
    account = await someone.visitor.visit("/account")
    await someone.visitor.press(account, account.form("/account/name"), name=NAME)
    former = await another_address(someone)
    group = stack.layout.group("NEWSREEL_POSTGRES_", stack.layout.settings("identity"))
    async with Database.open(Postgres.model_validate(group)) as identity, identity.read() as sql:
        account_id = str(
            await sql.fetchval("SELECT account_id FROM account WHERE address = $1", someone.address)
        )
    known = await rows_with(stack, someone.address, account_id)
    assert await rows_with(stack, NAME) == ["identity.account"]
    assert "identity.former_address" in await rows_with(stack, former)
    assert {"identity.account", "notifier.contact", "delivery.account", "delivery.download_grant"} <= set(
        known
    )
    admin = Kafka(
        bootstrap=f"127.0.0.1:{stack.ports['kafka']}",
        user="admin",
        password=stack.layout.secrets.kafka["admin"],
    )
    async with reading(admin, TOPICS) as reader:
        page = await someone.visitor.visit("/account")
        closed = await someone.visitor.press(page, page.form("/account/deletion"), password=someone.password)
        assert "Your account is closed" in closed.text

        async def is_erased() -> bool:
            # By its id alone: that it is gone, while a token of it may live; mails that have ended.
            left = await rows_with(stack, someone.address, former, NAME)
            left += [name for name in await rows_with(stack, account_id) if name not in BY_ID_ALONE]
            return left == []

        await until(is_erased, "the person to be forgotten", deadline=60)

        async def last_values() -> dict[str, bytes | None] | None:
            records = await reader.at_least(1) or []
            last = {record.topic: record.value for record in records if record.key == account_id.encode()}
            return last if set(last) == set(TOPICS) else None

        # Compaction keeps the last record of a key, and then not even a tombstone.
        assert await until(last_values, "the last records") == dict.fromkeys(TOPICS)
