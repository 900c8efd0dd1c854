"""The reference page in a real browser, against the deployed stack."""

import re
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared.address import REFERENCE_PATH
from infra.local.stack import LocalStack
from infra.tenant_registry import Credentials
from tests.builders import new_email
from tests.reference.npm import npm_file

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""

# The viewer marks what may be pressed; its widths and colours come a moment after its text.
SETTLED_MS = 700

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, driven by Playwright."""
    how = "needs Playwright: python3 -m uv sync --group clients"
    playwright = pytest.importorskip("playwright.sync_api", reason=how)
    with playwright.sync_playwright() as driver:
        # As root, in a container, its own sandbox cannot be.
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


class Visit:
    """One look at the page, which must make no error and ask no other host."""

    def __init__(self, browser: "Browser", url: str, **options: Any) -> None:
        # axe is put into the page from outside, which the page's own policy would forbid.
        self.context = browser.new_context(bypass_csp=True, **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
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

    def operation(self, route: str) -> "Locator":
        """Open an operation in the console: `POST /services/…`."""
        method, path = route.split(" ")
        self.page.evaluate(f"location.hash = {f'#customer-api/tag/customers/{method}{path}'!r}")
        section = self.page.locator(f"[id='customer-api/tag/customers/{method}{path}']")
        section.get_by_role("button", name="Test Request").click()
        return self.page.get_by_role("dialog")

    def faults(self) -> list[str]:
        """What axe-core finds that is serious or worse."""
        self.page.wait_for_timeout(SETTLED_MS)
        self.page.evaluate(npm_file("axe-core/axe.min.js").read_text())
        found = self.page.evaluate("axe.run()")["violations"]
        return [
            f"{one['id']}: {node['html'][:200]}"
            for one in found
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]


@pytest.fixture
def visit(browser: "Browser", stack: LocalStack) -> Iterator[Visit]:
    """A look at the page on a desk."""
    made = Visit(browser, stack.url, viewport={"width": 1280, "height": 900})
    yield made
    assert made.wrong == []
    made.context.close()


def test_a_reader_signs_in_by_keyboard_and_creates_finds_and_is_told_what_is_wrong(
    visit: Visit, demo: Credentials
) -> None:
    page, email = visit.page, new_email()
    visit.sign_in(demo)
    page.get_by_text("Signed in as demo").wait_for()

    console = visit.operation("POST /services/customerservice/api/v2/customers")
    body = console.locator(".cm-content[contenteditable=true]").first
    body.fill(f'{{"email": "{email}", "firstName": "Ann"}}')
    console.locator("[data-addressbar-action=send]:visible").click()
    console.get_by_text("201 Created").wait_for()
    body.fill('{"email": "nobody", "dob": "tomorrow"}')
    console.locator("[data-addressbar-action=send]:visible").click()
    console.get_by_text("400 Bad Request").wait_for()
    console.get_by_text("is not a valid email address").wait_for()
    page.keyboard.press("Escape")
    # The browser says of every refusal that it was one.
    visit.wrong = [text for text in visit.wrong if "status of 400" not in text]


def test_a_wrong_secret_is_said_and_keeps_the_form_open(visit: Visit, demo: Credentials) -> None:
    visit.sign_in(demo, secret="wrong")

    visit.page.get_by_text("Not signed in: Invalid client or invalid client credentials").wait_for()
    assert visit.page.get_by_label("Client secret").is_visible()
    visit.wrong = [text for text in visit.wrong if "status of 401" not in text]


def test_nothing_of_a_sign_in_outlives_the_page(visit: Visit, demo: Credentials) -> None:
    visit.sign_in(demo)
    visit.page.get_by_text("Signed in as demo").wait_for()

    assert demo.client_secret not in visit.page.content()
    stored = visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not re.search(r"Bearer|[\w-]{43}", stored)
    visit.page.reload()
    visit.page.get_by_text("Not signed in").wait_for()


def test_an_errors_documentation_opens_the_page_at_its_entry(visit: Visit, stack: LocalStack) -> None:
    page = visit.page
    page.goto("about:blank")
    page.goto(f"{stack.url}{REFERENCE_PATH}#duplicate_value")

    page.wait_for_function(
        """() => [...document.querySelectorAll("h1, h2")].some((heading) => {
            const box = heading.getBoundingClientRect();
            return heading.textContent === "Duplicate value" && box.top >= 0 && box.bottom < innerHeight;
        })"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_has_no_serious_accessibility_fault_and_fits(
    browser: "Browser", stack: LocalStack, scheme: str, width: int
) -> None:
    visit = Visit(browser, stack.url, viewport={"width": width, "height": 844}, color_scheme=scheme)

    assert visit.faults() == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.page.get_by_text("Sign in to try calls").click()
    assert visit.faults() == []
    assert visit.wrong == []
    visit.context.close()
