"""What identity ends is over in the other services, too, while tokens of it would live on."""

from newsreel_local.stack import RunningStack
from newsreel_proving.revocation import prove


async def test_s2_signing_out_everywhere_ends_tokens_at_delivery(stack: RunningStack) -> None:
    assert (await prove(stack, 3)).ended == 3
