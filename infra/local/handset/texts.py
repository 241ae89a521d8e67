"""The texts that residents got: read from the emulator's outbox, stamped when first seen, measured as carriers do."""

import asyncio
import time
from datetime import datetime, timezone

from aiohttp import ClientError, ClientSession

WATCH_SECONDS = 0.5
WATCH_SHARE = 0.05
SENDER_ATTRIBUTES = ("AWS.MM.SMS.OriginationNumber", "AWS.SNS.SMS.SenderID")


def now() -> str:
    """The time, as JSON carries it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def size(text: str) -> dict:
    """Bytes a domestic carrier counts (none if it cannot carry the text), UTF-16 units and parts that AWS counts."""
    try:
        carried = len(text.encode("cp949"))
    except UnicodeEncodeError:
        carried = None
    units = len(text.encode("utf-16-le")) // 2
    return {"bytes": carried, "units": units, "parts": 1 if units <= 70 else -(-units // 67)}


def sender(attributes: dict) -> str:
    """The number or name the text shows as its sender; empty where the publisher named none."""
    for name in SENDER_ATTRIBUTES:
        value = attributes.get(name) or {}
        found = value.get("StringValue") or value.get("Value") if isinstance(value, dict) else value
        if found:
            return found
    return ""


def pause(took: float) -> float:
    """How long to wait after a look that took so long. The emulator tells of all texts each time, so that looks at a year's
    would soon be all it does: they are given a small share of its time."""
    return max(WATCH_SECONDS, took * (1 - WATCH_SHARE) / WATCH_SHARE)


class Outbox:
    """Every text the emulator took for delivery. The emulator keeps no times, so each gets the one it was first seen at."""

    def __init__(self, http: ClientSession, emulator: str):
        self._http, self._url = http, f"{emulator}/_ministack/sns/sms-messages"
        self._texts: dict[str, dict] = {}
        self._reading = asyncio.Lock()

    async def read(self, phone: str | None = None) -> None:
        """Take what is new, of one phone when it is given; quietly nothing while the emulator is not up."""
        async with self._reading:
            try:
                only = {"phoneNumber": phone} if phone else {}
                async with self._http.get(self._url, params=only, headers={"Accept-Encoding": "identity"}) as answer:
                    phones = (await answer.json()).get("sms_messages", {})
            except (ClientError, ValueError, TimeoutError):
                return
            seen = now()
            for phone, records in phones.items():
                for record in records:
                    if record["MessageId"] not in self._texts:
                        self._texts[record["MessageId"]] = {
                            "id": record["MessageId"], "phone": phone, "text": record["Message"], "at": seen,
                            "sender": sender(record.get("MessageAttributes") or {}), **size(record["Message"])}

    async def watch(self) -> None:
        """Read again and again, so that the times are nearly true."""
        while True:
            began = time.monotonic()
            await self.read()
            await asyncio.sleep(pause(time.monotonic() - began))

    async def texts(self, phone: str | None = None) -> list[dict]:
        """All texts up to this moment, oldest first; of one phone when it is given."""
        await self.read(phone)
        return [text for text in self._texts.values() if phone in (None, text["phone"])]
