"""A wire between a browser and a server on this machine: counts what passes, and can be as slow as a far one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

_PIECE = 2**14


@dataclass(slots=True)
class Wire:
    """A wire as it is now.

    address: where the browser connects to, without a slash at its end.
    sent: bytes that have come from the server so far.
    """

    address: str
    sent: int = 0


@contextmanager
def lay_wire(server: str, bits_per_second: float = 0, delay: float = 0) -> Iterator[Wire]:
    """A wire to a server's address for as long as the block.

    bits_per_second: of all connections together, each way by itself; 0 for as fast as it goes.
    delay: seconds that each byte is on its way, each way.
    """
    host, port = urlsplit(server).hostname, urlsplit(server).port
    wire = Wire("")
    loop = asyncio.new_event_loop()
    ready, over = threading.Event(), asyncio.Event()
    free = {"up": 0.0, "down": 0.0}  # when the wire has passed on what was given to it so far

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        line: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(64)

        async def deliver() -> None:
            while True:
                due, piece = await line.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                writer.write(piece)
                await writer.drain()
                if not piece:
                    writer.close()
                    return

        delivering = loop.create_task(deliver())
        try:
            while piece := await reader.read(_PIECE):
                if way == "down":
                    wire.sent += len(piece)
                now = loop.time()
                if bits_per_second:
                    free[way] = max(now, free[way]) + 8 * len(piece) / bits_per_second
                    await asyncio.sleep(max(0.0, free[way] - now))
                    now = loop.time()
                await line.put((now + delay, piece))
        finally:
            await line.put((loop.time() + delay, b""))
            with suppress(ConnectionError):
                await delivering

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection(host, port)
        with suppress(ConnectionError, asyncio.CancelledError):
            await asyncio.gather(carry(reader, to_server[1], "up"), carry(to_server[0], writer, "down"))

    async def run() -> None:
        listening = await asyncio.start_server(connect, "127.0.0.1", 0)
        wire.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        ready.set()
        await over.wait()
        listening.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
