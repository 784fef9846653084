"""Prints what happens from now on, by a plain subscription. What happens while this program is away is missed:
follow.py misses nothing.

    pip install -r requirements.lock.txt
    NATS_SUBSCRIBER_URL=nats://subscriber:PASSWORD@127.0.0.1:4222 python listen.py
"""

import asyncio

from bus import Bus, SeenIds, event_in, print_event, say
from nats.aio.msg import Msg

SUBJECTS = ["hokusai.audit.v1.>", "hokusai.keys.v1.events.>"]


async def main() -> None:
    bus = Bus()
    await bus.connect()
    seen = SeenIds()

    async def on_message(message: Msg) -> None:
        event = event_in(message.data, message.subject)
        if event and seen.add(event["id"]):
            print_event(event)

    for subject in SUBJECTS:
        await bus.client.subscribe(subject, cb=on_message)
    await bus.client.flush()
    say("listening")
    await bus.until_ended()


asyncio.run(main())
