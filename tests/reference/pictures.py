"""The README's pictures of the service at work, made from a real run.

    python3 -m uv sync --group clients && python3 -m uv run python -m tests.reference.pictures

It needs Chromium and curl, and the port of `uv run local`.
"""

import io
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from infra.architecture.drawing import IMAGES
from infra.commands.local import announcement
from infra.local import run
from infra.routes import CUSTOMERS
from tests.reference.visit import ARGUMENTS, CHROMIUM, Visit

COLUMNS = 116
SHOWN_OF_A_SECRET = 8

# An image may load nothing from another host: it takes the reader's own font.
TERMINAL = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)

WIDTH, HEIGHT = 1280, 760
QUALITY = 80

SCREEN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">
<clipPath id="round"><rect width="{width}" height="{height}" rx="8"/></clipPath>
<image width="{width}" height="{height}" clip-path="url(#round)" href="data:image/webp;base64,{data}"/>
</svg>
"""


def main() -> None:
    """Run the stack, call it, look at its page, and write the pictures."""
    with TemporaryDirectory() as directory:
        for name in ("STATE", "API_FILE", "ACCESS_FILE", "DEMO_FILE"):
            setattr(run, name, Path(directory) / name.lower())
        with run.started(port=run.DEFAULT_PORT, fresh=True) as api:
            (IMAGES / "terminal.svg").write_text(terminal(api), encoding="utf-8")
            for scheme in ("light", "dark"):
                (IMAGES / f"reference-{scheme}.svg").write_text(page(api, scheme), encoding="utf-8")


def terminal(api: run.Run) -> str:
    """What `uv run local` prints, and the call that it names, as it was answered just now."""
    console = Console(record=True, width=COLUMNS, force_terminal=True, file=io.StringIO(), highlight=False)
    told = announcement(api)
    call = told.plain[told.plain.index("curl") : told.plain.index("\n\nStop")]
    console.print(Text.assemble(("$ ", "green"), "python3 -m uv run local"))
    console.print(without_secrets(told, api))
    console.print(Text.assemble(("\n$ ", "green"), f"{call.partition(' ')[0]} -i … "))
    console.print(Text(answer_to(call), overflow="fold"))
    return console.export_svg(title="Customer API", code_format=TERMINAL, unique_id="terminal")


def answer_to(call: str) -> str:
    """What curl prints for this command line."""
    arguments = shlex.split(call.replace("\\\n", " "))[1:]
    curl = [shutil.which("curl") or "curl", "--silent", *arguments]
    return subprocess.run(curl, capture_output=True, text=True, check=True).stdout.replace("\r", "")


def without_secrets(told: Text, api: run.Run) -> Text:
    """The beginning of each secret stands for it."""
    for secret in (api.token, api.credentials.client_secret):
        while (at := told.plain.find(secret)) >= 0:
            told = Text.assemble(told[: at + SHOWN_OF_A_SECRET], "…", told[at + len(secret) :])
    return told


def page(api: run.Run, scheme: str) -> str:
    """The reference page when a call from its console was answered."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        size = {"width": WIDTH, "height": HEIGHT}
        visit = Visit(browser, api.stack.url, viewport=size, color_scheme=scheme)
        visit.sign_in(api.credentials)
        visit.page.get_by_text("Signed in as").wait_for()
        console = visit.operation("customers", f"POST {CUSTOMERS}")
        console.body(f'{{"email": "ann-{scheme}@example.com", "firstName": "Ann"}}')
        console.send("201 Created")
        visit.settle()
        shot = {"format": "webp", "quality": QUALITY}
        data = visit.context.new_cdp_session(visit.page).send("Page.captureScreenshot", shot)["data"]
        browser.close()
    return SCREEN.format(width=WIDTH, height=HEIGHT, data=data)


if __name__ == "__main__":
    main()
