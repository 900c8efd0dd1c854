"""The reference page in a real browser, against the deployed stack."""

import random
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from functions.shared.address import REFERENCE_PATH
from infra.local.stack import LocalStack
from infra.routes import CUSTOMERS, NOTE
from infra.tenant_registry import Credentials
from tests.builders import new_email
from tests.effort import EFFORT
from tests.reference.visit import ARGUMENTS, CHROMIUM, Visit, section_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ViewportSize

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium: apt-get install chromium")


DESK: "ViewportSize" = {"width": 1280, "height": 844}
PHONE: "ViewportSize" = {"width": 390, "height": 844}

REFUSED = re.compile("status of (400|401) ")


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
    made = Visit(browser, stack.url, viewport=DESK)
    yield made
    made.context.close()
    # The browser says of every refusal that it was one.
    assert [text for text in made.wrong if not REFUSED.search(text)] == []


def test_a_reader_signs_in_by_keyboard_creates_finds_and_is_told_what_is_wrong_and_where_it_is_documented(
    visit: Visit, demo: Credentials, stack: LocalStack
) -> None:
    email = new_email()
    page = visit.page
    visit.sign_in(demo, secret="wrong")
    page.get_by_text("Not signed in: Invalid client or invalid client credentials").wait_for()
    secret = page.get_by_label("Client secret")
    assert secret.is_visible()
    secret.fill(demo.client_secret)
    secret.press("Enter")
    page.get_by_text("Signed in as demo").wait_for()

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

    if EFFORT > 1:
        # As a customer is created, with seconds of Chromium's.
        note = visit.operation("notes", f"POST {NOTE}")
        note.body(f'{{"customerRef": "{email}", "note": "Likes blue"}}')
        note.send("200 OK")
        note.shows('"Likes blue"')
        note.close()

    assert demo.client_secret not in page.content()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not re.search(r"Bearer|[\w-]{43}", stored)

    # What the error named as its documentation: a new page, which knows nobody any more.
    page.goto("about:blank")
    page.goto(f"{stack.url}{REFERENCE_PATH}#duplicate_value")
    page.get_by_text("Not signed in").wait_for()
    page.wait_for_function(
        """() => [...document.querySelectorAll("h1, h2")].some((heading) => {
            const box = heading.getBoundingClientRect();
            return heading.textContent === "Duplicate value" && box.top >= 0 && box.bottom < innerHeight;
        })"""
    )


COLOURS: dict[str, Any] = {"runOnly": ["color-contrast", "link-in-text-block"]}
NO_COLOURS: dict[str, Any] = {"rules": {rule: {"enabled": False} for rule in COLOURS["runOnly"]}}


def assert_good_to_read(visit: Visit, part: str | None = None) -> None:
    """Without serious faults, and no wider than it is: on a desk by light, and in the dark or on a phone.

    What changes the colours changes no places, and what changes places no colours. Which of the three it is
    in one run its seed says; with `EFFORT` it is all.
    """
    for look in random.sample((by_light, in_the_dark, on_a_phone), 1 if EFFORT == 1 else 3):
        look(visit, part)


def by_light(visit: Visit, part: str | None) -> None:
    assert visit.faults(part) == []
    assert_fits(visit, DESK)


def in_the_dark(visit: Visit, part: str | None) -> None:
    light = background(visit)
    visit.page.emulate_media(color_scheme="dark")
    assert visit.faults(part, **COLOURS) == []
    assert background(visit) != light
    visit.page.emulate_media(color_scheme="light")


def on_a_phone(visit: Visit, part: str | None) -> None:
    visit.page.set_viewport_size(PHONE)
    assert visit.faults(part, **NO_COLOURS) == []
    assert_fits(visit, PHONE)
    visit.page.set_viewport_size(DESK)


def assert_fits(visit: Visit, size: "ViewportSize") -> None:
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def background(visit: Visit) -> str:
    colour: str = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_guides_form_console_and_operations_have_no_serious_accessibility_fault_and_fit(visit: Visit) -> None:
    # The guides: an operation is drawn when one comes to it.
    assert_good_to_read(visit)
    visit.page.get_by_text("Sign in to try calls").click()
    assert_good_to_read(visit, "#bar")
    visit.page.keyboard.press("Escape")
    console = visit.operation("customers", f"POST {CUSTOMERS}")
    console.send("401 Unauthorized")
    assert_good_to_read(visit, "[role=dialog]")
    console.close()
    assert_good_to_read(visit, f"[id='{section_of('customers', f'POST {CUSTOMERS}')}']")
