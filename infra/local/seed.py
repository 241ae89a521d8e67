"""Files a few sample notices and permits through the HTTP API, as the petition system would."""

import csv
import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

from batches import handed_in
from failure import Failure

SAMPLES = Path(__file__).with_name("sample-notices.csv")
PERMITS = Path(__file__).with_name("sample-permits.csv")
SEOUL = timezone(timedelta(hours=9))
# The office's file of which some rows, those that err among them, come in as a file.
FILE = Path(__file__).parents[2] / "functions" / "import-batch" / "tests" / "files" / "notices-utf8-bom.csv"
FILE_ROWS = slice(70, 110)
REFUSAL = {"reason": "구비서류(소유자 승낙서)가 갖추어지지 않았습니다.",
           "remedy": "통지를 받은 날부터 60일 이내에 이의신청할 수 있습니다."}


def call(url: str, body: bytes, headers: dict[str, str], method: str = "POST") -> tuple[int, dict]:
    """Send the body; the status and the JSON of the answer, whatever the status."""
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, content = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, content = error.code, error.read()
    except OSError as error:
        return 0, {"title": str(error)}
    try:
        answered = json.loads(content)
    except ValueError:
        answered = {}
    return status, answered if isinstance(answered, dict) else {}


def token(client: dict) -> str | None:
    """An access token for the petition system, by client credentials; none where the pool refuses it."""
    form = {"grant_type": "client_credentials", "client_id": client["client_id"],
            "client_secret": client["client_secret"], "scope": " ".join(client["scopes"])}
    _, answer = call(client["token_url"], urllib.parse.urlencode(form).encode(),
                     {"Content-Type": "application/x-www-form-urlencoded"})
    return answer.get("access_token")


def notice(row: dict[str, str], departments: dict[str, dict]) -> dict:
    """One row of the sample as the API takes it."""
    department = departments[row["부서"]]
    recipient = {
        "name": row["성명"],
        "address": {"postal_code": row["우편번호"], "line": row["주소"]},
        "entity": "corporation" if row["구분"] == "법인" else "person",
    }
    optional = {"phone": row["휴대전화"], "email": row["이메일"], "birth_date": row["생년월일"]}
    recipient |= {name: value for name, value in optional.items() if value}
    filed = {
        "reference": row["민원번호"], "kind": row["종류"], "department": department["code"],
        "title": row["제목"], "body": row["내용"], "recipient": recipient,
        "officer": {"unit": department["name"], "name": "김민원", "phone": department["sender"]},
    }
    return filed | ({"refusal": REFUSAL} if re.search("반려|불허", row["제목"]) else {})


def seed(local: dict, settings: Path) -> int:
    """File every sample; how many were taken. A refused one is told by status and problem title, never by its content."""
    known = json.loads(settings.read_text(encoding="utf-8"))["departments"]
    departments = {department["name"]: department for department in known}
    bearer = token(local["office_client"])
    if bearer is None:
        print("warning: no access token for the petition system; no sample notice was filed")
        return 0
    taken = 0
    with SAMPLES.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            if row["부서"] not in departments:
                print(f"warning: sample notice {number} names a department that infra/settings.json does not have")
                continue
            body = json.dumps(notice(row, departments), ensure_ascii=False).encode()
            status, answer = call(f"{local['api']}/v1/notices", body, {
                "Authorization": f"Bearer {bearer}", "Content-Type": "application/json",
                "Idempotency-Key": f"sample-{number}"})
            if status == 201:
                taken += 1
            else:
                print(f"warning: sample notice {number} was answered {status}: {answer.get('title', 'no problem title')}")
    return taken


def permit(row: dict[str, str], departments: dict[str, str], types: dict[str, str]) -> dict:
    """One row of the sample as the API takes it. Its days are counted from today, so that some are due on any day."""
    expires_on = datetime.now(SEOUL).date() + timedelta(days=int(row["남은일수"]))
    holder = {"name": row["성명"], "address": {"postal_code": row["우편번호"], "line": row["주소"]}, "entity": "person"}
    optional = {"phone": row["휴대전화"], "email": row["이메일"]}
    return {
        "permit_type": types[row["허가종류"]], "business": row["업소명"], "department": departments[row["부서"]],
        "issued_on": (expires_on - timedelta(days=1095)).isoformat(), "expires_on": expires_on.isoformat(),
        "holder": holder | {name: value for name, value in optional.items() if value},
    }


def seed_permits(local: dict, settings: Path) -> int:
    """Put every sample permit; how many were taken."""
    known = json.loads(settings.read_text(encoding="utf-8"))
    departments = {department["name"]: department["code"] for department in known["departments"]}
    types = {permit_type["label"]: permit_type["code"] for permit_type in known["permit_types"]}
    bearer = token(local["office_client"])
    taken = 0
    with PERMITS.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            if row["부서"] not in departments or row["허가종류"] not in types:
                print(f"warning: sample permit {number} names what infra/settings.json does not have")
                continue
            body = json.dumps(permit(row, departments, types), ensure_ascii=False).encode()
            url = f"{local['api']}/v1/permits/{urllib.parse.quote(row['허가번호'])}"
            headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
            status, answer = call(url, body, headers, "PUT")
            if status == 201:
                taken += 1
            else:
                print(f"warning: sample permit {number} was answered {status}: {answer.get('title', 'no problem title')}")
    return taken


def seed_file(local: dict) -> str | None:
    """Hand a file of notices in; its batch, which is still being imported. None where nobody may."""
    bearer = token(local["office_client"])
    if bearer is None:
        return None
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = csv.reader(file)
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows[FILE_ROWS]])
    try:
        return handed_in(local, bearer, "notices", "민원 통지.csv", text.getvalue().encode("utf-8-sig"))["id"]
    except Failure as failure:
        print(f"warning: no file of notices was handed in: {failure}")
        return None
