"""What one service ends is over in the others, too, while tokens and links of it would live on."""

from newsreel_local.stack import RunningStack
from newsreel_proving.revocation import prove
from newsreel_proving.withdrawal import prove as prove_withdrawal


async def test_s2_signing_out_everywhere_ends_tokens_at_delivery(stack: RunningStack) -> None:
    assert (await prove(stack, 3)).ended == 3


async def test_a_withdrawal_ends_tickets_and_signed_urls(stack: RunningStack) -> None:
    assert (await prove_withdrawal(stack, 3)).ended == 3
