"""Sessions of the pages that rerun again and again, as browsers with busy people before them.

``python benchmarks/page_sessions.py PORT SESSIONS SECONDS`` is a process of its own, so that what
it costs to take the pages apart does not hold up whoever measures. It prints how many reruns there
were.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
import sys
import threading
import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

#: Pages that the sessions are on, one after the other.
PAGES = ("", "train", "results", "models", "explore")


class Session:
    """One session of the pages, over a WebSocket, whose messages are only looked at."""

    def __init__(self, port: int, page: str) -> None:
        self.page = page
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /_stcore/stream HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
            *(f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: streamlit", "", ""),
        ]
        self.socket.sendall("\r\n".join(lines).encode())
        self.file = self.socket.makefile("rb")
        first = self.file.readline()
        if b" 101 " not in first:
            raise OSError(f"no session: {first!r}")
        while self.file.readline().strip():
            pass

    def rerun(self) -> None:
        """Ask for the page and wait until it was sent."""
        asked = BackMsg()
        asked.rerun_script.page_name = self.page
        self._send(asked.SerializeToString())
        while not self._is_finished(self._receive()):
            pass

    def _is_finished(self, message: bytes) -> bool:
        return ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"

    def _send(self, content: bytes) -> None:
        size, mask = len(content), os.urandom(4)
        length = struct.pack("!BB", 0x82, 0x80 | size) if size < 126 else b""
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(content))
        self.socket.sendall((length or struct.pack("!BBH", 0x82, 0xFE, size)) + mask + masked)

    def _receive(self) -> bytes:
        """Return the next message, which may come in several frames."""
        content = b""
        while True:
            first, size = self.file.read(2)
            if size == 126:
                (size,) = struct.unpack("!H", self.file.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.file.read(8))
            piece = self.file.read(size)
            if first & 0x0F <= 2:  # not a sign of life
                content += piece
                if first & 0x80:
                    return content


def main() -> None:
    port, sessions, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    times: list[float] = []

    def one(session: Session) -> None:
        while time.monotonic() < end:
            began = time.perf_counter()
            session.rerun()
            times.append(time.perf_counter() - began)

    opened = [Session(port, PAGES[place % len(PAGES)]) for place in range(sessions)]
    for session in opened:
        session.rerun()
    print("ready", flush=True)
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=one, args=(session,)) for session in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    median = sorted(times)[len(times) // 2] * 1000
    print(f"{len(times)} reruns, a page after {median:.0f} ms (median)")


if __name__ == "__main__":
    main()
