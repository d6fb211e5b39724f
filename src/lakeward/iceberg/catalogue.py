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
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from lakeward.errors import StorageFailed
from lakeward.iceberg import ICEBERG_PREFIX
from lakeward.iceberg.file_io import WRITTEN_PROPERTY, LakeFileIO, path_in_lake
from lakeward.iceberg.schema import iceberg_schema, partition_spec
from lakeward.lake.commit import Lake
from lakeward.lake.entries import TableDescription
from lakeward.publish.layout import LAID_OUT_TABLE

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
class _Hinted:
    """The metadata that the version hint names."""

    location: str
    metadata: TableMetadata


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
            # A catalogue that every machine asks is never behind the hint.
            hinted = None if self.is_shared else self._hinted()
            try:
                table = self.catalog.load_table(self.identifier)
            except NoSuchTableError:
                return self._registered(hinted) if hinted else None
            except StorageFailed:
                # A copied lake brings a catalogue that names the old place; another machine may have cleaned up.
                if self.is_shared:
                    raise
                self.catalog.drop_table(self.identifier)
                return self._registered(hinted) if hinted else None
            if table.location() != self.location:
                self.catalog.drop_table(self.identifier)
                return None
            if hinted and _age(hinted.metadata) > _age(table.metadata):
                self.catalog.drop_table(self.identifier)
                return self._registered(hinted)
            return table

    def create(self, description: TableDescription) -> Table:
        """Make the table, without a snapshot; return the one that another run made first.

        Raises:
            StorageFailed: the catalogue or the lake cannot be written.
            UsageError: a column has a type that Iceberg has not.
        """
        schema, storage = iceberg_schema(description), self.lake.storage
        mapping = {TableProperties.DEFAULT_NAME_MAPPING: schema.name_mapping.model_dump_json()}
        # Of a table that is gone. Listed before there is a new one, whose metadata must stay.
        old = [path for path in storage.list(f"{METADATA_PATH}/") if path.endswith(METADATA_SUFFIX)]
        with refusals_of(self):
            self._make_namespace()
            try:
                table = self.catalog.create_table(
                    self.identifier,
                    schema,
                    location=self.location,
                    partition_spec=partition_spec(schema, description.partition_keys),
                    properties=PROPERTIES | mapping,
                )
            except TableAlreadyExistsError:
                self.drop_unfinished()
                return self.catalog.load_table(self.identifier)
        storage.delete(old)
        return table

    def drop(self, table: Table) -> None:
        """Take a table that cannot be changed into the lake's out of the catalogue, unless another run did so."""
        with refusals_of(self), suppress(NoSuchTableError):
            if self.catalog.load_table(self.identifier).metadata_location == table.metadata_location:
                self.catalog.drop_table(self.identifier)
                self.lake.storage.delete([HINT_PATH])

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

    def _make_namespace(self) -> None:
        if not self.catalog.namespace_exists(self.identifier[0]):
            with suppress(NamespaceAlreadyExistsError, IntegrityError):  # another run made it just now
                self.catalog.create_namespace(self.identifier[0])

    def _hint(self) -> str:
        storage = self.lake.storage
        return storage.read(HINT_PATH).decode() if storage.exists(HINT_PATH) else ""

    def _hinted(self) -> _Hinted | None:
        """Return what the hint names; nothing if that is gone, or is of the lake that this one was copied from."""
        name = self._hint()
        path = f"{METADATA_PATH}/{name}{METADATA_SUFFIX}"
        if not name or not self.lake.storage.exists(path):
            return None
        location = self.lake.url_for(path)
        metadata = FromInputFile.table_metadata(LakeFileIO(self.catalog.properties).new_input(location))
        return _Hinted(location, metadata) if metadata.location == self.location else None

    def _registered(self, hinted: _Hinted) -> Table:
        self._make_namespace()
        with suppress(TableAlreadyExistsError):
            self.catalog.register_table(self.identifier, hinted.location)
        return self.catalog.load_table(self.identifier)


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
