"""What the ids that this service gives look like: UUIDs (RFC 9562), in lower case."""

import re

ID = re.compile(r"[0-9a-f-]{36}")
