"""How far each stream was read, in a file."""

import json
import os
import sys

from bus import SeenIds


class Position:
    """`places`: of each stream the `sequence` of the last message that was handled, and when that was stored."""

    def __init__(self, file: str) -> None:
        """Of a file that need not be there yet."""
        self._file = file
        try:
            with open(file, encoding="utf-8") as opened:
                kept = json.load(opened)
        except FileNotFoundError:
            kept = {"streams": {}, "recent_ids": []}
        except (OSError, ValueError) as error:
            sys.exit(f"{file} can't be read: {error}")
        self.places: dict[str, dict] = kept["streams"]
        self.seen = SeenIds(kept["recent_ids"])

    def save(self) -> None:
        """The file is replaced whole: who is killed meanwhile finds the former one."""
        with open(f"{self._file}.new", "w", encoding="utf-8") as opened:
            json.dump({"streams": self.places, "recent_ids": self.seen.list()}, opened)
        os.replace(f"{self._file}.new", self._file)
