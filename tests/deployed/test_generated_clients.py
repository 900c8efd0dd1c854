"""Clients generated from the document of the deployed stack create, find, change and delete a customer."""

import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from functions.shared.address import REFERENCE_PATH
from tests.builders import new_email
from tests.deployed.http_api import HttpApi, request
from tests.reference.npm import INSTALLED, npm_file

BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


@pytest.fixture
def document(api: HttpApi, tmp_path: Path) -> Path:
    """The document as the stack serves it, to everybody."""
    served = request("GET", f"{api.url}{REFERENCE_PATH.removesuffix('docs')}openapi.json", None, {})
    assert served.json["servers"] == [{"url": api.url}]
    file = tmp_path / "openapi.json"
    file.write_text(served.text)
    return file


def run(*command: object, folder: Path) -> str:
    """What a command says, which must succeed."""
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_linter_finds_nothing_to_mend(document: Path) -> None:
    redocly = npm_file("@redocly/cli/bin/cli.js")
    # Who may call is no matter of a licence.
    told = run("node", redocly, "lint", "--skip-rule=info-license", document.name, folder=document.parent)
    assert "Your API description is valid" in told
    assert "warning." not in told


def test_a_generated_python_client_works(
    document: Path, api: HttpApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("openapi_python_client") is None:
        pytest.skip("needs openapi-python-client: python3 -m uv sync --group clients")
    told = run(
        *(BIN / "openapi-python-client", "generate", "--path", document.name, "--meta", "none"),
        *("--output-path", "generated_client", "--fail-on-warning"),
        folder=document.parent,
    )
    assert "Warning" not in told
    monkeypatch.syspath_prepend(document.parent)
    calls = {
        name: importlib.import_module(f"generated_client.api.customers.{name}").sync_detailed
        for name in ("create_customer", "get_customer_by_email", "update_customer_by_key", "delete_customer")
    }
    generated = importlib.import_module("generated_client")
    models = importlib.import_module("generated_client.models")
    client = generated.AuthenticatedClient(
        base_url=api.url, token=api.token, headers={"X-TWC-Tenant": api.tenant}
    )
    email = new_email()

    created = calls["create_customer"](client=client, body=models.NewCustomer(email=email, first_name="Ann"))
    assert created.status_code == 201
    found = calls["get_customer_by_email"](email, client=client)
    assert found.parsed == created.parsed
    changed = calls["update_customer_by_key"](
        created.parsed.id, client=client, body=models.CustomerChanges(last_name="Lee")
    )
    assert (changed.parsed.first_name, changed.parsed.last_name) == ("Ann", "Lee")
    assert calls["delete_customer"](client=client, id=str(created.parsed.id)).status_code == 204
    missing = calls["get_customer_by_email"](email, client=client)
    assert (missing.status_code, missing.parsed.code) == (404, "not_found")


def test_a_generated_typescript_client_works(document: Path, api: HttpApi) -> None:
    generator = npm_file("openapi-typescript/bin/cli.js")
    compiler = npm_file("typescript/bin/tsc")
    folder = document.parent
    (folder / "node_modules").symlink_to(INSTALLED)
    (folder / "package.json").write_text(json.dumps({"type": "module"}))
    shutil.copy(Path(__file__).parent / "client.ts", folder)

    told = run("node", generator, document.name, "-o", "api.d.ts", folder=folder)
    assert "warn" not in told.lower()
    options = ("--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022")
    run("node", compiler, *options, "--skipLibCheck", "--outDir", "built", "client.ts", folder=folder)
    run("node", "built/client.js", api.url, api.token, api.tenant, new_email(), folder=folder)
