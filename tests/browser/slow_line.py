"""A line to a server that becomes as slow as one bar of signal when told so.

    python -m tests.browser.slow_line SERVER_PORT

Prints its own port. The signal USR1 makes it slow, and fast again: 400 kbit/s for all
connections together, from the server to the browser.
"""

import asyncio
import signal
import sys
import time

BYTES_PER_S = 400_000 / 8


class Line:
    """Copies bytes both ways."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_slow = False
        self.free_at = 0.0

    def toggle(self) -> None:
        """Make it slow, or fast again."""
        self.is_slow = not self.is_slow

    async def join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Connect a browser to the server."""
        far, out = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.pump(near, out), self.pump(far, back, is_down=True))

    async def pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, is_down: bool = False
    ) -> None:
        """Copy one way until its end."""
        try:
            while data := await source.read(4096):
                if is_down and self.is_slow:
                    now = time.monotonic()
                    self.free_at = max(self.free_at, now) + len(data) / BYTES_PER_S
                    await asyncio.sleep(self.free_at - now)
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


async def main() -> None:
    """Serve until killed."""
    line = Line(int(sys.argv[1]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, line.toggle)
    server = await asyncio.start_server(line.join, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
