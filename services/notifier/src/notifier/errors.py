"""What can go wrong inside the notifier. Nothing here repeats an address or a code."""


class NotOfferedError(Exception):
    """The mail server lacks an SMTP extension without which no mail may be given to it."""
