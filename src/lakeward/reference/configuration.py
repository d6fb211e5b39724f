"""The page of settings, from the settings classes and the sentences that stand under their fields.

In: ``settings`` and the names of the original environment variables. Out: Markdown with every key, its type,
default and meaning.
"""

import ast
import inspect
import textwrap
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lakeward.config import ORIGINAL_VARIABLES
from lakeward.reference.markdown import code, from_docstring, joined, table
from lakeward.settings import Settings
from lakeward.sizes import format_size

PRECEDENCE = """\
A value is taken from the first of these that has one:

1. the command's flag;
2. the environment: `LAKEWARD_…`, then the original system's variables below;
3. `lakeward.yaml`: the overlay of the chosen environment under `environments:`, then the rest of the file;
4. the default.

The file is `lakeward.yaml` in the current directory, or the one that `--config` names. Relative paths in the file are
relative to the file; relative paths in flags are relative to the current directory. An unknown key, a missing file or
an impossible value ends the command with exit code 2 and names the key. `lakeward config` prints what is in force,
secrets masked."""
VARIABLES = """\
Every key has an environment variable: `LAKEWARD_` and the key in capitals, two underscores for each dot, such as
`LAKEWARD_RESOURCES__MEMORY=2GB`. Lists are written as JSON. An empty variable counts as not set."""
OTHER_VARIABLES = (
    ("ENVIRONMENT", "the overlay to use, when neither `--environment` nor `LAKEWARD_ENVIRONMENT` is given"),
    ("CENSUS_API_KEY", "`sources.census.key`, where `LAKEWARD_SOURCES__CENSUS__KEY` is not set"),
    ("LAKEWARD_SCRATCH", "the folder for downloads, staging and the build; it must exist. Without it the system's"
     " temporary folder (`TMPDIR`)"),
)  # fmt: skip
EXAMPLE = """\
```yaml
lake: ./lake
resources: {memory: 4GB, workers: 2}
sources:
  mrf:
    - {path: data/*.json.gz, state: GA}
  nppes: [{path: npidata_pfile_20050523-20250810.csv}]
  geography: {path: geography}
  medicare: [{path: medicare, year: 2025}]
  taxonomy: {path: nucc_taxonomy_250.csv}
environments:
  production: {lake: "s3://bucket/prefix", resources: {memory: 16GB, workers: 8}}
```"""


def configuration_page() -> str:
    """Return the page of settings."""
    groups = [part for group in _groups(Settings) for part in _group_parts(*group)]
    original = [(code(name), code(".".join(where))) for name, where in ORIGINAL_VARIABLES.items()]
    return joined(
        [
            "# Configuration",
            EXAMPLE,
            "## Which value holds",
            PRECEDENCE,
            "## Environment variables",
            VARIABLES,
            table(("variable", "what it sets"), [*original, *((code(name), text) for name, text in OTHER_VARIABLES)]),
            "`S3_BUCKET` is a bucket's name and makes the lake `s3://<name>`; `MEMORY_LIMIT_MB` counts megabytes.",
            "## Keys",
            *groups,
        ]
    )


def _groups(model: type[BaseModel], above: str = "", is_list: bool = False) -> list[tuple[str, type[BaseModel], bool]]:
    found = [(above, model, is_list)]
    for name, field in model.model_fields.items():
        inner, many = _inner_model(field.annotation)
        if inner is not None:
            found += _groups(inner, f"{above}.{name}".strip("."), many)
    return found


def _group_parts(name: str, model: type[BaseModel], is_list: bool) -> list[str]:
    texts = attribute_texts(model)
    rows = [
        (code(f"{field}"), _type_text(info), _default_text(info), from_docstring(texts.get(field, "")))
        for field, info in model.model_fields.items()
        if _inner_model(info.annotation)[0] is None
    ]
    if not rows:
        return []
    heading = f"### {name or 'At the top'}{': a list of' if is_list else ''}"
    about = from_docstring(inspect.getdoc(model) or "") if name else ""
    return [heading, about, table(("key", "takes", "default", "meaning"), rows)]


@cache
def attribute_texts(model: type[BaseModel]) -> dict[str, str]:
    """Return the text under each field of a settings class, those of its bases among them."""
    texts: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or not base.__module__.startswith(Settings.__module__):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, below in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(below):
                texts[field.target.id] = " ".join(ast.literal_eval(below.value).split())  # type: ignore[attr-defined]
    return texts


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _inner_model(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part, get_origin(annotation) is tuple
    return None, False


def _type_text(info: FieldInfo) -> str:
    return _kind_text(info.annotation, _is_size(info))


def _kind_text(kind: Any, is_size: bool = False) -> str:
    if get_origin(kind) in (Union, UnionType):
        return _kind_text(next(part for part in get_args(kind) if part is not NoneType))
    if get_origin(kind) is Literal:
        return ", ".join(code(value) for value in get_args(kind))
    if get_origin(kind) is tuple:
        return f"list of {_kind_text(get_args(kind)[0])}"
    if is_size:
        return "size"
    return {int: "whole number", float: "number", bool: "`true` or `false`", SecretStr: "secret"}.get(kind, "text")


def _default_text(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "required"
    if info.default is None or info.default == ():
        return "none"
    if info.default is False:
        return code("false")
    return format_size(info.default) if _is_size(info) else code(info.default)


def _is_size(info: FieldInfo) -> bool:
    return info.annotation is int and isinstance(info.default, int) and info.default >= 10**9
