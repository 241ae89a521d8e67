"""Starts the handset: its web server and the mailbox the emulator relays to, on sockets that were handed in."""

import argparse
import asyncio
import signal
import socket
from pathlib import Path

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, web
from aiosmtpd.smtp import SMTP

from handset.mailbox import Mailbox, Postman
from handset.server import application
from handset.texts import Outbox


async def serve(options: argparse.Namespace) -> None:
    sockets = [socket.socket(fileno=fd) for fd in (options.web_fd, options.smtp_fd)]
    mailbox = Mailbox()
    async with ClientSession(auto_decompress=False, cookie_jar=DummyCookieJar(), timeout=ClientTimeout(total=60)) as http:
        outbox = Outbox(http, options.emulator)
        runner = web.AppRunner(application(http, options.emulator, options.local, outbox, mailbox), access_log=None)
        await runner.setup()
        await web.SockSite(runner, sockets[0], shutdown_timeout=1).start()
        loop = asyncio.get_running_loop()
        mail = await loop.create_server(lambda: SMTP(Postman(mailbox), data_size_limit=None), sock=sockets[1])
        watching = asyncio.create_task(outbox.watch())
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await stopped.wait()
        watching.cancel()
        mail.close()
        await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--web-fd", type=int, required=True)
    parser.add_argument("--smtp-fd", type=int, required=True)
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--local", type=Path, required=True)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
