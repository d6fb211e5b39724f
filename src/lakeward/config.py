"""Where settings come from: flags, environment variables and ``lakeward.yaml``.

In: those three. Out: :class:`lakeward.settings.Settings`.
Precedence: flag, environment, the file's overlay for the chosen environment, the rest of the file, default.
Relative paths in a file are relative to that file; relative paths in flags to the current directory.
"""

import os
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from lakeward.errors import UsageError
from lakeward.settings import STDERR, FileAndOriginalVariables, Settings

CONFIG_FILE = "lakeward.yaml"
ORIGINAL_VARIABLES: dict[str, tuple[str, ...]] = {
    "S3_BUCKET": ("lake",),
    "S3_REGION": ("storage", "region"),
    "CHUNK_SIZE": ("resources", "chunk_rows"),
    "MAX_WORKERS": ("resources", "workers"),
    "MEMORY_LIMIT_MB": ("resources", "memory"),
}
"""The original system's environment variables and the settings they stand for; ``ENVIRONMENT`` picks the overlay."""


def load_settings(
    config: Path | None = None, flags: dict[str, Any] | None = None, environment: str | None = None
) -> tuple[Settings, Path]:
    """Read the settings of a run.

    Args:
        config: the configuration file; ``lakeward.yaml`` of the current directory when not given and there is one.
        flags: values from the command line, nested as in the file; ``None`` values are left out.
        environment: the overlay to use, from the command line.

    Returns:
        The settings, and the directory that relative source paths stand in.

    Raises:
        UsageError: the file is missing or not a mapping, a key is unknown, or a value impossible; names the key.
    """
    path = config or (Path(CONFIG_FILE) if Path(CONFIG_FILE).exists() else None)
    document = _read_document(path) if path else {}
    overlays = document.pop("environments", None) or {}
    chosen = environment or os.environ.get("LAKEWARD_ENVIRONMENT") or os.environ.get("ENVIRONMENT")
    chosen = chosen or document.get("environment") or "development"
    if isinstance(overlays, dict) and overlays.get(chosen):
        document = _merged(document, overlays[chosen])
    base = path.parent if path else Path()
    if path:
        _place_beside(base, document)
    document = _merged(document, _original_variables())
    document["environment"] = chosen
    return _validated(document, flags or {}, path), base


def _place_beside(base: Path, document: dict[str, Any]) -> None:
    """Let the places that a file names stand beside it; a bucket and the standard error are where they are."""
    lake, monitoring = document.get("lake"), document.get("monitoring")
    if isinstance(lake, str) and "://" not in lake:
        document["lake"] = str(base / lake)
    if isinstance(monitoring, dict) and isinstance(emf := monitoring.get("emf"), str) and emf != STDERR:
        document["monitoring"] = {**monitoring, "emf": str(base / emf)}


def _validated(document: dict[str, Any], flags: dict[str, Any], path: Path | None) -> Settings:
    FileAndOriginalVariables.document = document
    try:
        return Settings(**_without_none(flags))
    except ValidationError as error:
        problems = "\n".join(
            f"  {'.'.join(str(part) for part in item['loc']) or 'configuration'}: {_plain(item)}"
            for item in error.errors(include_url=False, include_input=False)
        )
        where = f"'{path}'" if path else "the flags and environment variables"
        raise UsageError(
            f"The configuration in {where} is not valid.\n{problems}\n"
            "Nothing was read or written. `lakeward config` prints the resolved values."
        ) from None
    finally:
        FileAndOriginalVariables.document = {}


def _plain(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "no such key; see docs/reference/configuration.md for the keys there are"
    return str(item["msg"]).removeprefix("Value error, ")


def _read_document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"There is no configuration file '{path}'. Write one, or leave --config out to run the sample."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"'{path}' cannot be read as YAML.\n  found: {' '.join(str(error).split())}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(f"'{path}' must hold a mapping of keys to values; it holds a {type(document).__name__}.")
    return document


def _original_variables() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, where in ORIGINAL_VARIABLES.items():
        value: str | None = os.environ.get(name)
        if not value:
            continue
        if name == "S3_BUCKET":
            value = f"s3://{value}"
        if name == "MEMORY_LIMIT_MB":
            value = f"{value}MB"
        nested: Any = value
        for key in reversed(where):
            nested = {key: nested}
        found = _merged(found, nested)
    return found


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    nested = {key: _without_none(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in nested.items() if value is not None and value != {}}
