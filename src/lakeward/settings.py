"""The settings of a run as one frozen, typed object; unknown keys and impossible values are errors.

Every field has a default that works on a laptop. How flags, environment and file are put together is in ``config.py``.
"""

import os
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from lakeward.sizes import parse_size

STDERR = "stderr"
# fmt: off
STATES_AND_TERRITORIES = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI",
))
# fmt: on


def _state(value: str | None) -> str | None:
    if value is None:
        return None
    upper = value.upper()
    if upper not in STATES_AND_TERRITORIES:
        raise ValueError(f"'{value}' is not the postal abbreviation of a state or territory")
    return upper


class Group(BaseModel):
    """Base of every group of settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


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


class PriceFiles(Group):
    """In-network price files: a path, glob or https address, or a table of contents whose files are fetched."""

    path: str | None = None
    """Path, glob or https address of ``.json``, ``.json.gz`` or ``.zip`` files."""
    toc: str | None = None
    """Path or https address of a table of contents."""
    plans: tuple[str, ...] = ()
    """Plan names or ids of the table of contents to take; all when empty."""
    state: str | None = None
    """The state the file is for, when its publisher says so outside the file."""
    payer_slug: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    """The payer's short name, instead of the one made from the reporting entity's name."""
    year_month: str | None = Field(default=None, pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    """The file's month, instead of the one it was last updated in."""

    @model_validator(mode="after")
    def _path_or_contents(self) -> Self:
        if (self.path is None) == (self.toc is None):
            raise ValueError("give either `path` or `toc`")
        return self

    @field_validator("state")
    @classmethod
    def _known_state(cls, value: str | None) -> str | None:
        return _state(value)


class FlatRates(Group):
    """One pair of flat Parquet files: rates and the providers they refer to."""

    rates: str
    """Path of the rates file."""
    providers: str
    """Path of the providers file."""
    state: str | None = None
    """As in price files."""
    payer_slug: str | None = Field(default=None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    """As in price files."""
    year_month: str | None = Field(default=None, pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    """As in price files."""

    @field_validator("state")
    @classmethod
    def _known_state(cls, value: str | None) -> str | None:
        return _state(value)


class SourcePath(Group):
    """A file, glob or folder of one publisher."""

    path: str
    """Path, glob or folder."""


class MedicareFiles(SourcePath):
    """A folder of CMS fee schedule files."""

    year: int | None = Field(default=None, ge=2000, le=2100)
    """The fee schedule's year, for files that do not name it."""


class CensusSource(Group):
    """The American Community Survey, 5-year figures: files at ``path``, or the API of the Census Bureau.

    The API is asked when ``year`` is named and ``path`` is not; a year that the lake has is not asked for again.
    """

    year: int = Field(default=2023, ge=2009, le=2100)
    """The release year, pinned; of files, for those whose names do not say it."""
    key: SecretStr | None = None
    """The API key; better given as LAKEWARD_SOURCES__CENSUS__KEY or CENSUS_API_KEY, which alone ask for nothing."""
    path: str | None = None
    """Recorded answers or exports of data.census.gov, read instead of the API: path, glob or folder."""
    recording: str | None = None
    """A file of the API's answers: read instead of the API when it is there, else written when the API was asked."""
    base_url: str = "https://api.census.gov/data"
    """Address of the API."""

    @model_validator(mode="before")
    @classmethod
    def _key_of_environment(cls, values: object) -> object:
        key = os.environ.get("CENSUS_API_KEY")
        return {"key": key, **values} if key and isinstance(values, dict) else values

    @model_validator(mode="after")
    def _path_or_recording(self) -> Self:
        if self.path is not None and self.recording is not None:
            raise ValueError("give either `path` or `recording`")
        return self


class GeocoderSource(Group):
    """The Census Geocoder, which `lakeward geocode` asks for counties that a ZIP code leaves open."""

    url: str = "https://geocoding.geo.census.gov/geocoder"
    """Address of the service."""
    benchmark: str = Field(default="Public_AR_Current", pattern=r"^\w+$")
    """The street file that addresses are looked up in."""
    vintage: str = Field(default="Current_Current", pattern=r"^\w+$")
    """The county codes to answer with; counties of another year than the registry's fit no population."""
    batch_rows: int = Field(default=10_000, ge=1, le=10_000)
    """Addresses asked at once; the service takes 10,000 at most and answers fewer more reliably."""


class SynpufFiles(SourcePath):
    """CMS synthetic claims, the ICD-9 descriptions and the DRG table beside them."""

    sample: int | None = Field(default=None, ge=1, le=20)
    """The sample to take from the folder, and that of files whose names say none; every sample when not given."""


class Sources(Group):
    """What a run reads; a source that is not named is left as the lake has it."""

    mrf: tuple[PriceFiles, ...] = ()
    flat_rates: tuple[FlatRates, ...] = ()
    nppes: tuple[SourcePath, ...] = ()
    census: CensusSource | None = None
    geography: SourcePath | None = None
    medicare: tuple[MedicareFiles, ...] = ()
    taxonomy: SourcePath | None = None
    geocoder: GeocoderSource = GeocoderSource()
    synpuf: tuple[SynpufFiles, ...] = ()

    @field_validator("census", mode="before")
    @classmethod
    def _key_alone_asks_for_nothing(cls, value: object) -> object:
        return None if isinstance(value, dict) and set(value) <= {"key"} else value


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
