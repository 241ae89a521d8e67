"""Packs each function of the template the way `sam package` does, and uploads it with the copy of the template to submit."""

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from differences import for_the_emulator
from failure import Failure

BUCKET = "tongji-deployment"


def parsed(template: Path) -> dict:
    """The template as data, with `!Ref` and its kin in their long form."""
    if not template.is_file():
        raise Failure(f"{template} is missing; the local run deploys it.")
    return yaml_parse(template.read_text(encoding="utf-8"))


def functions(template: dict) -> dict[str, str]:
    """Logical id → name of the binary, which is the last part of the function's CodeUri."""
    return {
        logical_id: Path(resource["Properties"]["CodeUri"]).name
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
        and isinstance(resource["Properties"].get("CodeUri"), str)
    }


def zipped(binary: Path, folder: Path) -> Path:
    """The binary, without its debug information, as `bootstrap` in a zip; kept until the binary changes."""
    if not binary.is_file():
        raise Failure(f"{binary} is missing; build the functions first with `make build`.")
    archive = folder / f"{binary.name}.zip"
    if archive.is_file() and archive.stat().st_mtime > binary.stat().st_mtime:
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    slim, fresh = (folder / f"{binary.name}.{kind}-{os.getpid()}" for kind in ("slim", "zip"))
    strip = ["strip", "--strip-debug", "-o", slim, binary]
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    try:
        if shutil.which("strip") is None or subprocess.run(strip, capture_output=True).returncode != 0:
            shutil.copyfile(binary, slim)
        with (zipfile.ZipFile(fresh, "w", compresslevel=1) as packed, slim.open("rb") as source,
              packed.open(entry, "w", force_zip64=True) as target):
            shutil.copyfileobj(source, target, 1 << 20)
        return fresh.replace(archive)
    finally:
        slim.unlink(missing_ok=True)
        fresh.unlink(missing_ok=True)


def uploaded(template: dict, s3, binaries: Path, folder: Path) -> str:
    """Upload the functions and the rewritten copy of the template; the address of the copy."""
    template = for_the_emulator(template)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    for logical_id, name in functions(template).items():
        key = f"functions/{name}.zip"
        s3.put_object(Bucket=BUCKET, Key=key, Body=zipped(binaries / name, folder).read_bytes())
        template["Resources"][logical_id]["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": key}
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=json.dumps(template, default=str).encode())
    return f"{s3.meta.endpoint_url}/{BUCKET}/template.json"
