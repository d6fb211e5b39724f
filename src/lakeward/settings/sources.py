"""The settings of what a run reads: a group for each publisher's files or service."""

import os
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from lakeward.settings.group import Group

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
