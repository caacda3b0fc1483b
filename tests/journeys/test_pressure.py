"""A stranger spends every mail, guess and try of an address; its owner gets in all the same (trial A3)."""

from collections.abc import Awaitable, Callable

from newsreel_local.journey import Journey

Person = Callable[[], Awaitable[Journey]]


async def test_the_owner_registers_resets_and_signs_in_beside_a_stranger(person: Person) -> None:
    owner = await person()
    for _ in range(5):
        stranger = await person()
        stranger.address = owner.address
        page = await stranger.register()
        for _ in range(2):
            page = await stranger.enter_code(page, "00000000")
    newest = await owner.mailbox.wait(owner.address, count=4)
    assert len(newest.code.replace(" ", "")) == 26
    page = await owner.register()
    assert (await owner.enter_code(page, "00000000")).status == 429
    assert (await owner.enter_code(page, newest.code)).path == "/registered"
    assert (await owner.sign_in()).status == 200
    assert len(await owner.mailbox.mails(owner.address)) == 4

    for _ in range(11):  # from the owner's own network: all are on this machine
        refused = await stranger.sign_in()
    assert refused.status == 429
    await owner.visitor.press(page := await owner.visitor.visit("/"), page.form("/sign-out"))
    assert (await owner.sign_in()).status == 200

    for _ in range(4):
        visitor = (await person()).visitor
        page = await visitor.visit("/forgot")
        await visitor.press(page, page.form("/forgot"), address=owner.address)
    await owner.visitor.press(page := await owner.visitor.visit("/"), page.form("/sign-out"))
    page = await owner.forget(await owner.visitor.visit("/"))
    code = (await owner.mailbox.wait(owner.address, count=8)).code
    await owner.choose_password(await owner.enter_code(page, code))
    stranger.password = owner.password  # the reset lifted the delay of the whole network
    assert (await stranger.sign_in()).status == 200
