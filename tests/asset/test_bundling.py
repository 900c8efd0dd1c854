"""The asset is compiled, holds nothing of this machine, and is the same wherever it is built."""

import importlib.util
import shutil
import warnings
from pathlib import Path

import botocore
import pytest

from infra.asset import bundling
from infra.asset.bundling import LAMBDA, ROOT, BundlingError, Target, build_asset, content_hash
from infra.asset.trimming import OPERATIONS
from tests.asset.built import copy_installed_libraries


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
    assert data == set(OPERATIONS)


def test_the_asset_is_at_most_six_megabytes_as_it_is_uploaded(asset: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "asset"), "zip", asset))

    assert archive.stat().st_size <= 6 * 1000 * 1000


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


def test_schemas_of_another_pydantic_than_the_one_that_reads_them_are_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "version", lambda _: "2.99.0")
    with pytest.raises(BundlingError, match=r"pydantic 2\.99\.0 is installed here"):
        build_asset(tmp_path, None)
    assert not list(tmp_path.iterdir())


def test_the_emulated_asset_has_no_libraries(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        build_asset(tmp_path, None)
    assert {path.name for path in tmp_path.iterdir()} == {"functions", "pydantic"}


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
    (elsewhere / "functions" / "reference" / "get_reference.py").write_text("")
    (elsewhere / "functions" / "notes.txt").write_text("does not ship either")
    assert content_hash(LAMBDA, compiled=True, root=elsewhere) == here
    (elsewhere / "functions" / "new.py").write_text("")
    assert content_hash(LAMBDA, compiled=True, root=elsewhere) != here
