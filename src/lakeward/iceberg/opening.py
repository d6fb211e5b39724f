"""Opens the catalogue that the settings name: a SQLite file of this machine, or Glue.

In: a lake and the settings. Out: an :class:`IcebergCatalogue`.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pyiceberg.catalog.sql import SqlCatalog
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from lakeward.errors import UsageError
from lakeward.iceberg import ICEBERG_PREFIX
from lakeward.iceberg.catalogue import HINT_PATH, IcebergCatalogue, no_catalogue
from lakeward.iceberg.file_io import file_properties
from lakeward.lake.commit import Lake
from lakeward.publish.bucket import is_bucket
from lakeward.publish.layout import LAID_OUT_TABLE

CATALOGUE_FILE = "catalog.db"
SECONDS_TO_WAIT = 30


class IcebergOptions(Protocol):
    """The Iceberg settings; :class:`lakeward.settings.IcebergSettings` is one."""

    @property
    def catalog(self) -> str: ...
    @property
    def catalog_path(self) -> str | None: ...
    @property
    def namespace(self) -> str | None: ...
    @property
    def table(self) -> str | None: ...


@contextmanager
def open_catalogue(lake: Lake, options: IcebergOptions, environment: str, region: str) -> Iterator[IcebergCatalogue]:
    """Open the catalogue of a lake, and close it afterwards; a SQLite file is made when it is not there.

    Args:
        lake: whose table it names.
        options: which catalogue, and the table's name in it.
        environment: of the run, which the Glue database is named by.
        region: of Glue.

    Raises:
        UsageError: Glue cannot name a lake in a folder.
        StorageFailed: the SQLite file cannot be made.
    """
    if options.catalog == "glue":
        yield _glue(lake, options, environment, region)
        return
    path = catalogue_file(lake, options)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = _sqlite(path, lake)
    except (OSError, SQLAlchemyError) as error:
        raise no_catalogue(str(path), error) from error
    names = options.namespace or "rates", options.table or LAID_OUT_TABLE
    try:
        yield IcebergCatalogue(catalog, names, lake, is_shared=False)
    finally:
        catalog.close()


def has_table(lake: Lake, options: IcebergOptions) -> bool:
    """Tell whether the lake has, or may have, an Iceberg table; makes nothing."""
    if options.catalog == "glue":
        return True
    return catalogue_file(lake, options).exists() or lake.storage.exists(HINT_PATH)


def catalogue_file(lake: Lake, options: IcebergOptions) -> Path:
    """Return the SQLite file: in the lake's folder; for a bucket, where this user's programs keep their state."""
    if options.catalog_path:
        return Path(options.catalog_path).expanduser().absolute()
    if not is_bucket(lake.url):
        return Path(lake.url_for(f"{ICEBERG_PREFIX}/{CATALOGUE_FILE}"))
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return state / "lakeward" / "iceberg" / f"{hashlib.sha256(lake.url.encode()).hexdigest()[:16]}.db"


def _sqlite(path: Path, lake: Lake) -> SqlCatalog:
    uri = URL.create("sqlite", database=str(path), query={"timeout": str(SECONDS_TO_WAIT)}).render_as_string()
    try:
        return SqlCatalog("lakeward", uri=uri, **file_properties(lake.storage))
    except OperationalError as error:
        if "already exists" not in str(error):
            raise
        # Another run made its tables between the look and the making.
        return SqlCatalog("lakeward", uri=uri, **file_properties(lake.storage))


def _glue(lake: Lake, options: IcebergOptions, environment: str, region: str) -> IcebergCatalogue:
    if not is_bucket(lake.url):
        raise UsageError(
            f"`iceberg.catalog: glue` takes a lake in S3, and {lake.url} is a folder. Nothing was changed.\n"
            "Say --lake s3://bucket/prefix, or `catalog: sqlite`."
        )
    # boto3 takes a third of a second to import, which a SQLite file need not pay.
    from pyiceberg.catalog.glue import GlueCatalog

    from lakeward.aws.calls import aws_client

    # The Hive table of the same lake has the plain name.
    names = options.namespace or f"lakeward_{environment}", options.table or f"{LAID_OUT_TABLE}_iceberg"
    catalog = GlueCatalog("lakeward", aws_client("glue", region), **file_properties(lake.storage))
    return IcebergCatalogue(catalog, names, lake, is_shared=True)
