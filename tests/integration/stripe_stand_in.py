"""Stripe for tests, on a port of this machine: checkout sessions as its API makes them, events as it signs them.

The server's side is the real `stripe` library; only what it talks to stands here.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import stripe

API_KEY = "sk_test_stand_in"
SECRET = "whsec_0123456789abcdefghijklmnopqrstuv"


class StandIn:
    """Keeps the sessions it made; the same idempotency key gets the same session."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.by_key: dict[str, str] = {}
        self.broken = False
        self._lock = threading.Lock()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                status, answer = stand_in.answer(self.path, dict(self.headers), parse_qs(body))
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: dict[str, str], form: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        if headers.get("Authorization") != f"Bearer {API_KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}
        if self.broken:
            return 402, {"error": {"type": "card_error", "message": "no"}}
        if path != "/v1/checkout/sessions" or form["mode"] != ["payment"]:
            return 404, {"error": {"type": "invalid_request_error", "message": "unknown"}}
        with self._lock:
            key = headers["Idempotency-Key"]
            if key not in self.by_key:
                self.by_key[key] = self._new_session(form)["id"]
            return 200, self.sessions[self.by_key[key]]

    def _new_session(self, form: dict[str, list[str]]) -> dict[str, Any]:
        number = len(self.sessions) + 1
        metadata = {name: form[f"metadata[{name}]"][0] for name in ("order_id", "account_id")}
        session = {
            "id": f"cs_test_{number}",
            "object": "checkout.session",
            "mode": "payment",
            "url": f"https://checkout.stripe.example/c/pay/cs_test_{number}",
            "amount_total": int(form["line_items[0][price_data][unit_amount]"][0])
            * int(form["line_items[0][quantity]"][0]),
            "currency": form["line_items[0][price_data][currency]"][0],
            "client_reference_id": form["client_reference_id"][0],
            "payment_status": "unpaid",
            "payment_intent": f"pi_{number}",
            "metadata": metadata,
        }
        self.sessions[session["id"]] = session
        return session

    # --------------------------------------------------------------------------------------------- its events

    def paid(self, session_id: str, event_id: str = "", **changes: Any) -> dict[str, Any]:
        session = self.sessions[session_id] | {"payment_status": "paid"} | changes
        return event("checkout.session.completed", session, event_id or f"evt_paid_{session_id}")

    def expired(self, session_id: str) -> dict[str, Any]:
        return event("checkout.session.expired", self.sessions[session_id], f"evt_expired_{session_id}")

    def refunded(self, session_id: str, share: float = 1.0, **changes: Any) -> dict[str, Any]:
        session = self.sessions[session_id]
        charge = {
            "id": f"ch_{session_id}",
            "object": "charge",
            "amount": session["amount_total"],
            "amount_refunded": int(session["amount_total"] * share),
            "currency": session["currency"],
            "payment_intent": session["payment_intent"],
            "metadata": session["metadata"],
        }
        return event("charge.refunded", charge | changes, f"evt_refunded_{session_id}_{share}")

    def disputed(self, session_id: str) -> dict[str, Any]:
        session = self.sessions[session_id]
        dispute = {
            "id": f"dp_{session_id}",
            "object": "dispute",
            "amount": session["amount_total"],
            "currency": session["currency"],
            "payment_intent": session["payment_intent"],
            "metadata": {},
        }
        return event("charge.dispute.created", dispute, f"evt_disputed_{session_id}")


def event(kind: str, content: dict[str, Any], event_id: str) -> dict[str, Any]:
    return {
        "id": event_id,
        "object": "event",
        "type": kind,
        "api_version": "2026-08-01",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": content},
    }


def signed(content: dict[str, Any] | bytes, secret: str = SECRET, at_s: float | None = None) -> tuple[bytes, str]:
    """An event's body and its `Stripe-Signature`, made by the library itself."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    stamp = int(time.time() if at_s is None else at_s)
    return body, stripe.WebhookSignature.generate_signature_header(body.decode("utf-8", "replace"), secret, stamp)
