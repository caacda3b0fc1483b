"""What one service ends is over in the others, too, while tokens and links of it would live on."""

import json

import httpx

from newsreel_local.stack import RunningStack
from newsreel_proving.revocation import prove
from newsreel_proving.withdrawal import prove as prove_withdrawal
from newsreel_testing.operators import newsreel
from newsreel_testing.wait_until import until


async def test_s2_signing_out_everywhere_ends_tokens_at_delivery(stack: RunningStack) -> None:
    assert (await prove(stack, 3)).ended == 3


async def test_a_withdrawal_ends_tickets_and_signed_urls(stack: RunningStack) -> None:
    assert (await prove_withdrawal(stack, 3)).ended == 3


async def test_the_press_office_withholds_a_video_and_releases_it(stack: RunningStack) -> None:
    """By the command, as an operator does; the portal's page, the list and delivery's poster follow."""
    listed = await newsreel(stack, "catalog", "catalog", "list", "--json", "--status", "usable")
    newest = json.loads(listed.splitlines()[0])
    words = (newest["reference"], "--why", "a rehearsal", "--as", "olga")
    edge, page = stack.ports.origin("edge"), f"/videos/{newest['video_id']}"
    async with httpx.AsyncClient(base_url=edge, timeout=30) as client:

        async def seen() -> tuple[int, bool, int]:
            poster = await client.get(f"/posters/{newest['video_id']}.jpg")
            is_listed = page in (await client.get("/")).text
            return (await client.get(page)).status_code, is_listed, poster.status_code

        async def is_gone() -> bool:
            return await seen() == (403, False, 404)

        async def is_back() -> bool:
            return await seen() == (200, True, 200)

        assert await is_back()
        await newsreel(stack, "catalog", "catalog", "withhold", *words, "--reason", "rights")
        await until(is_gone, "the video is seen nowhere")
        assert "withheld" in (await client.get(page)).text
        await newsreel(stack, "catalog", "catalog", "release", *words)
        await until(is_back, "the video is back")
