"""The asset holds all that the functions need and little else.

It is built for this machine, of the libraries that are installed here: no network, and it can be run.
"""

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import botocore
import pytest

from infra import bundling
from infra.bundling import LAMBDA, ROOT, BundlingError, Target, build_asset, content_hash
from infra.routes import AUTHORIZER, ENDPOINTS, REFERENCE
from tests.infra.test_requirements import shipped

HERE = Target(python=f"{sys.version_info.major}.{sys.version_info.minor}", platform="here")
HANDLERS = [one.handler for one in (*ENDPOINTS, AUTHORIZER) if one.handler != REFERENCE]


def copy_installed_libraries(directory: Path, _target: Target) -> None:
    """What uv would install, from this environment."""
    for name in shipped():
        for file in importlib.metadata.files(name) or ():
            if ".." not in file.parts:
                (directory / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), directory / file)


@pytest.fixture(scope="module")
def asset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The asset."""
    directory = tmp_path_factory.mktemp("asset")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundling, "install_libraries", copy_installed_libraries)
        build_asset(directory, HERE)
    return directory


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_starts_with_nothing_but_the_asset(asset: Path, handler: str) -> None:
    program = f"import sys; sys.path.insert(0, {str(asset)!r}); import functions.{handler} as m; m.handler"
    tables = {"CUSTOMERS_TABLE": "c", "CLAIMS_TABLE": "c", "TENANTS_TABLE": "t"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        env={"AWS_DEFAULT_REGION": "ap-southeast-2", "POWERTOOLS_SERVICE_NAME": "customerservice", **tables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_module_is_compiled_and_trusted_without_a_look_at_its_source(asset: Path) -> None:
    sources = list(asset.rglob("*.py"))
    assert sources
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        # PEP 552: the flags after the magic number; 1 is hash-based and unchecked.
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", source


def test_compiled_code_names_the_files_as_lambda_has_them(asset: Path) -> None:
    compiled = importlib.util.cache_from_source(str(asset / "functions" / "shared" / "endpoint.py"))
    assert b"/var/task/functions/shared/endpoint.py" in Path(compiled).read_bytes()


def test_the_asset_has_no_boto3_no_metadata_and_no_data_of_services_nobody_calls(asset: Path) -> None:
    names = {path.name for path in asset.iterdir()}
    assert not names & {"boto3", "s3transfer", "bin", "tests"}
    assert not [name for name in names if name.endswith(".dist-info")]
    data = {path.name for path in (asset / "botocore" / "data").iterdir() if path.is_dir()}
    assert data == set(bundling.SERVICES)


def test_a_trimmed_asset_leaves_the_installed_libraries_alone(asset: Path) -> None:
    installed = Path(botocore.__file__).parent
    trimmed = (asset / "botocore" / "data" / "endpoints.json").stat().st_size
    assert (installed / "data" / "endpoints.json").stat().st_size > 10 * trimmed


def test_without_a_matching_python_the_asset_is_built_all_the_same_with_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "install_libraries", copy_installed_libraries)
    with pytest.warns(UserWarning, match="cold start"):
        build_asset(tmp_path, Target(python="3.99", platform="here"))
    assert (tmp_path / "functions" / "customers" / "get_customer.py").exists()


def test_the_emulated_asset_is_our_own_code_alone(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_asset(tmp_path, None)
    assert [path.name for path in tmp_path.iterdir()] == ["functions"]


def test_no_cache_of_this_machine_gets_in(tmp_path: Path) -> None:
    build_asset(tmp_path, None)
    assert not [*tmp_path.rglob("__pycache__"), *tmp_path.rglob("requirements.txt")]


def test_a_durable_stage_is_not_built_without_a_matching_python(tmp_path: Path) -> None:
    with pytest.raises(BundlingError, match=r"python install 3\.99"):
        build_asset(tmp_path, Target(python="3.99", platform="here"), must_compile=True)
    assert not list(tmp_path.iterdir())


def test_two_machines_make_the_same_hash_of_the_same_commit_and_another_of_another(tmp_path: Path) -> None:
    elsewhere = tmp_path / "checkout"
    for folder in ("functions", "infra"):
        leave = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, elsewhere / folder, ignore=leave)
    here = content_hash(LAMBDA, compiled=True)
    assert content_hash(LAMBDA, compiled=True, root=elsewhere) == here
    (elsewhere / "functions" / "new.py").write_text("")
    assert content_hash(LAMBDA, compiled=True, root=elsewhere) != here
