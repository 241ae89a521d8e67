"""Starts microburst so that it passes on the host a request was signed for; the emulator checks signatures, as AWS does.

Usage: as microburst.
"""

import logging
import sys

from microburst import cli
from microburst.forward import Upstream

outbound_headers = Upstream._outbound_headers


def signed_headers(upstream: Upstream, request) -> dict[str, str]:
    """The request's headers with its own host, not the upstream's."""
    return outbound_headers(upstream, request) | {"host": request.headers["Host"]}


if __name__ == "__main__":
    Upstream._outbound_headers = signed_headers
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    sys.exit(cli.main())
