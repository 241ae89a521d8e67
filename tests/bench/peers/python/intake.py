"""POST /v1/notices: validates a notice, stores it once per idempotency key and once per the office's own number."""

import hmac
import json
import os
import re
import secrets
import time
import unicodedata
from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from tongji import (TABLE, attributes, compact, dynamo, event, indexed, log, moment, plain, put, session, settings,
                    sha256)

GENESIS = "0" * 64
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECIPIENT_KEY = session.client("secretsmanager").get_secret_value(
    SecretId=os.environ["RECIPIENT_KEY_SECRET"])["SecretString"].encode()
MOBILE = re.compile(r"\+821[016789]\d{7,8}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def answer(status: int, body, **headers) -> dict:
    kind = "application/json" if status < 400 else "application/problem+json"
    return {"statusCode": status, "headers": {"content-type": kind} | headers,
            "body": body if isinstance(body, str) else compact(body)}


def problem(status: int, title: str, **more) -> dict:
    return answer(status, {"status": status, "title": title} | more)


def ulid(now: float) -> str:
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def phone(text: str) -> str | None:
    plain_text = unicodedata.normalize("NFKC", text.strip())
    if any(c.isalpha() for c in plain_text):
        return None
    digits = re.sub(r"\D", "", plain_text).removeprefix("82").removeprefix("0")
    return f"+82{digits}" if re.fullmatch(r"[1-7]\d{7,9}", digits) else None


def within(low: int, high: int):
    def parse(text: str) -> str | None:
        text = text.strip()
        return text if low <= len(text) <= high and not CONTROL.search(text) else None
    return parse


def matching(pattern: str):
    compiled = re.compile(pattern)

    def parse(text: str) -> str | None:
        text = unicodedata.normalize("NFKC", text.strip())
        return text if compiled.fullmatch(text) else None
    return parse


REFERENCE = matching(r"[^\x00-\x1f\x7f]{1,64}")
EMAIL = matching(r"[^\s@\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
POSTAL_CODE = matching(r"\d{5}")
BIRTH_DATE = matching(r"\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


class Reader:
    """Reads an object field by field; collects every fault with its pointer."""

    def __init__(self, value: dict, pointer: str, faults: list):
        self.value, self.pointer, self.faults, self.known = value, pointer, faults, set()

    def fault(self, name: str, detail: str) -> None:
        self.faults.append({"pointer": f"{self.pointer}/{name}", "detail": detail})

    def given(self, name: str, required: bool):
        """The member, if it is there."""
        self.known.add(name)
        value = self.value.get(name)
        if value is None and required:
            self.fault(name, "required")
        return value

    def text(self, name: str, parse, expected: str, required: bool = True) -> str | None:
        value = self.given(name, required)
        if value is None:
            return None
        parsed = parse(value) if isinstance(value, str) else None
        if parsed is None:
            self.fault(name, f"expected {expected}")
        return parsed

    def object(self, name: str, read, required: bool = True):
        value = self.given(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(name, "expected an object")
            return None
        return Reader(value, f"{self.pointer}/{name}", self.faults).all(read)

    def all(self, read):
        result = read(self)
        for name in self.value.keys() - self.known:
            self.fault(name, "unknown field")
        return result


def one_of(codes: list[str]):
    return lambda text: text if text in codes else None


def refusal(fields: Reader) -> dict:
    return {"reason": fields.text("reason", within(1, 4_000), "1 to 4000 characters"),
            "remedy": fields.text("remedy", within(1, 4_000), "1 to 4000 characters")}


def officer(fields: Reader) -> dict:
    return {"unit": fields.text("unit", within(1, 60), "1 to 60 characters"),
            "name": fields.text("name", within(1, 30), "1 to 30 characters"),
            "phone": fields.text("phone", within(2, 30), "2 to 30 characters")}


def address(fields: Reader) -> dict:
    return {"postal_code": fields.text("postal_code", POSTAL_CODE, "five digits"),
            "line": fields.text("line", within(5, 200), "5 to 200 characters")}


def recipient(fields: Reader) -> dict:
    person = {"name": fields.text("name", within(1, 60), "a name"),
              "phone": fields.text("phone", phone, "a Korean telephone number", required=False),
              "email": fields.text("email", EMAIL, "an e-mail address", required=False),
              "address": fields.object("address", address, required=False),
              "birth_date": fields.text("birth_date", BIRTH_DATE, "YYMMDD", required=False),
              "entity": fields.text("entity", one_of(["person", "corporation"]), "person or corporation")}
    if not (person["phone"] or person["email"] or person["address"]):
        fields.fault("", "expected at least one way to reach the recipient")
    return person


def parse(document, known: dict, now: float) -> tuple[dict, list]:
    faults: list = []
    if not isinstance(document, dict):
        return {}, [{"pointer": "#", "detail": "expected an object"}]

    def send_after(text: str) -> str | None:
        try:
            at = datetime.fromisoformat(text).timestamp()
        except ValueError:
            return None
        return moment(at) if at <= now + timedelta(days=366).total_seconds() else None

    def notice(fields: Reader) -> dict:
        return {"reference": fields.text("reference", REFERENCE, "a reference"),
                "kind": fields.text("kind", one_of([kind["code"] for kind in known["kinds"]]), "a kind"),
                "department": fields.text(
                    "department", one_of([each["code"] for each in known["departments"]]), "a department"),
                "title": fields.text("title", within(1, 200), "1 to 200 characters"),
                "body": fields.text("body", within(1, 30_000), "1 to 30000 characters"),
                "refusal": fields.object("refusal", refusal, required=False),
                "officer": fields.object("officer", officer),
                "recipient": fields.object("recipient", recipient),
                "send_after": fields.text("send_after", send_after, "a moment within a year", required=False)}

    return Reader(document, "#", faults).all(notice), faults


def standing(recipient_id: str, kind: str) -> dict | None:
    found = dynamo.query(
        TableName=TABLE, ConsistentRead=True, KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues=attributes({":pk": f"RECIPIENT#{recipient_id}", ":prefix": "PREFERENCE#"}))
    of = {item["sk"]: item for item in map(plain, found["Items"])}
    everything = of.get("PREFERENCE#*")
    if everything and everything["opted_out"]:
        return everything
    return of.get(f"PREFERENCE#{kind}", everything)


def post_reason(person: dict, kind: dict, preference: dict | None) -> str | None:
    """Why a notice goes straight to post; none where its resident is asked."""
    if kind["corporations_by_post"] and person["entity"] == "corporation":
        return "corporation"
    if not person["phone"]:
        return "no_phone"
    if preference and preference["opted_out"]:
        return "opted_out"
    if not MOBILE.fullmatch(person["phone"]):
        return "not_a_mobile"
    return "standing_preference" if preference and preference["route"] == "post" else None


def masked(text: str | None, shown: int) -> str | None:
    return text and f"{text[:shown]}***"


def earlier(pk: str, request_hash: str) -> dict | None:
    found = dynamo.get_item(TableName=TABLE, Key=attributes({"pk": pk, "sk": "ONCE"}), ConsistentRead=True)
    if "Item" not in found:
        return None
    once = plain(found["Item"])
    if once["request_hash"] != request_hash:
        return problem(422, "the request is not acceptable",
                       errors=[{"header": "Idempotency-Key", "detail": "came before with another body"}])
    return answer(201, once["answer"], location=f"/v1/notices/{once['notice']}")


def handler(request: dict, _context) -> dict:
    key = request["headers"].get("idempotency-key", "").strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        return problem(400, "the request is not well-formed")
    if len(request["body"]) > 256 * 1024:
        return problem(413, "the body is too large")
    try:
        document = json.loads(request["body"])
    except ValueError:
        return problem(400, "the request is not well-formed")
    request_hash = sha256(request["body"])
    claims = request["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    once = f"ONCE#intake#{claims.get('client_id', 'office')}#{key}"
    known, now = settings(), time.time()
    notice, faults = parse(document, known, now)
    if faults:
        return earlier(once, request_hash) or problem(422, "the request is not acceptable", errors=faults)
    return store(notice, known, now, once, request_hash)


def store(given: dict, known: dict, now: float, once: str, request_hash: str) -> dict:
    person, not_before = given.pop("recipient"), given.pop("send_after")
    recipient_id = person["phone"] and hmac.digest(RECIPIENT_KEY, person["phone"].encode(), "sha256").hex()
    kind = next(kind for kind in known["kinds"] if kind["code"] == given["kind"])
    preference = standing(recipient_id, given["kind"]) if recipient_id else None
    at, identity = moment(now), ulid(now)
    not_before = not_before if not_before and not_before > at else None
    reason = None if not_before else post_reason(person, kind, preference)
    facts: list[dict] = [{"version": 1, "at": at, "type": "accepted", "not_before": not_before}]
    state: dict = {"name": "accepted", "not_before": not_before, "cause": 1}
    if reason:
        facts.append({"version": 2, "at": at, "type": "post_required", "reason": reason})
        state = ({"name": "posting", "reason": reason, "since": at} if person["address"] else
                 {"name": "needs_attention", "reason": "no_address", "since": at})
    elif preference and not not_before:
        route = {"route": preference["route"], "consent": preference["consent"]}
        facts.append({"version": 2, "at": at, "type": "channel_chosen", "evidence": "standing_preference"} | route)
        state = {"name": "sending", "route": route, "cause": 2}
    events: list[dict] = []
    for fact in facts:
        events.append(event(identity, events[-1]["hash"] if events else GENESIS, fact))
    lost = moment(now + 60 * 60)
    home = person["address"] or {}
    notice = indexed({
        "pk": f"NOTICE#{identity}", "sk": "NOTICE", "id": identity, "version": len(facts), "state": state,
        "paper": {"is": "awaited", "round": 0, "overdue_at": lost}, "ledger": {}, "has_postal_address": bool(home),
        "head": events[-1]["hash"], "accepted_at": at, "updated_at": at,
    }, given["department"], lost)
    details = {
        "pk": notice["pk"], "sk": "NOTICE#DETAILS", "nature": kind["nature"], "recipient_id": recipient_id,
        "permit": None,
        "recipient": {"name": person["name"], "phone": person["phone"], "email": person["email"],
                      "postal_code": home.get("postal_code"), "address_line": home.get("line"),
                      "birth_date": person["birth_date"], "entity": person["entity"]},
    } | given
    view = compact({
        "id": identity, "reference": given["reference"], "kind": given["kind"], "department": given["department"],
        "state": state, "version": len(facts),
        "recipient": {"name": masked(person["name"], 1), "phone": masked(person["phone"], 5),
                      "email": masked(person["email"], 2), "address": masked(home.get("line"), 9),
                      "entity": person["entity"]},
        "accepted_at": at, "updated_at": at, "events": facts})
    reference = f"ONCE#reference#{given['department']}#{given['kind']}#{given['reference']}"
    day = 86_400
    writes = [put(notice), put({"pk": reference, "sk": "ONCE", "notice": identity}),
              put({"pk": once, "sk": "ONCE", "notice": identity, "request_hash": request_hash, "answer": view,
                   "expires": int(now) + 7 * day}), put(details), *map(put, events)]
    if recipient_id:
        writes.append(put({"pk": f"RECIPIENT#{recipient_id}", "sk": f"OPEN#{identity}", "notice": identity,
                           "expires": int(now) + 90 * day}))
    if state["name"] == "posting":
        writes.append(put({"pk": "LETTERS#0", "sk": notice["listed_at_id"]}))
    try:
        dynamo.transact_write_items(TransactItems=writes)
    except ClientError as error:
        codes = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        failed = [place for place, code in enumerate(codes) if code == "ConditionalCheckFailed"]
        if 2 in failed:
            return earlier(once, request_hash)
        if 1 in failed:
            return problem(409, "the reference belongs to another notice")
        log("ERROR", error=error.response["Error"]["Code"])
        return problem(503, "the service cannot answer now")
    log("INFO", message="notice accepted", **{"notice.id": identity})
    return answer(201, view, location=f"/v1/notices/{identity}")
