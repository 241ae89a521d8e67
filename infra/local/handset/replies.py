"""Sends what a resident types to the inbound webhook, signed as the office's gateway would sign it."""

import json
import uuid
from datetime import datetime, timezone

from aiohttp import ClientError, ClientSession
from standardwebhooks import Webhook

from handset.texts import now, size


class Replies:
    """The answers typed on this page, with what became of them. The secret stays in this process."""

    def __init__(self, http: ClientSession):
        self._http = http
        self._sent: list[dict] = []

    async def send(self, webhook: dict, sender: str, to: str, text: str, in_reply_to: str | None) -> dict:
        """Post one answer to the webhook; the record of it, `accepted` or `failed`."""
        reply = {"id": f"handset-{uuid.uuid4()}", "from": sender, "to": to, "text": text, "received_at": now()}
        if in_reply_to:
            reply["in_reply_to"] = in_reply_to
        body = json.dumps(reply, ensure_ascii=False)
        time = datetime.now(timezone.utc)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": reply["id"],
            "webhook-timestamp": str(int(time.timestamp())),
            "webhook-signature": Webhook(webhook["secret"]).sign(reply["id"], time, body),
        }
        try:
            async with self._http.post(webhook["url"], data=body.encode(), headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (ClientError, TimeoutError):
            status = 0
        record = reply | {"status": "accepted" if 200 <= status < 300 else "failed", "http_status": status, **size(text)}
        self._sent.append(record)
        return record

    def of(self, phone: str) -> list[dict]:
        """The answers of one phone, oldest first."""
        return [reply for reply in self._sent if reply["from"] == phone]
