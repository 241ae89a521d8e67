"""Works through the SMS queue: claims a question, hands it to SNS once, records what it answered."""

import json
import os
import re
import secrets
import string
import time

from tongji import ONCE, TABLE, advance, attributes, dynamo, event, indexed, log, moment, overwrite, plain, put, \
    session, settings, sha256

PUBLIC_URL = os.environ["PUBLIC_URL"]
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
sns = session.client("sns", config=ONCE)
DAY = 86_400


class Undone(Exception):
    """A message that must come again."""


def fits(text: str) -> bool:
    return len(text) <= 70 and sum(2 if c > "\x7f" else 1 for c in text) <= 90


def drawn(length: int, alphabet: str) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def closed_until(hours: dict, now: float) -> str | None:
    """When texts may go again; None where they may now. Seoul has no summer time."""
    opens, closes = (int(hours[name][:2]) * 60 + int(hours[name][3:]) for name in ("from", "until"))
    at = (int(now) // 60 + 540) % 1440
    is_open = opens <= at < closes if opens < closes else at >= opens or at < closes
    return None if is_open or opens == closes else moment((int(now) // 60 + (opens - at) % 1440) * 60)


def question(known: dict, department: dict, kind: dict, code: str) -> tuple[str, str | None]:
    """The question in words, and the token of the link it carries."""
    matter = "결과" if kind["nature"] == "disposition" else "안내"
    office, phone = known["office"]["short_name"], known["office"]["phone"]
    token = drawn(12, ALPHABET)
    for sender in (f"{office} {phone}", office):
        both = f"{sender}\n{matter} 1문자2메일3우편 답장\n{PUBLIC_URL}/c/{token}\n확인{code}"
        if fits(both):
            return both, token

    def digits(sender: str, about: str) -> str:
        return f"[{sender}] {about}\n받을 방법을 답장 바랍니다.\n1문자 2이메일 3우편\n{phone}\n확인{code}"

    named = f"{office} {department['name']}"
    fuller = (digits(named, kind["label"]), digits(named, matter), digits(office, kind["label"]))
    return next(filter(fits, fuller), digits(office, matter)), None


def move(notice: dict, department: dict, fact: dict, change: dict, due_at: str | None, more: list) -> dict:
    version = notice["version"] + 1
    recorded = event(notice["id"], notice["head"], {"version": version} | fact)
    moved = {"version": version, "head": recorded["hash"], "updated_at": fact["at"]}
    after = indexed(notice | change | moved, department["code"], due_at)
    dynamo.transact_write_items(TransactItems=[advance(after), put(recorded), *more])
    return after


def send(command: dict) -> None:
    identity, cause, message = command["notice"], command["cause"], command["message"]
    known = settings()
    found = dynamo.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk AND sk BETWEEN :from AND :to", ConsistentRead=True,
        ExpressionAttributeValues=attributes(
            {":pk": f"NOTICE#{identity}", ":from": "NOTICE", ":to": "NOTICE#DETAILS"}))
    if len(found["Items"]) < 2:
        raise Undone(f"notice {identity} is missing")
    notice, details = map(plain, found["Items"])
    entry = notice["ledger"].get(str(cause), {})
    now = time.time()
    at, lease_until = moment(now), moment(now + 90)
    is_over = notice["state"]["name"] != "accepted" or notice["state"]["cause"] != cause
    if is_over or entry.get("is") == "sent":
        return
    if entry.get("lease_until", "") > at:
        raise Undone("another sender holds it")
    kind = next(kind for kind in known["kinds"] if kind["code"] == details["kind"])
    department = next(each for each in known["departments"] if each["code"] == details["department"])
    attempt = int(entry.get("attempt", 0)) + 1
    if until := closed_until(known["sending_hours"], now):
        held = {"is": "held", "message": message, "attempts": attempt - 1, "until": until}
        wait = {"type": "held", "at": at, "cause": cause, "message": message, "until": until}
        move(notice, department, wait, {"ledger": notice["ledger"] | {str(cause): held}}, until, [])
        return
    code = drawn(6, CROCKFORD)
    words, link = question(known, department, kind, code)
    claimed = {"is": "claimed", "message": message, "attempt": attempt, "lease_until": lease_until, "round": 0}
    ends = now + known["link_days"] * DAY
    links = [put({"pk": f"LINK#{sha256(link)}", "sk": "LINK", "notice": identity, "expires_at": moment(ends),
                  "tries": 0, "expires": int(ends) + 90 * DAY})] if link else []
    issued = put({"pk": f"VERIFY#{code}", "sk": "VERIFY", "code": code, "notice": identity, "message": message,
                  "department": department["code"], "label": kind["label"], "at": at, "expires": int(now) + 90 * DAY})
    claim = {"type": "send_claimed", "at": at, "cause": cause, "message": message, "attempt": attempt,
             "lease_until": lease_until, "possible_duplicate": attempt > 1}
    ledger = notice["ledger"] | {str(cause): claimed}
    notice = move(notice, department, claim, {"ledger": ledger}, lease_until, [*links, issued])

    def text(value: str) -> dict:
        return {"DataType": "String", "StringValue": value}

    sender = re.sub(r"\D", "", department["sender"])[1:]
    provider_id = sns.publish(
        PhoneNumber=details["recipient"]["phone"], Message=words,
        MessageAttributes={"AWS.SNS.SMS.SMSType": text("Transactional"),
                           "AWS.MM.SMS.OriginationNumber": text(f"+82{sender}")})["MessageId"]
    remind_at, choose_by = (moment(now + 3600 * kind[name]) for name in ("reminder_hours", "choose_by_hours"))
    asked = {"type": "asked", "at": moment(time.time()), "cause": cause, "provider_id": provider_id, "parts": 1,
             "remind_at": remind_at, "choose_by": choose_by}
    sent = {"is": "sent", "message": message, "provider_id": provider_id}
    bound = overwrite({"pk": f"MESSAGE#sns#{provider_id}", "sk": "MESSAGE", "notice": identity, "cause": cause,
                       "message": message, "expires": int(now) + 90 * DAY})
    state = {"name": "asking", "choose_by": choose_by, "remind_at": remind_at, "awaiting_email": False}
    ledger = notice["ledger"] | {str(cause): sent}
    move(notice, department, asked, {"state": state, "ledger": ledger}, remind_at, [bound])
    log("INFO", message="sent", cause=cause, provider="sns", **{"notice.id": identity})


def handler(batch: dict, _context) -> dict:
    failures = []
    for record in batch["Records"]:
        try:
            send(json.loads(record["body"]))
        except Exception as error:  # noqa: BLE001 - whatever it was, the message comes again
            log("ERROR", error=str(error), **{"message.id": record["messageId"]})
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
