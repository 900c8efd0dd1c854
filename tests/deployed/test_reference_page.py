"""The reference page in a real browser, against the deployed stack."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from functions.shared.address import REFERENCE_PATH
from infra.local.stack import LocalStack
from infra.routes import CUSTOMERS, NOTE
from infra.tenant_registry import Credentials
from tests.builders import new_email
from tests.reference.visit import ARGUMENTS, CHROMIUM, Visit, section_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, driven by Playwright."""
    how = "needs Playwright: python3 -m uv sync --group clients"
    playwright = pytest.importorskip("playwright.sync_api", reason=how)
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def visit(browser: "Browser", stack: LocalStack) -> Iterator[Visit]:
    """A look at the page on a desk."""
    made = Visit(browser, stack.url, viewport={"width": 1280, "height": 900})
    yield made
    made.context.close()
    assert made.wrong == []


def test_a_reader_signs_in_by_keyboard_creates_finds_adds_a_note_and_is_told_what_is_wrong(
    visit: Visit, demo: Credentials
) -> None:
    email = new_email()
    visit.sign_in(demo)
    visit.page.get_by_text("Signed in as demo").wait_for()

    create = visit.operation("customers", f"POST {CUSTOMERS}")
    create.body(f'{{"email": "{email}", "customerRef": "{email}", "firstName": "Ann"}}')
    create.send("201 Created")
    create.body('{"email": "nobody", "dob": "tomorrow"}')
    create.send("400 Bad Request")
    create.shows("is not a valid email address")
    create.close()

    search = visit.operation("customers", f"GET {CUSTOMERS}/search")
    search.value("email", email.upper())
    search.send("200 OK")
    search.shows('"Ann"')
    search.close()

    note = visit.operation("notes", f"POST {NOTE}")
    note.body(f'{{"customerRef": "{email}", "note": "Likes blue"}}')
    note.send("200 OK")
    note.shows('"Likes blue"')
    note.close()
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


DESK, PHONE = {"width": 1280, "height": 844}, {"width": 390, "height": 844}


# The width changes places and no colours, so it is tried in one scheme.
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESK, "light"), (DESK, "dark"), (PHONE, "light")],
    ids=["desk light", "desk dark", "phone light"],
)
def test_guides_form_console_and_operations_have_no_serious_accessibility_fault_and_fit(
    browser: "Browser", stack: LocalStack, size: dict[str, int], scheme: str
) -> None:
    visit = Visit(browser, stack.url, viewport=size, color_scheme=scheme)
    # The guides: an operation is drawn when one comes to it.
    assert visit.faults() == []
    visit.page.get_by_text("Sign in to try calls").click()
    assert visit.faults("#bar") == []
    visit.page.keyboard.press("Escape")
    console = visit.operation("customers", f"POST {CUSTOMERS}")
    console.send("401 Unauthorized")
    assert visit.faults("[role=dialog]") == []
    console.close()
    assert visit.faults(f"[id='{section_of('customers', f'POST {CUSTOMERS}')}']") == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert [text for text in visit.wrong if "status of 401" not in text] == []
    visit.context.close()
