"""Signs a webhook as its senders' own libraries do: what to sign comes in as JSON, the headers go out as JSON."""

import json
import sys
from datetime import datetime, timezone
from urllib.parse import parse_qsl

from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

asked = json.load(sys.stdin)
if asked["by"] == "twilio":
    fields = dict(parse_qsl(asked["body"], keep_blank_values=True))
    headers = {"x-twilio-signature": RequestValidator(asked["secret"]).compute_signature(asked["url"], fields)}
else:
    now = datetime.now(timezone.utc)
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(asked["secret"]).sign("m", now, asked["body"]),
    }
json.dump(headers, sys.stdout)
