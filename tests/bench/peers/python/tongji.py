"""What both jobs share: clients built once a process, the settings, and a notice's items as Tongji stores them."""

import hashlib
import json
import os
import time
from datetime import datetime, timezone

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config

TABLE = os.environ["TABLE"]
ONCE = Config(retries={"total_max_attempts": 1})
session = boto3.session.Session()
dynamo = session.client("dynamodb")
_ssm = session.client("ssm")
_write, _read = TypeSerializer().serialize, TypeDeserializer().deserialize
_held = {"until": 0.0, "value": {}}


def settings() -> dict:
    """The office's settings, looked at again when a minute old."""
    if time.monotonic() > _held["until"]:
        value = _ssm.get_parameter(Name=os.environ["SETTINGS_PARAMETER"])["Parameter"]["Value"]
        _held.update(until=time.monotonic() + 60, value=json.loads(value))
    return _held["value"]


def attributes(item: dict) -> dict:
    return {name: _write(value) for name, value in item.items()}


def plain(item: dict) -> dict:
    return {name: _read(value) for name, value in item.items()}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=int)


def put(item: dict) -> dict:
    return {"Put": {"TableName": TABLE, "Item": attributes(item), "ConditionExpression": "attribute_not_exists(pk)"}}


def overwrite(item: dict) -> dict:
    return {"Put": {"TableName": TABLE, "Item": attributes(item)}}


def advance(notice: dict) -> dict:
    """The notice at its next version, if it still is at the one before."""
    return {"Put": {"TableName": TABLE, "Item": attributes(notice), "ConditionExpression": "version = :before",
                    "ExpressionAttributeValues": attributes({":before": notice["version"] - 1})}}


def event(notice: str, previous: str, content: dict) -> dict:
    """An event, chained to the one before it."""
    body = compact(content)
    return {"pk": f"NOTICE#{notice}", "sk": f"EVENT#{content['version']:06}", "notice": notice, "type": content["type"],
            "body": body, "previous": previous, "hash": sha256(f"{previous}\n{notice}\n{body}")}


def moment_id(at: str, notice: str) -> str:
    return f"{int(datetime.fromisoformat(at).timestamp() * 1000):013}#{notice}"


def indexed(notice: dict, department: str, due_at: str | None) -> dict:
    """The notice with where it stands in the two indexes."""
    shard = 0
    for c in reversed(notice["id"][-4:]):
        shard = (shard * 31 + ord(c)) % 2**32
    minute = due_at and due_at[:16] + ":00Z"
    due = {"due_shard": f"DUE#{shard % 8}", "due_at_id": moment_id(minute, notice["id"])} if minute else {}
    state = notice["state"]
    entered = state.get("choose_by") or state.get("at") or state.get("since") or notice["accepted_at"]
    kept = {name: value for name, value in notice.items() if name not in ("due_shard", "due_at_id")}
    return kept | due | {"department_phase": f"DEPT#{department}#{notice['state']['name']}",
                         "listed_at_id": moment_id(entered, notice["id"])}


def log(level: str, **told) -> None:
    print(json.dumps({"level": level} | told, ensure_ascii=False))
