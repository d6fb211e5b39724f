"""The page of commands, from the help that the command line itself prints.

In: the typer application. Out: Markdown with each command's sentence, arguments, options and examples.
"""

import inspect
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from typer.models import ArgumentInfo, OptionInfo

from lakeward.cli import app
from lakeward.cli.options import StageOptions
from lakeward.reference.markdown import code, from_docstring, joined, table

EXAMPLE = "Example:"
PLACEHOLDERS = {int: "NUMBER", float: "NUMBER", Path: "PATH", str: "TEXT"}
INTRODUCTION = (
    "`make demo` and `make test` put the command at `.venv/bin/lakeward`. Results go to stdout, progress and logs to "
    "stderr. `--json` prints one JSON document. How a command ends is on the page of [exit codes](exit-codes.md)."
)


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command, as its help says it."""

    name: str
    shown: str
    is_argument: bool
    is_required: bool
    default: str
    help: str


@dataclass(frozen=True)
class Command:
    """One command: its full name, what it does, what it takes, and lines that can be pasted."""

    name: str
    text: str
    examples: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def takes_stage_options(self) -> bool:
        """Whether it takes all options that the stages share."""
        return {field.name for field in fields(StageOptions)} <= {parameter.name for parameter in self.parameters}


def all_commands(application: typer.Typer = app, above: str = "") -> list[Command]:
    """Return every command of an application, those of its groups among them, in the order of its help."""
    commands = [
        _command(above, info.name or info.callback.__name__.replace("_", "-"), info.callback)
        for info in application.registered_commands
        if info.callback is not None and not info.hidden
    ]
    for group in application.registered_groups:
        if group.typer_instance is not None:
            commands += all_commands(group.typer_instance, f"{above}{group.name or group.typer_instance.info.name} ")
    return commands


def commands_page() -> str:
    """Return the page of commands."""
    commands = all_commands()
    stage = next(command for command in commands if command.takes_stage_options)
    shared = {field.name for field in fields(StageOptions)}
    overview = table(
        ("command", "what it does"),
        [(f"[`lakeward {c.name}`](#lakeward-{c.name.replace(' ', '-')})", _first_sentence(c.text)) for c in commands],
    )
    parts = ["# Commands", INTRODUCTION, overview, "## Options that the stages share", _stage_options(stage, shared)]
    for command in commands:
        parts += _command_parts(command, shared if command.takes_stage_options else set())
    return joined([*parts, "## Options before the command", _options(list(_before_command()))])


def _command(above: str, name: str, callback: Any) -> Command:
    documentation = inspect.getdoc(callback) or ""
    text, _, examples = documentation.partition(EXAMPLE)
    lines = tuple(line.strip() for line in examples.replace(EXAMPLE, "\n").splitlines() if line.strip())
    return Command(f"{above}{name}", from_docstring(text.strip()), lines, tuple(_parameters(callback)))


def _parameters(callback: Any) -> Iterator[Parameter]:
    for parameter in inspect.signature(callback).parameters.values():
        if get_origin(parameter.annotation) is not Annotated:
            continue
        kind, *metadata = get_args(parameter.annotation)
        for info in metadata:
            if isinstance(info, ArgumentInfo | OptionInfo) and not info.hidden:
                yield _parameter(parameter, kind, info)


def _parameter(parameter: inspect.Parameter, kind: Any, info: ArgumentInfo | OptionInfo) -> Parameter:
    is_argument = isinstance(info, ArgumentInfo)
    required = parameter.default is inspect.Parameter.empty
    placeholder = info.metavar or _placeholder(kind)
    if is_argument:
        name = info.metavar or parameter.name.upper()
        shown = f"{name if required else f'[{name}]'}{'…' if _is_list(kind) else ''}"
    else:
        # Of several names in Annotated[…] typer keeps the first one as the default until it builds a command.
        given = [str(name) for name in (info.default, *(info.param_decls or ())) if str(name).startswith("-")]
        shown = f"{', '.join(given) or '--' + parameter.name.replace('_', '-')} {placeholder}".strip()
    default = "" if required or parameter.default in (None, False) else str(parameter.default)
    return Parameter(parameter.name, shown, is_argument, required, default, info.help or "")


def _placeholder(kind: Any) -> str:
    plain = _without_none(kind)
    if plain is bool:
        return ""
    if get_origin(plain) is Literal:
        return "|".join(str(value) for value in get_args(plain))
    if hasattr(plain, "__members__"):
        return "|".join(str(member.value) for member in plain)
    return PLACEHOLDERS.get(plain, "TEXT")


def _is_list(kind: Any) -> bool:
    return get_origin(_without_none(kind)) in (list, tuple)


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        return next(part for part in get_args(kind) if part is not NoneType)
    return kind


def _command_parts(command: Command, shared: set[str]) -> list[str]:
    own = [parameter for parameter in command.parameters if parameter.name not in shared]
    arguments = [parameter for parameter in own if parameter.is_argument]
    options = [parameter for parameter in own if not parameter.is_argument]
    usage = " ".join(["lakeward", command.name, "[OPTIONS]", *(argument.shown for argument in arguments)])
    also = "And the [options that the stages share](#options-that-the-stages-share)." if shared else ""
    return [
        f"## lakeward {command.name}",
        command.text,
        f"```\n{usage}\n```",
        _arguments(arguments),
        _options(options),
        also,
        "\n".join(["```console", *(f"$ {example}" for example in command.examples), "```"]) if command.examples else "",
    ]


def _stage_options(stage: Command, shared: set[str]) -> str:
    return _options([parameter for parameter in stage.parameters if parameter.name in shared])


def _arguments(parameters: list[Parameter]) -> str:
    return table(("argument", "meaning"), [(code(p.shown), p.help) for p in parameters]) if parameters else ""


def _options(parameters: list[Parameter]) -> str:
    if not parameters:
        return ""
    return table(
        ("option", "default", "meaning"),
        [(code(p.shown), code(p.default) if p.default else "", p.help) for p in parameters],
    )


def _before_command() -> Iterator[Parameter]:
    callback = app.registered_callback.callback if app.registered_callback else None
    return _parameters(callback) if callback else iter(())


def _first_sentence(text: str) -> str:
    return text.split("\n\n")[0]


def names_command(line: str) -> bool:
    """Whether a line such as ``lakeward run rates`` begins with a command that there is."""
    words = shlex.split(line, comments=True)
    if words[:1] != ["lakeward"]:
        return False
    after = " ".join(word for word in words[1:] if not word.startswith("-"))
    if not after:
        return True
    return any(f"{after} ".startswith(f"{command.name} ") for command in all_commands())
