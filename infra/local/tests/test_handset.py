"""What the handset shows is what was sent, and what it passes on is what came."""

import asyncio
import json
from base64 import b64encode

import pytest
from aiohttp import ClientSession, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from handset.mailbox import Mailbox
from handset.server import application
from handset.texts import Outbox, pause, size
from standardwebhooks import Webhook

SECRET = "whsec_" + "A1b2" * 11
MAIL = {
    "FromEmailAddress": '"서초구청" <notice@tongji.example>',
    "Destination": {"ToAddresses": ["resident@example.org"]},
    "Content": {"Simple": {
        "Subject": {"Data": "처리결과"},
        "Body": {"Text": {"Data": "글"}, "Html": {"Data": "<p>글</p>"}},
        "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://tongji.example/stop>"}],
        "Attachments": [{"FileName": "결과.pdf", "ContentType": "application/pdf", "RawContent": b64encode(b"%PDF").decode()}],
    }},
}


@pytest.mark.parametrize(("text", "measured"), [
    ("가a", {"bytes": 3, "units": 2, "parts": 1}),
    ("가" * 71, {"bytes": 142, "units": 71, "parts": 2}),
    ("🎉", {"bytes": None, "units": 2, "parts": 1}),
])
def test_size_counts_as_carriers_do(text, measured):
    assert size(text) == measured


def test_a_relayed_copy_does_not_replace_the_whole_mail():
    mailbox = Mailbox()
    mailbox.sent(MAIL, "id-1")
    mailbox.put("id-1", b"Subject: thin\r\n\r\nbody", ["resident@example.org"], whole=False)
    [mail] = mailbox.mails("Resident@example.org")
    assert mail["from"] == "서초구청 <notice@tongji.example>"
    assert (mail["subject"], mail["text"].strip(), mail["html"].strip()) == ("처리결과", "글", "<p>글</p>")
    assert mail["headers"]["List-Unsubscribe"] == "<https://tongji.example/stop>"
    assert mail["attachments"] == [{"name": "결과.pdf", "type": "application/pdf", "size": 4}]
    assert mailbox.file("id-1", 0) == ("결과.pdf", "application/pdf", b"%PDF")


def behind_the_handset(tmp_path, talk):
    """Run `talk(client, seen)` against a handset whose emulator and API are one server that notes what it sees."""
    seen = []

    async def far_end(request):
        seen.append({"method": request.method, "path": request.raw_path, "headers": request.headers, "body": await request.read()})
        if request.path == "/v2/email/outbound-emails":
            return web.json_response({"MessageId": "m-1@email.amazonses.com"})
        if request.path.startswith("/_ministack"):
            return web.json_response({"sms_messages": {"+821012345678": [{
                "MessageId": "t-1", "Message": "가", "MessageAttributes": {
                    "AWS.MM.SMS.OriginationNumber": {"DataType": "String", "StringValue": "0221550001"}}}]}})
        answer = web.Response(status=303, headers={"Location": "done"}, body=b"<p>html</p>", content_type="text/html")
        answer.headers.add("Set-Cookie", "a=1; HttpOnly")
        answer.headers.add("Set-Cookie", "b=2")
        return answer

    async def both():
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", far_end)
        async with TestServer(app) as far, ClientSession(auto_decompress=False, cookie_jar=DummyCookieJar()) as http:
            base = str(far.make_url("")).rstrip("/")
            local = tmp_path / "local.json"
            local.write_text(json.dumps({"api": f"{base}/api/$default", "webhook": {"url": f"{base}/hook", "secret": SECRET}}))
            handset = application(http, base, local, Outbox(http, base), Mailbox())
            async with TestClient(TestServer(handset), cookie_jar=DummyCookieJar()) as client:
                await talk(client, seen)

    asyncio.run(both())


def test_residents_pages_pass_through_untouched(tmp_path):
    async def talk(client, seen):
        answer = await client.post("/c/abc?x=%20y", data={"choice": "1"}, headers={"Cookie": "q=1"}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"], await answer.text()) == (303, "done", "<p>html</p>")
        assert answer.headers.getall("Set-Cookie") == ["a=1; HttpOnly", "b=2"]
        [request] = seen
        assert (request["method"], request["path"], request["body"]) == ("POST", "/api/$default/c/abc?x=%20y", b"choice=1")
        assert request["headers"]["Cookie"] == "q=1"
        assert request["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
        assert request["headers"]["Host"] == client.server.make_url("").authority

    behind_the_handset(tmp_path, talk)


def test_the_public_page_passes_through_too(tmp_path):
    async def talk(client, seen):
        await client.post("/verify", data={"code": "7K4M2Q"}, allow_redirects=False)
        assert [(request["method"], request["path"]) for request in seen] == [("POST", "/api/$default/verify")]

    behind_the_handset(tmp_path, talk)


def test_a_picture_lies_where_its_address_says(tmp_path):
    async def talk(client, _seen):
        kept = await (await client.post("/media", data=b"\xff\xd8", headers={"Content-Type": "image/jpeg"})).json()
        picture = await client.get(f"/media/{kept['url'].rpartition('/')[2]}")
        assert (picture.content_type, await picture.read()) == ("image/jpeg", b"\xff\xd8")
        assert (await client.get("/media/none")).status == 404

    behind_the_handset(tmp_path, talk)


def test_looks_at_many_texts_leave_the_emulator_its_time():
    assert pause(0.001) == 0.5
    assert pause(1.0) == pytest.approx(19.0)


def test_texts_carry_sender_and_size(tmp_path):
    async def talk(client, seen):
        [text] = await (await client.get("/outbox/texts", params={"phone": "+821012345678"})).json()
        assert (text["id"], text["text"], text["sender"], text["bytes"]) == ("t-1", "가", "0221550001", 2)
        assert seen[-1]["path"].endswith("sms-messages?phoneNumber=%2B821012345678"), "the others are not asked for"
        assert await (await client.get("/outbox/texts", params={"phone": "+82100"})).json() == []

    behind_the_handset(tmp_path, talk)


def test_a_mail_is_kept_on_its_way_to_ses(tmp_path):
    async def talk(client, seen):
        answer = await client.post("/v2/email/outbound-emails", json=MAIL)
        assert await answer.json() == {"MessageId": "m-1@email.amazonses.com"}
        assert json.loads(seen[0]["body"]) == MAIL
        [mail] = await (await client.get("/outbox/mails", params={"to": "resident@example.org"})).json()
        assert mail["id"] == "m-1"
        page = await client.get("/outbox/mails/m-1/html")
        assert "sandbox" in page.headers["Content-Security-Policy"]
        assert await (await client.get("/outbox/mails/m-1/files/0")).read() == b"%PDF"

    behind_the_handset(tmp_path, talk)


def test_an_answer_is_signed_and_the_secret_stays(tmp_path):
    async def talk(client, seen):
        sent = await client.post("/replies", json={"from": "+821012345678", "to": "0221550001", "text": "1", "in_reply_to": "t-1"})
        record = await sent.text()
        [request] = seen
        body = Webhook(SECRET).verify(request["body"], dict(request["headers"].items()))
        assert {name: body[name] for name in ("from", "to", "text", "in_reply_to")} == {
            "from": "+821012345678", "to": "0221550001", "text": "1", "in_reply_to": "t-1"}
        assert SECRET not in record
        assert json.loads(record)["status"] == "failed"  # the far end answered 303
        assert (await client.post("/replies", json={"from": "010", "text": "1"})).status == 400

    behind_the_handset(tmp_path, talk)
