"""The emulator's process: MiniStack behind its guard, on the listening sockets whose numbers it is told.

`AWS_ENDPOINT_URL` is the address of its private door, for itself and for the functions that it runs. It
stops when told to by SIGTERM, or when its standard input ends: then whoever started it is gone. The exit
status is 0 when all data is saved.
"""

import asyncio
import logging
import os
import resource
import signal
import sys
from logging.handlers import BufferingHandler
from urllib.parse import urlsplit

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app  # type: ignore[import-untyped]

from infra.local.guard import Guard


def main() -> None:
    """Serve until told to stop."""
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Each function that runs takes three, each connection one.
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    private = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    guard = Guard(app, private_port=private.port or 0, key=private.path.removeprefix("/"))
    config = Config()
    config.bind = [f"fd://{number}" for number in sys.argv[1:]]
    config.keep_alive_timeout = 75
    config.loglevel = os.environ["LOG_LEVEL"]
    # MiniStack only logs what it cannot save.
    unsaved = BufferingHandler(sys.maxsize)
    unsaved.setLevel(logging.ERROR)

    async def told_to_stop() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_reader(sys.stdin, stop.set)
        await stop.wait()
        loop.remove_reader(sys.stdin)
        logging.getLogger("persistence").addHandler(unsaved)

    asyncio.run(serve(guard, config, mode="asgi", shutdown_trigger=told_to_stop))  # type: ignore[arg-type]
    sys.exit(1 if unsaved.buffer else 0)


if __name__ == "__main__":
    main()
