"""What can go wrong inside the notifier. Nothing here repeats an address or a code."""


class ServerAwayError(Exception):
    """No conversation with the mail server can begin: refused, unreachable, bad TLS or bad credentials.

    `reply` is the SMTP code that said so, if one did.
    """

    def __init__(self, reply: int | None = None) -> None:
        super().__init__("the mail server is away")
        self.reply = reply
