"""GET /openapi.json, GET /docs, GET /docs/{key}."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from functions.reference import get_reference
from functions.shared.address import REFERENCE_PATH
from infra.asset.bundling import BundlingError
from infra.reference import asset
from infra.reference.asset import build_reference
from infra.reference.document import SERVER
from infra.reference.viewer import viewer
from infra.routes import ENDPOINTS, PREFIX, REFERENCE
from infra.settings import stage_named
from tests.api import Api, Reply

DOCUMENT, PAGE = f"{PREFIX}/openapi.json", f"{PREFIX}/docs"

pytestmark = pytest.mark.usefixtures("served")


def get(url: str, **headers: str) -> Reply:
    """Ask without a token."""
    return Api(None).get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})


def files() -> list[str]:
    """The files that the page loads, as it names them."""
    return re.findall(r'(?:src|href)="(docs/[^"]+)"', get(PAGE).text)


def test_the_document_names_the_stage_that_serves_it() -> None:
    reply = get(DOCUMENT)

    here = "https://abc123.execute-api.ap-southeast-2.amazonaws.com/v1"
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json["servers"] == [{"url": here}]
    flows = reply.json["components"]["securitySchemes"]["clientCredentials"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"].startswith(f"{here}/auth/realms/")
    assert SERVER not in reply.text


def test_a_head_is_a_get_without_its_body() -> None:
    got, headed = get(PAGE), Api(None).send("HEAD", PAGE)
    assert (headed.status, headed.text, headed.headers) == (200, "", got.headers)


def test_the_server_that_is_replaced_is_the_documents() -> None:
    assert get_reference.SERVER == SERVER


@pytest.mark.parametrize("url", [DOCUMENT, PAGE])
def test_who_has_it_already_gets_it_not_again(url: str) -> None:
    first = get(url)
    assert first.headers["cache-control"] == "public, max-age=300"

    for given in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = get(url, If_None_Match=given)
        assert (again.status, again.text) == (304, "")
        assert again.headers["etag"] == first.headers["etag"]
    assert get(url, If_None_Match='"other"').status == 200


def test_the_page_may_run_its_own_scripts_and_ask_its_own_host_alone() -> None:
    headers = get(PAGE).headers

    policy = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_names_no_other_host_and_holds_no_script_of_its_own() -> None:
    page = get(PAGE).text
    assert "//" not in page
    assert re.findall(r"<script(?![^>]* src=)", page) == []


def test_what_the_page_loads_is_there_and_cached_for_good() -> None:
    assert len(files()) == (3 if viewer() else 2)
    for name in files():
        reply = get(f"{PREFIX}/{name}")
        assert reply.status == 200
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["content-type"] in {"text/css; charset=utf-8", "text/javascript; charset=utf-8"}
        assert get(f"{PREFIX}/{name}", If_None_Match=reply.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "name", ["nothing.js", "docs.html", "openapi.json", "..%2Fget_reference.py", "get_reference.py"]
)
def test_other_files_are_not_found(name: str) -> None:
    reply = get(f"{PAGE}/{name}")
    assert (reply.status, reply.json["code"]) == (404, "not_found")
    assert reply.json["documentation"].endswith("/docs#not_found")


def test_an_answer_fits_what_a_function_may_give(content: Path) -> None:
    for file in content.iterdir():
        assert len(json.dumps(file.read_text(encoding="utf-8"))) < 5.5 * 1024 * 1024


def test_errors_lead_to_the_route_of_the_page() -> None:
    (endpoint,) = (one for one in ENDPOINTS if one.handler == REFERENCE)
    assert f"GET {REFERENCE_PATH}" in endpoint.routes


def test_the_function_starts_with_nothing_but_its_asset(tmp_path: Path) -> None:
    build_reference(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import functions.reference.get_reference as one\n"
        "print(one.handler({'resource': '/services/customerservice/docs'}, None)['statusCode'])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], env={}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("200", 0), done.stderr


def test_without_its_viewer_the_page_says_so_and_only_an_emulated_stage_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asset, "viewer", lambda: None)

    asset.write_content(tmp_path)
    assert [file.name for file in tmp_path.glob("viewer*")] == []
    asset._Made(stage_named("local")).try_bundle(str(tmp_path / "local"))
    with pytest.raises(BundlingError, match="viewer"):
        asset._Made(stage_named("prod")).try_bundle(str(tmp_path / "prod"))
