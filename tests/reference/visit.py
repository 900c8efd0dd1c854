"""A reader's visit to the reference page, in a real browser."""

import shutil
from typing import TYPE_CHECKING, Any

from functions.shared.address import REFERENCE_PATH
from infra.tenant_registry import Credentials
from tests.reference.npm import npm_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

ARGUMENTS = (
    # As root, in a container, its own sandbox cannot be.
    "--no-sandbox",
    # There is no screen to draw fast for.
    "--disable-gpu",
)

QUIET_MS = 250
"""As long as nothing of the page changes: the viewer's text comes before its widths and colours."""

QUIET = """quiet => new Promise(settled => {
    const end = () => { changes.disconnect(); settled(true); };
    let pause = setTimeout(end, quiet);
    const changes = new MutationObserver(() => { clearTimeout(pause); pause = setTimeout(end, quiet); });
    changes.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
})"""


def section_of(tag: str, route: str) -> str:
    """The name by which the page knows an operation: `customers`, `POST /services/…`."""
    return f"customer-api/tag/{tag}/{route.replace(' ', '')}"


class Console:
    """An operation, opened to be tried."""

    def __init__(self, dialog: "Locator") -> None:
        self._dialog = dialog

    def body(self, text: str) -> None:
        """Write the request's body."""
        self._dialog.locator(".cm-content[contenteditable=true]").first.fill(text)

    def value(self, name: str, text: str) -> None:
        """Give a parameter of the path or the query this value."""
        self._dialog.locator(f"tr[id='{name}'] [data-placeholder=Value]").fill(text)

    def send(self, answer: str) -> None:
        """Send the request, and wait for an answer that says this."""
        self._dialog.locator("[data-addressbar-action=send]:visible").click()
        self.shows(answer)

    def close(self) -> None:
        """Go back to the page."""
        self._dialog.press("Escape")
        self._dialog.wait_for(state="hidden")

    def shows(self, text: str) -> None:
        """Wait until it says this."""
        self._dialog.get_by_text(text).first.wait_for()


class Visit:
    """One look at the page, which must make no error and ask no other host."""

    def __init__(self, browser: "Browser", url: str, **options: Any) -> None:
        # axe is put into the page from outside, which the page's own policy would forbid.
        self.context = browser.new_context(bypass_csp=True, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.wrong: list[str] = []
        self.page.on("console", lambda told: self.wrong.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self._same_host(request.url, url))
        self.page.goto(f"{url}{REFERENCE_PATH}")
        self.page.get_by_role("heading", name="First call").wait_for()

    def _same_host(self, asked: str, url: str) -> None:
        if not asked.startswith((url, "data:", "blob:", "about:")):
            self.wrong.append(f"asked {asked}")

    def sign_in(self, credentials: Credentials, secret: str | None = None) -> None:
        """Sign in by keyboard alone."""
        page = self.page
        page.get_by_text("Sign in to try calls").focus()
        page.keyboard.press("Enter")
        for text in (credentials.tenant_id, credentials.client_id, secret or credentials.client_secret):
            page.keyboard.press("Tab")
            page.keyboard.type(text)
        page.keyboard.press("Enter")

    def operation(self, tag: str, route: str) -> Console:
        """Open an operation to be tried: `customers`, `POST /services/…`."""
        self.page.evaluate(f"location.hash = {section_of(tag, route)!r}")
        section = self.page.locator(f"[id='{section_of(tag, route)}']")
        section.get_by_role("button", name="Test Request").click()
        return Console(self.page.get_by_role("dialog"))

    def faults(self, part: str | None = None, **options: Any) -> list[str]:
        """What axe-core finds that is serious or worse, in the whole page or in `part` (a selector).

        `options` say by which of its rules, all where they do not (axe-core: API, options parameter).
        """
        self.settle()
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.evaluate(npm_file("axe-core/axe.min.js").read_text())
        # Only of what is wrong are the details collected: of what is right they take most of the time.
        run = """([part, options]) => axe.run(part || document, {resultTypes: ["violations"], ...options})"""
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in self.page.evaluate(run, [part, options])["violations"]
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    def settle(self) -> None:
        """Wait until what was opened looks as it will."""
        self.page.wait_for_function(QUIET, arg=QUIET_MS)
        # A colour on its way from one to another is neither.
        self.page.wait_for_function(
            """document.getAnimations().every(one =>
                one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity)"""
        )
