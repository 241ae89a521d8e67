"""A page that plays the residents' phones and mailboxes; a development tool that never touches the store."""

import sys


def command(web, smtp, emulator: str, local) -> list[str]:
    """How to start the handset on two sockets that already listen, before an emulator; `local` may not exist yet."""
    return [sys.executable, "-m", "handset", "--web-fd", str(web.fileno()), "--smtp-fd", str(smtp.fileno()),
            "--emulator", emulator, "--local", str(local)]
