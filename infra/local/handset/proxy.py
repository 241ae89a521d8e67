"""Passes requests on to the emulator as they came: the office's own domain in front of the API, and SES."""

from aiohttp import ClientError, ClientSession, web
from multidict import CIMultiDict
from yarl import URL

HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
              "transfer-encoding", "upgrade"}


def end_to_end(headers) -> CIMultiDict:
    """The headers that are meant for the far end."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)


async def passed_on(http: ClientSession, request: web.Request, base: str) -> web.Response:
    """The far end's answer to this request, sent to `base` plus the path as it was written; nothing is rewritten."""
    target = URL(base + request.raw_path, encoded=True)
    headers = end_to_end(request.headers)
    body = await request.read()
    headers.popall("Content-Length", None)
    try:
        async with http.request(request.method, target, headers=headers, data=body or None, allow_redirects=False,
                                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type")) as answer:
            content = await answer.read()
            kept = end_to_end(answer.headers)
            kept.popall("Content-Length", None)
            return web.Response(status=answer.status, reason=answer.reason, headers=kept, body=content)
    except (ClientError, TimeoutError):
        return web.Response(status=502, text="the emulator did not answer\n")
