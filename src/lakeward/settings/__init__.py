"""The settings of a run as one frozen, typed object; unknown keys and impossible values are errors.

Every field has a default that works on a laptop. How flags, environment and file are put together is in ``config.py``.
"""

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lakeward.settings.group import Group
from lakeward.settings.sources import (
    CensusSource,
    FlatRates,
    GeocoderSource,
    MedicareFiles,
    PriceFiles,
    SourcePath,
    Sources,
    SynpufFiles,
)
from lakeward.sizes import parse_size

__all__ = [
    "CensusSource", "FlatRates", "GeocoderSource", "IcebergSettings", "LayoutSettings", "MedicareFiles",
    "MonitoringSettings", "PriceFiles", "QualitySettings", "ResourceSettings", "Settings", "SourcePath", "Sources",
    "StorageSettings", "SynpufFiles",
]  # fmt: skip

STDERR = "stderr"


class StorageSettings(Group):
    """How the lake's storage is reached; ignored by a local lake."""

    region: str = "us-east-1"
    """AWS region of the bucket."""
    endpoint_url: str | None = None
    """Address of an S3 service other than AWS's own."""
    encryption: Literal["AES256", "aws:kms"] = "AES256"
    """Server-side encryption asked for with every object."""
    kms_key_id: str | None = None
    """The KMS key, when ``encryption`` is ``aws:kms``."""
    unreported_encryption: Literal["warn", "refuse", "allow"] = "warn"
    """What to do where a service of one's own does not say how it encrypted; AWS and KMS keys always have to say."""
    timeout_seconds: float = Field(default=60, gt=0)
    """How long to wait for a service that says nothing."""
    attempts: int = Field(default=8, ge=1, le=100)
    """How often a request is made when the service is busy, fails or cuts the line; waits grow to 20 s."""

    @model_validator(mode="after")
    def _key_goes_with_kms(self) -> Self:
        if self.kms_key_id and self.encryption != "aws:kms":
            raise ValueError("`kms_key_id` goes with `encryption: aws:kms`")
        return self


class ResourceSettings(Group):
    """What a run may use of the machine."""

    memory: int = 4_000_000_000
    """Peak resident memory of the whole process tree, in bytes; written as ``4GB``, ``512MB`` or ``2GiB``."""
    workers: int = Field(default=2, ge=1, le=256)
    """Threads of the engine."""
    chunk_rows: int = Field(default=122_880, ge=1)
    """Kept for older configurations; no effect, rows stream in groups of a fixed size."""

    @field_validator("memory", mode="before")
    @classmethod
    def _size_in_bytes(cls, value: object) -> int:
        return parse_size(value)


class LayoutSettings(Group):
    """How ``fact_rate_enriched`` is laid out: by name, or by keys and sort order."""

    name: Literal["compact", "deep"] | None = None
    """A named layout; ``compact`` when nothing is given."""
    keys: tuple[str, ...] = ()
    """Partition keys of a layout of your own."""
    sort: tuple[str, ...] = ()
    """Sort order inside its files."""
    allow_tiny_files: bool = False
    """Go on when a layout of your own would make tiny files."""

    @model_validator(mode="after")
    def _name_or_keys(self) -> Self:
        if self.name is not None and (self.keys or self.sort):
            raise ValueError("give either `name` (compact or deep) or `keys` and `sort`")
        if self.sort and not self.keys:
            raise ValueError("`sort` goes with `keys`")
        return self


class IcebergSettings(Group):
    """``fact_rate_enriched`` as an Iceberg table over the same files."""

    publish: bool = False
    """Bring the Iceberg table to the lake after every run that publishes, and before old files are swept."""
    catalog: Literal["sqlite", "glue"] = "sqlite"
    """What names the table's newest metadata: a SQLite file, or the Glue catalogue."""
    catalog_path: str | None = None
    """The SQLite file; ``iceberg/catalog.db`` in a folder, below ``~/.local/state/lakeward`` for a bucket."""
    namespace: str | None = Field(default=None, pattern=r"^[a-z0-9_]+$")
    """The table's namespace; ``rates``, or in Glue the database ``lakeward_<environment>``."""
    table: str | None = Field(default=None, pattern=r"^[a-z0-9_]+$")
    """The table's name; ``fact_rate_enriched``, and in Glue, where the Hive table has that, with ``_iceberg``."""


class QualitySettings(Group):
    """Bounds of the quality rules."""

    rate_min: float = Field(default=0.01, gt=0)
    """Lowest accepted rate, in its own unit."""
    rate_max: float = Field(default=1_000_000, gt=0)
    """Highest accepted rate, in its own unit."""
    quarantine_max_share: float = Field(default=0.10, ge=0, le=1)
    """Share of a release's rows that may be quarantined before the run fails."""

    @model_validator(mode="after")
    def _range_is_open(self) -> Self:
        if self.rate_min > self.rate_max:
            raise ValueError("`rate_min` must not be above `rate_max`")
        return self


class MonitoringSettings(Group):
    """Where the metrics of each run go besides its record, and the limits beyond which an alarm rings."""

    emf: str | None = None
    """A file, or `stderr`, that gets a line of CloudWatch's embedded metric format for each run; for none leave it out.
    `--monitor` sends the metrics itself and writes no line, or CloudWatch would count the run twice."""
    errors_max: int = Field(default=10, ge=0)
    """Rejected rows and failed runs in five minutes that are no alarm yet."""
    rows_per_second_min: int = Field(default=100, ge=1)
    """Rows a second that are no alarm yet, for every stage that wrote 10,000 rows or more."""
    memory_percent_max: int = Field(default=80, ge=1)
    """Percent of the allowed memory that is no alarm yet."""


class Settings(BaseSettings):
    """All settings of a run; ``repr`` is safe to log."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="LAKEWARD_", env_nested_delimiter="__", env_ignore_empty=True
    )

    lake: str = "./lake"
    """The lake: a folder or ``s3://bucket/prefix``."""
    environment: Literal["development", "staging", "production"] = "development"
    """Which overlay of the file holds."""
    storage: StorageSettings = StorageSettings()
    resources: ResourceSettings = ResourceSettings()
    sources: Sources = Sources()
    layout: LayoutSettings = LayoutSettings()
    iceberg: IcebergSettings = IcebergSettings()
    quality: QualitySettings = QualitySettings()
    monitoring: MonitoringSettings = MonitoringSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then ``LAKEWARD_…``; the rest is merged below them by :func:`load_settings`."""
        return init_settings, env_settings, FileAndOriginalVariables(settings_cls)


class FileAndOriginalVariables(PydanticBaseSettingsSource):
    """What stands below ``LAKEWARD_…`` variables; ``load_settings`` sets it for the time of one call."""

    document: ClassVar[dict[str, Any]] = {}

    def get_field_value(self, field: object, field_name: str) -> tuple[Any, str, bool]:
        return self.document.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self.document
