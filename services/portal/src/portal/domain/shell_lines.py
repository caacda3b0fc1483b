"""What a person pastes into a shell to take a file by its bearer ticket, and to go on where it broke off."""

from shlex import quote

from portal.domain.downloads import NewTicket


def shell_lines(ticket: NewTicket) -> dict[str, str]:
    """A line for each program, then how the file is checked. Each may be run again until it is whole.

    The name that the file gets is said by each, since the programs read it off an address in different ways.
    """
    url, file, sha256 = quote(ticket.url), quote(f"./{ticket.rendition.file}"), ticket.rendition.sha256
    name = quote(ticket.rendition.file)
    return {
        "curl": f"curl --fail --continue-at - --output {file} {url}",
        "wget": f"wget --continue --output-document={file} {url}",
        "aria2": f"aria2c --continue --max-connection-per-server=8 --split=8 --checksum=sha-256={sha256}"
        f" --out={name} {url}",
        "check": f"echo {quote(f'{sha256}  ./{ticket.rendition.file}')} | sha256sum --check",
    }
