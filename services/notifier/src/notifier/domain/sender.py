"""Who the mails come from."""

import re
import textwrap
from dataclasses import dataclass
from email.header import Header, decode_header, make_header
from email.utils import getaddresses

from notifier.domain.address import can_be_mailed

_SENDER = re.compile(r"(?:(?P<name>[^<>]*)<(?P<boxed>[^<>]+)>|(?P<bare>[^<>]+))")
_NAME_LIMIT = 200  # characters; a line of a mail has 998 octets at most (RFC 5322 §2.1.1)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sender:
    """The header as it stands in a mail, the envelope's address, and the domain of Message-IDs."""

    header: str
    address: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> "Sender":
        """From `Name <local@domain>` or `local@domain`; the name may be in quotes. Raises `ValueError`."""
        found = _SENDER.fullmatch(text)
        address = (found["boxed"] or found["bare"]) if found else ""
        if found is None or not address.isascii() or not can_be_mailed(address) or not text.isprintable():
            raise ValueError("the sender is an ASCII address, with a display name if you like")
        name = " ".join((found["name"] or "").split())
        if quoted := _QUOTED.fullmatch(name):
            name = re.sub(r"\\(.)", r"\1", quoted[1])
        header = _header(name, address)
        read = getaddresses([header.removeprefix("From:").replace("\r\n", "")])
        written = [(str(make_header(decode_header(shown))), spec) for shown, spec in read]
        if written != [(name, address)] or len(name) > _NAME_LIMIT:
            raise ValueError("the sender's name cannot be written in a mail; leave out what is unusual in it")
        return cls(header, address, address.rpartition("@")[2])


def _header(name: str, address: str) -> str:
    """Made here, since `EmailMessage` loses the quotes of a name that it folds: a comma makes two senders."""
    if not name:
        return f"From: {address}\r\n"
    if not name.isascii():
        encoded = Header(name, "utf-8", header_name="From").encode(linesep="\r\n")
        return f"From: {encoded}\r\n <{address}>\r\n"
    escaped = re.sub(r'(["\\])', r"\\\1", name)
    header = f'From: "{escaped}" <{address}>'
    return "\r\n ".join(textwrap.wrap(header, 76, break_long_words=False, break_on_hyphens=False)) + "\r\n"
