"""Prints all that the streams keep and what is added to them, and goes on where it stopped: each stream is read by
position, and the position is kept in a file.

    pip install -r requirements.lock.txt
    NATS_SUBSCRIBER_URL=nats://subscriber:PASSWORD@127.0.0.1:4222 python follow.py --position FILE

    --since 2026-01-15T12:00:00Z    where to begin, if the file has no position: else with the oldest event
    AUDIT | AUDIT_GATEWAY | KEYS    the streams to read: else all
"""

import argparse
import asyncio
from datetime import datetime

from bus import Bus, event_in, print_event, say
from position import Position
from stream import Outage, StoredMessage, Stream

# Changes of keys and users and reads of the log; what gateways refused; what happened to keys.
STREAMS = ["AUDIT", "AUDIT_GATEWAY", "KEYS"]
# How soon after the end of a stream to look again.
PAUSE_SECONDS = 1


class Follower:
    """Reads one stream on and on."""

    def __init__(self, stream: Stream, position: Position, since: str | None) -> None:
        self._stream = stream
        self._name = stream.name
        self._position = position
        self._since = since

    async def follow(self) -> None:
        is_place_sure = False
        while True:
            try:
                if not is_place_sure:
                    await self._check_place()
                is_place_sure = True
                messages = await self._stream.next(self._where_to_go_on())
                if messages:
                    self._handle(messages)
                else:
                    await asyncio.sleep(PAUSE_SECONDS)
            except Outage:
                say(f"{self._name} does not answer; asking again")
                is_place_sure = False
                await asyncio.sleep(PAUSE_SECONDS)

    def _where_to_go_on(self) -> dict:
        place = self._position.places.get(self._name)
        if place:
            return {"seq": place["sequence"] + 1}
        return {"start_time": self._since} if self._since else {"seq": 1}

    async def _check_place(self) -> None:
        """A stream that was made anew counts from 1 again: then it is read from its beginning."""
        place = self._position.places.get(self._name)
        if not place:
            return
        message = await self._stream.at(place["sequence"])
        if message:
            is_same = message.stored_at == place["stored_at"]
        else:
            # Its time has come, unless there is nothing at that position yet.
            last = await self._stream.last()
            is_same = last is not None and last.sequence > place["sequence"]
        if not is_same:
            say(f"{self._name} is not the stream that it was; reading it from its beginning")
            del self._position.places[self._name]

    def _handle(self, messages: list[StoredMessage]) -> None:
        """Prints what is new, and then keeps how far that was: who is killed in between prints it again."""
        position = self._position
        for sequence, stored_at, payload in messages:
            place = position.places.get(self._name)
            gone = sequence - place["sequence"] - 1 if place else 0
            if gone > 0:
                say(f"{self._name}: {gone} events before {sequence} are no longer kept")
            event = event_in(payload, f"{self._name} {sequence}")
            if event and position.seen.add(event["id"]):
                print_event(event)
            position.places[self._name] = {"sequence": sequence, "stored_at": stored_at}
        position.save()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--position", metavar="FILE", required=True)
    parser.add_argument("--since", metavar="TIME", type=instant)
    parser.add_argument("streams", metavar="STREAM", nargs="*", help=", ".join(STREAMS))
    settings = parser.parse_args()
    if unknown := set(settings.streams) - set(STREAMS):
        parser.error(f"no such stream: {', '.join(unknown)}; there are {', '.join(STREAMS)}")

    position = Position(settings.position)
    bus = Bus()
    await bus.connect()
    say("following")
    streams = [Stream(bus.client, name) for name in settings.streams or STREAMS]
    followers = [Follower(stream, position, settings.since) for stream in streams]
    await bus.until_ended(*(asyncio.create_task(follower.follow()) for follower in followers))


def instant(text: str) -> str:
    """An RFC 3339 time, as NATS reads it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone().isoformat()


asyncio.run(main())
