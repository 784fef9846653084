"""What both programs need: the connection and what can be wrong with it, events as lines, ids that were seen."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from urllib.parse import unquote, urlsplit

from nats.aio.client import Client
from nats.errors import Error


class Bus:
    """A connection to NATS that comes back after each outage, and ends with what no waiting mends."""

    def __init__(self) -> None:
        self.client = Client()
        self.ended = asyncio.Event()
        self.problem: str | None = None
        self._was_connected = False

    async def connect(self) -> None:
        """Connects as NATS_SUBSCRIBER_URL says."""
        url = urlsplit(os.environ.get("NATS_SUBSCRIBER_URL", ""))
        if not url.hostname:
            sys.exit("set NATS_SUBSCRIBER_URL to nats://USER:PASSWORD@HOST:PORT")
        user, password = unquote(url.username or ""), unquote(url.password or "")
        connecting = asyncio.create_task(
            self.client.connect(
                f"{url.scheme}://{url.hostname}:{url.port or 4222}",
                user=user,
                password=password,
                # Answers to this user's requests can only be heard under this prefix.
                inbox_prefix=f"_INBOX_{user}",
                name="events example",
                max_reconnect_attempts=-1,
                error_cb=self._on_error,
                disconnected_cb=self._on_disconnected,
                reconnected_cb=self._on_reconnected,
            )
        )
        ending = asyncio.create_task(self.ended.wait())
        await asyncio.wait({connecting, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if self.problem:
            connecting.cancel()
            sys.exit(self.problem)
        await connecting
        self._was_connected = True
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, self.ended.set)

    async def until_ended(self, *tasks: "asyncio.Task[None]") -> None:
        """Waits for a signal, for an error that no waiting mends, or for a defect in a task."""
        ending = asyncio.create_task(self.ended.wait())
        done, _ = await asyncio.wait({ending, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        # A task whose wait ends at the same moment may miss that it is to end: it is told again.
        pending = set(tasks)
        while pending:
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=0.5)
        # In an outage there may be nothing left to close.
        with contextlib.suppress(OSError, Error):
            await self.client.close()
        if self.problem:
            sys.exit(self.problem)
        for task in done:
            task.result()

    async def _on_error(self, error: Exception) -> None:
        text = str(error)
        if "authorization violation" in text.lower():
            self._end("NATS knows no such user, or not with this password: look at NATS_SUBSCRIBER_URL")
        elif "permissions violation" in text.lower():
            self._end(f"NATS refuses this user something: is it the subscriber's? ({text})")
        elif not self._was_connected:
            self._end(f"no connection to NATS_SUBSCRIBER_URL: {text or repr(error)}")

    def _end(self, problem: str) -> None:
        self.problem = self.problem or problem
        self.ended.set()

    async def _on_disconnected(self) -> None:
        if self._was_connected and not self.ended.is_set():
            say("disconnected; trying again")

    async def _on_reconnected(self) -> None:
        say("connected again")


def say(text: str) -> None:
    """To stderr: on stdout there are events only."""
    print(text, file=sys.stderr, flush=True)


def event_in(payload: bytes, where: str) -> dict | None:
    """The event in a message; None, and said, if it is none."""
    try:
        event = json.loads(payload)
        if event["specversion"] == "1.0" and event["id"] and event["time"] and event["type"] and event["data"]:
            return event
    except (ValueError, KeyError, TypeError):
        pass
    say(f"{where} is no CloudEvents 1.0 event; skipped")
    return None


def print_event(event: dict) -> None:
    """One line, in ASCII: a key's name is anyone's text, and this goes to a terminal."""
    data = json.dumps(event["data"], separators=(",", ":"))
    words = [json.dumps(event[name])[1:-1] for name in ("time", "type", "id")]
    print(*words, data, flush=True)


class SeenIds:
    """The ids of the latest events: one may come again, also hours later."""

    def __init__(self, ids: list[str] | None = None, maximum: int = 5000) -> None:
        self._ids = dict.fromkeys(ids or [])
        self._maximum = maximum

    def add(self, event_id: str) -> bool:
        """Whether it is new; it is not from then on."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._maximum:
            del self._ids[next(iter(self._ids))]
        return True

    def list(self) -> list[str]:
        return list(self._ids)
