"""Hands files in through the HTTP API, as an office does: announced, put where the answer says, and watched until it is over."""

import hashlib
import json
import time
import urllib.error
import urllib.request

from failure import Failure

POLL_SECONDS = 1.0


def asked(url: str, bearer: str, document: dict | None = None) -> dict:
    """The answer to a request, which must be one of success."""
    body = None if document is None else json.dumps(document, ensure_ascii=False).encode()
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers, method="GET" if body is None else "POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Failure(f"{request.method} {url} was answered {error.code}.") from None
    except OSError as error:
        raise Failure(f"{request.method} {url} failed: {error}.") from None


def handed_in(local: dict, bearer: str, kind: str, name: str, content: bytes) -> dict:
    """The batch of a file that was announced and put where the answer said; one that came before is not put again."""
    batch = asked(f"{local['api']}/v1/batches", bearer, {
        "type": kind, "file_name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    if upload := batch.get("upload"):
        request = urllib.request.Request(upload["url"], data=content, headers=upload["headers"], method=upload["method"])
        try:
            urllib.request.urlopen(request, timeout=300).close()
        except OSError as error:
            raise Failure(f"The file {name} could not be uploaded: {error}.") from None
    return batch


def watched(local: dict, token, batch: dict):
    """The batch again and again, until it is over. `token` gives a fresh token, for they do not last."""
    bearer, since = token(), time.monotonic()
    while True:
        if time.monotonic() - since > 600:
            bearer, since = token(), time.monotonic()
        batch = asked(f"{local['api']}/v1/batches/{batch['id']}", bearer)
        yield batch
        if batch["state"] in ("done", "refused"):
            return
        time.sleep(POLL_SECONDS)
