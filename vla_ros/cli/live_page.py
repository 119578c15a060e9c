# SPDX-License-Identifier: Apache-2.0
"""A web page on this machine: the cameras live, what the nodes say, and a field for a sentence.

GET  /             the page
GET  /stream       the cameras as one motion JPEG
GET  /status       JSON, polled by the page
POST /instruction  body: the sentence; an empty one stops the arm
POST /reset        body: a seed; starts another scene
"""

import json
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING

import cv2

from vla_ros.cli.film import FRAME_RATE_HZ, compose
from vla_ros.cli.live_page_html import PAGE
from vla_ros.core.exceptions import VlaRosError

if TYPE_CHECKING:  # so that the page is tested without ROS
    from vla_ros.nodes.system_client import SystemClient

_MAX_BODY = 1000
_MAX_SEED = 2**63 - 1  # int64 in srv/ResetWorld
_STATES = {1: "idle", 2: "running", 3: "holding", 4: "stopped"}


class LivePage:
    """Serves the page from a thread of its own; a context manager."""

    def __init__(self, client: "SystemClient", port: int = 0) -> None:
        """Bind to the loopback address.

        Args:
            client: connected to the running system.
            port: TCP port; 0 for a free one.
        """
        handler = type("Handler", (_Handler,), {"client": client})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> "LivePage":
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    client: "SystemClient"

    def do_GET(self) -> None:
        """Serve the page, the stream or the status."""
        if not self._from_this_machine():
            return
        if self.path == "/":
            self._answer("text/html; charset=utf-8", PAGE.encode())
        elif self.path == "/status":
            self._answer("application/json", json.dumps(self._status()).encode())
        elif self.path == "/stream":
            self._stream()
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take an instruction or a seed."""
        if not self._from_this_machine():
            return
        origin = self.headers.get("Origin")
        if origin and origin != f"http://{self.headers.get('Host')}":
            self.send_error(HTTPStatus.FORBIDDEN, "only from this page")
            return
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            self.send_error(HTTPStatus.BAD_REQUEST, f"a body of at most {_MAX_BODY} bytes")
            return
        self._act(self.rfile.read(int(length)).decode(errors="replace").strip())

    def _from_this_machine(self) -> bool:
        """Refuse host names that another site could point here, to see or to move."""
        if self.headers.get("Host", "").rsplit(":", 1)[0] in ("127.0.0.1", "localhost"):
            return True
        self.send_error(HTTPStatus.FORBIDDEN, "only from this machine")
        return False

    def _act(self, body: str) -> None:
        if self.path == "/instruction":
            self.client.instruct(body)
        elif self.path == "/reset" and body.isdecimal() and int(body) <= _MAX_SEED:
            try:
                self.client.reset(int(body))
            except VlaRosError as error:
                self.send_error(HTTPStatus.CONFLICT, str(error).splitlines()[0])
                return
        else:
            self.send_error(HTTPStatus.BAD_REQUEST, "POST /instruction or /reset with a seed")
            return
        self._answer("text/plain", b"ok")

    def _status(self) -> dict[str, object]:
        policy, controller = self.client.policy_status, self.client.controller_status
        latencies = self.client.latencies_s
        return {
            "cubes": list(self.client.cubes),
            "instruction": policy.instruction if policy else "",
            "policy": policy.text if policy else "not heard of yet",
            "waiting_for": list(policy.waiting_for) if policy else [],
            "controller": _STATES.get(controller.state, "?") if controller else "not heard of yet",
            "reason": controller.reason if controller else "",
            "latency_ms": round(latencies[-1] * 1e3, 1) if latencies else None,
        }

    def _stream(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            while True:
                frame = compose(self.client.pictures, "", "")
                _, jpeg = cv2.imencode(".jpg", frame[:, :, ::-1])
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n\r\n")
                self.wfile.write(jpeg.tobytes() + b"\r\n")
                time.sleep(1 / FRAME_RATE_HZ)
        except (BrokenPipeError, ConnectionResetError):
            return  # the browser has gone

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the terminal belongs to the command."""
