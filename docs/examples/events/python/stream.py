"""Reads a stream by position: NATS's direct get, which creates and changes nothing at the server."""

import json
from typing import NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error, NoRespondersError, TimeoutError

ANSWER_LIMIT_SECONDS = 5
BATCH = 256

# A question that may succeed if it is asked again: nobody answered, or not in time, or not on this connection.
Outage = (NoRespondersError, TimeoutError)


class StoredMessage(NamedTuple):
    sequence: int
    stored_at: str
    payload: bytes


class Stream:
    def __init__(self, client: Client, name: str) -> None:
        self.name = name
        self._client = client
        self._subject = f"$JS.API.DIRECT.GET.{name}"

    async def at(self, sequence: int) -> StoredMessage | None:
        """The message at a position; None if there is none (any more)."""
        return await self._one({"seq": sequence})

    async def last(self) -> StoredMessage | None:
        return await self._one({"last_by_subj": ">"})

    async def _one(self, query: dict) -> StoredMessage | None:
        answer = await self._client.request(self._subject, json.dumps(query).encode(), ANSWER_LIMIT_SECONDS)
        return None if status_of(answer) else stored(answer)

    async def next(self, start: dict) -> list[StoredMessage]:
        """The next messages from a position (`seq`) or a time (`start_time`) on; none if there are none yet."""
        inbox = self._client.new_inbox()
        answers = await self._client.subscribe(inbox)
        try:
            query = json.dumps({**start, "batch": BATCH}).encode()
            await self._client.publish(self._subject, query, reply=inbox)
            return await self._batch(answers)
        finally:
            await answers.unsubscribe()

    async def _batch(self, answers) -> list[StoredMessage]:
        messages: list[StoredMessage] = []
        while True:
            answer = await answers.next_msg(ANSWER_LIMIT_SECONDS)
            status = status_of(answer)
            # The end of the batch, or nothing there.
            if status in ("204", "404"):
                return messages
            if status == "503":
                raise NoRespondersError
            if status:
                raise Error(f"{self.name}: {answer.headers}")
            # A connection that broke may have lost the one before.
            before = int(answer.headers["Nats-Last-Sequence"])
            if before != (messages[-1].sequence if messages else 0):
                return messages
            messages.append(stored(answer))


def status_of(answer: Msg) -> str | None:
    return (answer.headers or {}).get("Status")


def stored(answer: Msg) -> StoredMessage:
    headers = answer.headers
    return StoredMessage(int(headers["Nats-Sequence"]), headers["Nats-Time-Stamp"], answer.data)
