"""The mails that residents got, whole: from the calls functions make to SES, and from what the emulator relays by SMTP."""

import base64
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses

from handset.texts import now


def from_ses(call: dict) -> bytes:
    """The MIME message that SES would make of a SendEmail call."""
    content = call.get("Content", {})
    if "Raw" in content:
        return base64.b64decode(content["Raw"]["Data"])
    simple = content.get("Simple", {})
    body = simple.get("Body", {})
    message = EmailMessage(policy=policy.SMTPUTF8)
    message["Subject"] = simple.get("Subject", {}).get("Data", "")
    message["From"] = call.get("FromEmailAddress", "")
    message["To"] = ", ".join(call.get("Destination", {}).get("ToAddresses", []))
    for header in simple.get("Headers", []):
        message[header["Name"]] = header["Value"]
    if "Text" in body:
        message.set_content(body["Text"]["Data"])
    if "Html" in body:
        add = message.add_alternative if "Text" in body else message.set_content
        add(body["Html"]["Data"], subtype="html")
    for attachment in simple.get("Attachments", []):
        kind, _, subtype = (attachment.get("ContentType") or "application/octet-stream").partition(";")[0].partition("/")
        message.add_attachment(base64.b64decode(attachment["RawContent"]), maintype=kind, subtype=subtype,
                               filename=attachment["FileName"])
    return message.as_bytes()


def part(message: EmailMessage, kind: str) -> str:
    """The body of that kind, or nothing."""
    found = message.get_body(preferencelist=(kind,))
    return found.get_content() if found is not None else ""


class Mailbox:
    """All mails, oldest first. A mail seen twice under one id (the call and the relay) is kept once, the whole one."""

    def __init__(self):
        self._mails: dict[str, dict] = {}
        self._files: dict[str, list[tuple[str, str, bytes]]] = {}

    def put(self, message_id: str, raw: bytes, to: list[str], whole: bool) -> None:
        """Keep a mail; `to` holds the addresses of the envelope."""
        known = self._mails.get(message_id)
        if known is not None and not whole:
            return
        message = message_from_bytes(raw, policy=policy.default)
        files = [(file.get_filename("attachment"), file.get_content_type(), file.get_payload(decode=True) or b"")
                 for file in message.iter_attachments()]
        self._files[message_id] = files
        self._mails[message_id] = {
            "id": message_id,
            "at": known["at"] if known else now(),
            "from": str(message["From"] or ""),
            "to": to,
            "subject": str(message["Subject"] or ""),
            "text": part(message, "plain"),
            "html": part(message, "html"),
            "headers": {name: str(value) for name, value in message.items()},
            "attachments": [{"name": name, "type": kind, "size": len(content)} for name, kind, content in files],
        }

    def sent(self, call: dict, message_id: str) -> None:
        """Keep the mail of a SendEmail call that the emulator accepted under this id."""
        destination = call.get("Destination", {})
        to = [address for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(kind, [])]
        self.put(message_id, from_ses(call), bare(to), whole=True)

    def mails(self, to: str | None = None) -> list[dict]:
        """The mails, of one address when it is given."""
        return [mail for mail in self._mails.values() if to is None or to.lower() in map(str.lower, mail["to"])]

    def mail(self, message_id: str) -> dict | None:
        return self._mails.get(message_id)

    def file(self, message_id: str, index: int) -> tuple[str, str, bytes] | None:
        """Name, type and content of an attachment."""
        files = self._files.get(message_id, [])
        return files[index] if 0 <= index < len(files) else None


def bare(addresses: list[str]) -> list[str]:
    """The addresses without display names."""
    return [address for _, address in getaddresses(addresses) if address]


class Postman:
    """What the SMTP server does with a mail: put it into the mailbox."""

    def __init__(self, mailbox: Mailbox):
        self._mailbox = mailbox

    async def handle_DATA(self, _server, _session, envelope) -> str:
        headers = message_from_bytes(envelope.content, policy=policy.compat32)
        message_id = (headers["Message-ID"] or "").strip().strip("<>").partition("@email.amazonses.com")[0]
        self._mailbox.put(message_id or now(), envelope.content, bare(envelope.rcpt_tos), whole=False)
        return "250 kept"
