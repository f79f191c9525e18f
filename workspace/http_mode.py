"""HTTP mode: signed requests to the bot's own address, as Slack sends them without Socket Mode."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import aiohttp

from workspace.delivery import Ack, Envelope


class HttpMode:
    """Posts each envelope to one URL and takes the response as the acknowledgement."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self.url = url
        self.signing_secret = signing_secret

    def signed_headers(self, body: str) -> dict[str, str]:
        """The two headers of docs.slack.dev/authentication/verifying-requests-from-slack."""
        stamp = str(int(time.time()))
        base = f"v0:{stamp}:{body}".encode()
        signature = hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}

    async def carry(self, envelope: Envelope, within: float) -> Ack:
        """Deliver once and wait for the response."""
        began = time.monotonic()
        if envelope.kind == "events_api":
            body, kind = json.dumps(envelope.payload), "application/json"
        else:
            form = envelope.payload
            if envelope.kind == "interactive":
                form = {"payload": json.dumps(envelope.payload)}
            body, kind = urlencode(form), "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, **self.signed_headers(body)}
        if envelope.retry_attempt:
            headers["X-Slack-Retry-Num"] = str(envelope.retry_attempt)
            headers["X-Slack-Retry-Reason"] = "http_timeout"
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=within)) as session,
                session.post(self.url, data=body.encode(), headers=headers) as response,
            ):
                text = await response.text()
                if response.status != 200:
                    return Ack(f"http_{response.status}", seconds=time.monotonic() - began)
                is_json = response.content_type == "application/json"
                payload = (json.loads(text) if is_json else {"text": text}) if text else None
                return Ack("acked", payload, time.monotonic() - began)
        except TimeoutError:
            return Ack("timeout", seconds=time.monotonic() - began)
        except aiohttp.ClientError:
            return Ack("no_connection", seconds=time.monotonic() - began)
