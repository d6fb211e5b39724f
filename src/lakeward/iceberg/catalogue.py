"""The catalogue that names the current metadata of the Iceberg table: a SQLite file, or Glue.

In: a lake and the settings. Out: an :class:`IcebergCatalogue`. The commits of the lake are the truth and the table
follows them, so a catalogue that is lost is made again: from the version hint beside the metadata, or from nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import Table, TableProperties
from pyiceberg.table.metadata import TableMetadata
from sqlalchemy.exc import SQLAlchemyError

from lakeward.errors import StorageFailed
from lakeward.iceberg.file_io import WRITTEN_PROPERTY, LakeFileIO, path_in_lake
from lakeward.iceberg.schema import iceberg_schema, partition_spec
from lakeward.lake.commit import Lake
from lakeward.lake.entries import TableDescription
from lakeward.publish.layout import LAID_OUT_TABLE

ICEBERG_PREFIX = "iceberg"
"""Where metadata is in a lake. The sweep leaves it alone: what it holds is cleaned here."""
TABLE_PATH = f"{ICEBERG_PREFIX}/{LAID_OUT_TABLE}"
METADATA_PATH = f"{TABLE_PATH}/metadata"
HINT_PATH = f"{METADATA_PATH}/version-hint.text"
METADATA_SUFFIX = ".metadata.json"
METADATA_KEPT = 20
PROPERTIES = {
    TableProperties.FORMAT_VERSION: "2",
    # A commit that lost a race is made again from the newer table. pyiceberg's own way would add its files twice.
    TableProperties.COMMIT_NUM_RETRIES: "0",
    TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED: "true",
    TableProperties.METADATA_PREVIOUS_VERSIONS_MAX: str(METADATA_KEPT),
}


@dataclass(frozen=True)
class IcebergCatalogue:
    """A catalogue, the table's name in it, and the lake that the table follows.

    Args:
        catalog: of pyiceberg.
        identifier: namespace and name of the table.
        lake: whose files it names.
        is_shared: whether every machine asks the same catalogue, as Glue is; a SQLite file is of one machine.
    """

    catalog: Catalog
    identifier: tuple[str, str]
    lake: Lake
    is_shared: bool

    @property
    def name(self) -> str:
        """The table's name as a query says it."""
        return ".".join(self.identifier)

    @property
    def location(self) -> str:
        """The folder of the table's metadata."""
        return self.lake.url_for(TABLE_PATH)

    def load(self) -> Table | None:
        """Return the table as it stands; none when there is none for this lake.

        Raises:
            StorageFailed: the catalogue or the metadata cannot be read.
        """
        with refusals_of(self):
            hinted = self._hinted()
            try:
                table = self.catalog.load_table(self.identifier)
            except NoSuchTableError:
                return self._registered(hinted) if hinted and not self.is_shared else None
            except StorageFailed:
                # A copied lake brings a catalogue that names the old place; another machine may have cleaned up.
                if self.is_shared:
                    raise
                self.catalog.drop_table(self.identifier)
                return self._registered(hinted) if hinted else None
            if table.location() != self.location:
                return None
            if hinted and not self.is_shared and self._is_newer(hinted, table):
                self.catalog.drop_table(self.identifier)
                return self._registered(hinted)
            return table

    def create(self, description: TableDescription) -> Table:
        """Make the table, without a snapshot, in place of one of the name; return another's, made at the same time.

        Raises:
            StorageFailed: the catalogue or the lake cannot be written.
            UsageError: a column has a type that Iceberg has not.
        """
        schema = iceberg_schema(description)
        with refusals_of(self):
            if not self.catalog.namespace_exists(self.identifier[0]):
                with suppress(NamespaceAlreadyExistsError):
                    self.catalog.create_namespace(self.identifier[0])
            self._forget()
            try:
                return self.catalog.create_table(
                    self.identifier,
                    schema,
                    location=self.location,
                    partition_spec=partition_spec(schema, description.partition_keys),
                    properties={
                        **PROPERTIES, TableProperties.DEFAULT_NAME_MAPPING: schema.name_mapping.model_dump_json()
                    },
                )  # fmt: skip
            except TableAlreadyExistsError:
                return self.catalog.load_table(self.identifier)

    def point_to(self, table: Table) -> None:
        """Write the version hint: where readers without a catalogue, and the next machine, find the table."""
        name = table.metadata_location.rpartition("/")[2].removesuffix(METADATA_SUFFIX)
        if self._hint() != name:
            self.lake.storage.write(HINT_PATH, name.encode())

    def drop_unfinished(self) -> None:
        """Delete the metadata of a commit that lost a race; some readers take the highest number for the newest."""
        written: list[str] = self.catalog.properties[WRITTEN_PROPERTY]
        lost = [address for address in written if address.endswith(METADATA_SUFFIX)]
        kept = self.catalog.load_table(self.identifier)
        known = {kept.metadata_location, *(entry.metadata_file for entry in kept.metadata.metadata_log)}
        self.lake.storage.delete(path_in_lake(self.lake.storage, address) for address in lost if address not in known)
        written.clear()

    def _forget(self) -> None:
        """Take a table of this name out, with the metadata that readers without a catalogue would find."""
        with suppress(NoSuchTableError):
            self.catalog.drop_table(self.identifier)
        storage = self.lake.storage
        storage.delete([path for path in storage.list(f"{METADATA_PATH}/") if path.endswith(METADATA_SUFFIX)])

    def _hint(self) -> str:
        storage = self.lake.storage
        return storage.read(HINT_PATH).decode() if storage.exists(HINT_PATH) else ""

    def _hinted(self) -> str | None:
        name = self._hint()
        path = f"{METADATA_PATH}/{name}{METADATA_SUFFIX}"
        return self.lake.url_for(path) if name and self.lake.storage.exists(path) else None

    def _registered(self, metadata_location: str) -> Table | None:
        if not self.catalog.namespace_exists(self.identifier[0]):
            with suppress(NamespaceAlreadyExistsError):
                self.catalog.create_namespace(self.identifier[0])
        with suppress(TableAlreadyExistsError):
            self.catalog.register_table(self.identifier, metadata_location)
        table = self.catalog.load_table(self.identifier)
        return table if table.location() == self.location else None

    def _is_newer(self, hinted: str, table: Table) -> bool:
        if hinted == table.metadata_location:
            return False
        files = LakeFileIO(self.catalog.properties)
        other = FromInputFile.table_metadata(files.new_input(hinted))
        return _age(other) > _age(table.metadata)


@contextmanager
def refusals_of(catalogue: IcebergCatalogue) -> Iterator[None]:
    """Turn what a catalogue refuses into our error.

    Raises:
        ResourceError: AWS refused, or could not be reached.
        StorageFailed: the SQLite file cannot be read or written.
    """
    try:
        if catalogue.is_shared:
            # boto3 takes a third of a second to import, which a SQLite file need not pay.
            from lakeward.aws.calls import explained

            with explained(f"keep the Iceberg table '{catalogue.name}'"):
                yield
        else:
            yield
    except SQLAlchemyError as error:
        assert isinstance(catalogue.catalog, SqlCatalog)
        raise no_catalogue(str(catalogue.catalog.engine.url.database), error) from error


def _age(metadata: TableMetadata) -> tuple[int, int]:
    return (0 if metadata.format_version == 1 else metadata.last_sequence_number), metadata.last_updated_ms


def no_catalogue(path: str, error: Exception) -> StorageFailed:
    """Return the error of a SQLite file that cannot be used."""
    found = str(getattr(error, "orig", None) or error).splitlines()[0]
    return StorageFailed(
        f"The Iceberg catalogue '{path}' cannot be used.\n  found: {found}\nThe lake has all of its commits. If the "
        "file is broken, delete it: `lakeward iceberg publish` makes it again from the metadata in the lake."
    )
