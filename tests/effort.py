"""How much is tried where there is no end: `EFFORT=20 uv run pytest` tries twenty times as much (nightly)."""

import os

EFFORT = int(os.environ.get("EFFORT", "1"))
