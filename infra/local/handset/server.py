"""The handset's addresses: its page, its JSON for tests, and the residents' pages of the service behind it."""

import json
import re
import uuid
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientSession, web

from handset.mailbox import Mailbox
from handset.proxy import passed_on
from handset.replies import Replies
from handset.texts import Outbox, now

PAGE = Path(__file__).with_name("page")
PAGE_POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
               "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
MAIL_POLICY = ("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
               "style-src 'unsafe-inline'; frame-ancestors 'self'")


class Handset:
    """Answers for one stack. The stack's description appears in a file once it is deployed."""

    def __init__(self, http: ClientSession, emulator: str, local: Path, outbox: Outbox, mailbox: Mailbox):
        self._http, self._emulator, self._local = http, emulator, local
        self._outbox, self._mailbox, self._replies = outbox, mailbox, Replies(http)
        self._media: dict[str, tuple[str, bytes]] = {}
        self._run = now()

    def stack(self) -> dict:
        """The stack's description; 503 while there is none."""
        try:
            return json.loads(self._local.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise web.HTTPServiceUnavailable(text="the stack is not deployed yet\n") from None

    async def overview(self, _request: web.Request) -> web.Response:
        """Phones and mailboxes, newest first; `run` tells one start of the handset from another."""
        phones, boxes = {}, {}
        for text in await self._outbox.texts():
            phones[text["phone"]] = {"phone": text["phone"], "at": text["at"], "text": text["text"],
                                     "count": phones.get(text["phone"], {"count": 0})["count"] + 1}
        for mail in self._mailbox.mails():
            for address in mail["to"]:
                boxes[address] = {"to": address, "at": mail["at"], "subject": mail["subject"],
                                  "count": boxes.get(address, {"count": 0})["count"] + 1}
        newest = lambda entries: sorted(entries.values(), key=lambda entry: entry["at"], reverse=True)  # noqa: E731
        return web.json_response({"run": self._run, "phones": newest(phones), "mailboxes": newest(boxes)})

    async def texts(self, request: web.Request) -> web.Response:
        return web.json_response(await self._outbox.texts(request.query.get("phone")))

    async def mails(self, request: web.Request) -> web.Response:
        return web.json_response(self._mailbox.mails(request.query.get("to")))

    async def mail_html(self, request: web.Request) -> web.Response:
        """The HTML of a mail, so that it can neither run scripts nor fetch anything; links open in a new tab."""
        mail = self._mailbox.mail(request.match_info["id"])
        if mail is None:
            raise web.HTTPNotFound
        return web.Response(text='<base target="_blank">' + mail["html"], content_type="text/html",
                            headers={"Content-Security-Policy": MAIL_POLICY})

    async def mail_file(self, request: web.Request) -> web.Response:
        file = self._mailbox.file(request.match_info["id"], int(request.match_info["index"]))
        if file is None:
            raise web.HTTPNotFound
        name, kind, content = file
        return web.Response(body=content, content_type=kind, headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "X-Content-Type-Options": "nosniff"})

    async def replies(self, request: web.Request) -> web.Response:
        return web.json_response(self._replies.of(request.query.get("phone", "")))

    async def reply(self, request: web.Request) -> web.Response:
        """A resident's answer: `{from, text, to?, in_reply_to?}`; `to` is the office where it is not given."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        typed = await request.json()
        sender, text = str(typed.get("from", "")), str(typed.get("text", ""))
        if not re.fullmatch(r"\+\d{8,15}", sender) or not text.strip():
            raise web.HTTPBadRequest(text="a phone number with its country code and a text are needed\n")
        reply = await self._replies.send(self.stack()["webhook"], sender, str(typed.get("to") or ""), text,
                                         typed.get("in_reply_to"))
        return web.json_response(reply)

    async def keep_media(self, request: web.Request) -> web.Response:
        """A picture, as a telephone hands it to its carrier; where the gateway keeps it for the office to fetch."""
        name = uuid.uuid4().hex
        self._media[name] = (request.content_type, await request.read())
        return web.json_response({"url": f"http://{request.host}/media/{name}"})

    async def media(self, request: web.Request) -> web.Response:
        if request.match_info["id"] not in self._media:
            raise web.HTTPNotFound
        kind, content = self._media[request.match_info["id"]]
        return web.Response(body=content, content_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    async def residents_page(self, request: web.Request) -> web.Response:
        return await passed_on(self._http, request, self.stack()["api"].replace("//localhost:", "//127.0.0.1:"))

    async def ses(self, request: web.Request) -> web.Response:
        """SES, as functions call it; a mail that the emulator accepted is kept whole on its way."""
        answer = await passed_on(self._http, request, self._emulator)
        if request.path == "/v2/email/outbound-emails" and request.method == "POST" and answer.status == 200:
            self._mailbox.sent(await request.json(), json.loads(answer.body)["MessageId"].partition("@")[0])
        return answer


async def page(_request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": PAGE_POLICY, "Cache-Control": "no-cache"})


def application(http: ClientSession, emulator: str, local: Path, outbox: Outbox, mailbox: Mailbox) -> web.Application:
    handset = Handset(http, emulator, local, outbox, mailbox)
    app = web.Application(client_max_size=64 << 20)
    app.add_routes([
        web.get("/", page),
        web.static("/page", PAGE),
        web.get("/outbox", handset.overview),
        web.get("/outbox/texts", handset.texts),
        web.get("/outbox/mails", handset.mails),
        web.get("/outbox/mails/{id}/html", handset.mail_html),
        web.get(r"/outbox/mails/{id}/files/{index:\d+}", handset.mail_file),
        web.get("/replies", handset.replies),
        web.post("/replies", handset.reply),
        web.post("/media", handset.keep_media),
        web.get("/media/{id}", handset.media),
        web.route("*", "/c/{rest:.*}", handset.residents_page),
        web.route("*", "/verify", handset.residents_page),
        web.route("*", "/v2/email/{rest:.*}", handset.ses),
    ])
    return app
