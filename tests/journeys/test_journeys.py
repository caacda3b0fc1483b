"""The four journeys, over HTTP, on the running stack."""

import re
from collections.abc import Awaitable, Callable

import httpx

from newsreel_events import identity
from newsreel_local.journey import Journey, a_password
from newsreel_local.operator_command import send_newsletter
from newsreel_local.stack import RunningStack
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Kafka, Postgres
from newsreel_testing.bus import reading
from newsreel_testing.wait_until import until

Person = Callable[[], Awaitable[Journey]]
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


def published_sha256(text: str) -> str:
    """The first checksum on a page."""
    found = SHA256.search(text)
    assert found
    return found[0]


async def test_register_verify_and_be_told_that_downloading_is_possible(person: Person) -> None:
    someone = await person()
    page = await someone.register()
    first = await someone.mailbox.wait(someone.address)
    refused = await someone.enter_code(page, f"{(int(first.code.replace(' ', '')) + 1) % 10**8:08}")
    assert refused.status == 422
    done = await someone.enter_code(refused, first.code)
    assert done.status == 200
    assert "download" in done.text.lower()


async def test_asking_for_a_new_code_too_early_says_when(person: Person) -> None:
    someone = await person()
    page = await someone.register()
    await someone.mailbox.wait(someone.address)
    resend = next(form for form in page.forms if "code" not in form.fields and "code" in form.action)
    again = await someone.visitor.press(page, resend)
    assert again.status == 429
    assert "second" in again.text.lower()


async def test_a_video_is_taken_after_signing_in_on_the_way(person: Person) -> None:
    someone = await person()
    video = await someone.first_video()
    assert "transcript" in video.text.lower()
    sign_in = await someone.press_download(video)
    assert sign_in.path.startswith("/sign-in")
    await someone.enter_code(await someone.register(), (await someone.mailbox.wait(someone.address)).code)
    back = await someone.sign_in()
    assert back.path.partition("?")[0] == video.path
    assert "rendition=" in back.path
    ticket = await someone.ticket(back)
    taken = await someone.take(ticket, published_sha256(video.text))
    assert taken.sha256 == taken.published_sha256
    assert taken.headers["etag"] == f'"{taken.sha256}"'
    assert taken.headers["accept-ranges"] == "bytes"


async def test_a_ticket_is_worth_nothing_to_others(person: Person) -> None:
    owner, other = await person(), await person()
    await owner.registered()
    await other.registered()
    ticket = await owner.ticket(await owner.first_video())
    assert (await other.visitor.client.get(ticket)).status_code == 404
    nobody = (await person()).visitor
    stranger = await nobody.get(ticket)
    assert (stranger.status_code, stranger.headers["location"].partition("?")[0]) == (303, "/sign-in")
    assert (await nobody.client.get(ticket)).status_code == 401


async def test_a_forgotten_password_is_replaced_and_older_sessions_are_dead(person: Person) -> None:
    someone = await person()
    await someone.registered()
    video = await someone.first_video()
    ticket = await someone.ticket(video)
    before, later = someone.password, await person()
    later.address = someone.address
    code_page = await later.forget(await later.visitor.visit(video.path))
    mail = await later.mailbox.wait(later.address, count=2)
    sign_in = await later.choose_password(await later.enter_code(code_page, mail.code))
    back = await later.sign_in(sign_in)
    assert back.path.partition("?")[0] == video.path

    async def refused() -> bool:
        return (await someone.visitor.get(ticket)).status_code == httpx.codes.SEE_OTHER

    await until(refused, "the end of the older session", deadline=5)
    someone.password = before
    assert (await someone.sign_in()).status == 422


async def test_a_weak_new_password_comes_back_with_every_reason(person: Person) -> None:
    someone = await person()
    page = await someone.visitor.visit("/register")
    refused = await someone.visitor.press(
        page, page.form("/register"), address=someone.address, password="short one"
    )
    assert refused.status == 422
    for reason in ("12", "space", "capital", "number", "symbol"):
        assert reason in refused.text.lower(), refused.text
    assert "short one" not in refused.text


async def test_one_press_subscribes_to_the_newsletter(person: Person, stack: RunningStack) -> None:
    someone = await person()
    await someone.registered()
    admin = Kafka(
        bootstrap=f"127.0.0.1:{stack.ports['kafka']}",
        user="admin",
        password=stack.layout.secrets.kafka["admin"],
    )
    async with reading(admin, [identity.ACCOUNT]) as reader:
        page = await someone.subscribe()
        assert "newsletter" in page.text.lower()
        record = (await until(lambda: reader.at_least(1), "the event"))[0]
    headers = dict(record.headers)
    assert headers["ce_type"].decode() == identity.AccountNewsletterSubscribedV1.type
    assert b'"newsletter":true' in record.value
    assert someone.address.encode() not in record.value


async def test_the_newsletter_comes_and_its_link_ends_it(person: Person, stack: RunningStack) -> None:
    reader, other = await person(), await person()
    for someone in (reader, other):
        await someone.registered()
    await reader.subscribe()
    group = stack.layout.group("NEWSREEL_POSTGRES_", stack.layout.settings("notifier"))
    async with Database.open(Postgres.model_validate(group)) as notifier:

        async def is_known() -> bool:
            async with notifier.read() as sql:
                return bool(
                    await sql.fetchval(
                        "SELECT EXISTS (SELECT FROM contact WHERE address = $1 AND newsletter)"
                        " AND EXISTS (SELECT FROM news)",
                        reader.address,
                    )
                )

        await until(is_known, "the subscriber and the videos")
        assert await send_newsletter(stack.layout)
    await reader.unsubscribe(await reader.newsletter_link())
    page = await reader.visitor.visit("/newsletter")
    assert "Subscribe to the newsletter" in page.text
    assert [mail.subject for mail in await other.mailbox.mails(other.address)] == [
        "Confirm your address for Newsreel"
    ]


async def test_a_second_registration_answers_alike_and_changes_nothing(person: Person) -> None:
    owner, other = await person(), await person()
    await owner.registered()
    other.address, other.password = owner.address, a_password()
    page = await other.register()
    assert page.path == "/code"
    notice = await other.mailbox.wait(owner.address, count=2)
    assert not re.search(r"\d{4} \d{4}", notice.text)
    assert (await other.sign_in()).status == 422
    assert (await (await person_like(owner, person)).sign_in()).status == 200


async def person_like(owner: Journey, person: Person) -> Journey:
    """The same person in another browser."""
    same = await person()
    same.address, same.password = owner.address, owner.password
    return same


async def test_another_address_has_a_code_of_its_own_and_the_former_one_is_told(
    person: Person, stack: RunningStack
) -> None:
    someone = await person()
    await someone.registered()
    await someone.subscribe()
    account = await someone.visitor.visit("/account")
    named = await someone.visitor.press(account, account.form("/account/name"), name="Ada Lovelace")
    assert "Ada Lovelace" in named.text
    former, someone.address = someone.address, f"new.{someone.address}"
    page = await someone.visitor.visit("/account/address")
    form = page.form("/account/address")
    asked = await someone.visitor.press(page, form, address=someone.address, password=someone.password)
    mail = await someone.mailbox.wait(someone.address)
    changed = await someone.enter_code(asked, mail.code)
    assert "Your account has its new address." in changed.text
    assert someone.address in changed.text
    told = await someone.mailbox.wait(former, 2)  # after the code of the registration
    assert "has another address" in told.text or "another mail address" in told.text
    assert not {"Ada", "Lovelace"} & set(re.findall(r"\w+", mail.text + told.text))
    group = stack.layout.group("NEWSREEL_POSTGRES_", stack.layout.settings("notifier"))
    async with Database.open(Postgres.model_validate(group)) as notifier:

        async def follows() -> bool:
            async with notifier.read() as sql:
                query = (
                    "SELECT array_agg(address) FROM contact WHERE newsletter AND address = ANY ($1::text[])"
                )
                return bool(await sql.fetchval(query, [former, someone.address]) == [someone.address])

        await until(follows, "the newsletter to follow")
