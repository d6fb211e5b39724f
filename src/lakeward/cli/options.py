"""The options that several commands share, declared once.

``StageOptions`` and ``LakeOptions`` are what a command receives; :func:`with_options` puts
their fields on the command line.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lakeward.config import load_settings
from lakeward.settings import Settings

Config = Annotated[Path | None, typer.Option("--config", help="Configuration file; default lakeward.yaml here.")]
Lake = Annotated[str | None, typer.Option("--lake", help="The lake: a folder or s3://bucket/prefix.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document, for machines.")]


@dataclass(frozen=True)
class LakeOptions:
    """Which lake a command looks at, and how it answers."""

    config: Config = None
    lake: Lake = None
    json: Json = False

    def settings(self) -> Settings:
        """Return the resolved settings."""
        return load_settings(self.config, {"lake": self.lake})[0]


@dataclass(frozen=True)
class EnvironmentOptions(LakeOptions):
    """Which lake, and in whose names a command speaks to a service."""

    environment: Annotated[
        str | None, typer.Option("--environment", help="Whose names and defaults: development, staging or production.")
    ] = None

    def settings(self) -> Settings:
        """Return the resolved settings."""
        return load_settings(self.config, {"lake": self.lake}, self.environment)[0]


@dataclass(frozen=True)
class StageOptions(LakeOptions):
    """What a stage may use and how far it goes."""

    environment: Annotated[
        str | None, typer.Option("--environment", help="Overlay of the file: development, staging or production.")
    ] = None
    memory: Annotated[
        str | None, typer.Option("--memory", help="Peak memory of the whole run, such as 1GB; it is obeyed.")
    ] = None
    workers: Annotated[int | None, typer.Option("--workers", help="Threads of the engine.")] = None
    chunk_size: Annotated[
        int | None, typer.Option("--chunk-size", help="Kept for older scripts; no effect, --memory bounds the run.")
    ] = None
    layout: Annotated[str | None, typer.Option("--layout", help="Layout of fact_rate_enriched: compact or deep.")] = (
        None
    )
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be read and written; write nothing.")] = (
        False
    )
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="Check what is in the lake; read and write nothing else.")
    ] = False
    monitor: Annotated[
        bool, typer.Option("--monitor", help="Send the run's metrics to CloudWatch; a failure to do so is a warning.")
    ] = False
    quality_check: Annotated[bool, typer.Option("--quality-check", help="Print the quality report after the run.")] = (
        False
    )

    def resolve(self) -> tuple[Settings, Path]:
        """Return the resolved settings and the directory of the configuration's relative paths."""
        flags = {
            "lake": self.lake,
            "resources": {"memory": self.memory, "workers": self.workers, "chunk_rows": self.chunk_size},
            "layout": {"name": self.layout},
        }
        return load_settings(self.config, flags, self.environment)

    def settings(self) -> Settings:
        """Return the resolved settings."""
        return self.resolve()[0]


def with_options(options_type: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the fields of ``options_type`` as options; the command takes them as its argument ``options``."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command).parameters.values() if p.name != "options"]
        hints = get_type_hints(options_type, include_extras=True)
        shared = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
            for f in fields(options_type)
        ]

        @functools.wraps(command)
        def wrapper(*positional: Any, **named: Any) -> None:
            values = {f.name: named.pop(f.name) for f in fields(options_type)}
            command(*positional, options=options_type(**values), **named)

        keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        wrapper.__signature__ = inspect.Signature([*keyword, *shared])  # type: ignore[attr-defined]
        wrapper.__annotations__ = {p.name: p.annotation for p in [*keyword, *shared]}
        return wrapper

    return decorate
