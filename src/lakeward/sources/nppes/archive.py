"""The files inside a dissemination zip: which of them are the registry's, told by the publisher's names.

In: a path and its first bytes. Out: the members that hold data, at most one of a kind. Nothing is unpacked to disk, so
no name inside an archive can point anywhere.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lakeward.errors import SourceUnreadable
from lakeward.sources.nppes.layouts import DEACTIVATION, NAMES, dataset_of_name

BOOK_SUFFIXES = frozenset({".xlsx", ".xls"})
LARGEST_BOOK_BYTES = 256 << 20
"""A report of every NPI ever deactivated is some 10 MB; what unpacks to more than this is no such report."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its full name there, its own name, and the dataset it holds."""

    full_name: str
    name: str
    dataset: str


def is_book(name: str) -> bool:
    """Whether a name is that of an Excel book."""
    return PurePosixPath(name.lower()).suffix in BOOK_SUFFIXES


def is_archive(path: Path) -> bool:
    """Whether a file is a zip of other files; Excel books are zips of their own making."""
    return not is_book(path.name) and zipfile.is_zipfile(path)


def registry_members(path: Path) -> list[Member]:
    """Return the members of an archive that hold data of the registry, in the order of the datasets.

    Raises:
        SourceUnreadable: a broken archive, none of the registry's files in it, or two of a kind.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    except zipfile.BadZipFile as error:
        raise SourceUnreadable(path, "a whole zip archive", f"a broken one ({error})", "Fetch it again.") from None
    members = [_member(name) for name in names]
    found = [member for dataset in NAMES for member in members if member and member.dataset == dataset]
    if not found:
        raise SourceUnreadable(
            path,
            "one file like npidata_pfile_*.csv in the archive, or its companions",
            f"0 of {len(names)}",
            "Unpack it and name the file.",
        )
    for dataset in NAMES:
        count = sum(member.dataset == dataset for member in found)
        if count > 1:
            raise SourceUnreadable(
                path, f"one {dataset} file in the archive", f"{count} of {len(names)}", "Unpack it and name the files."
            )
    return found


def member_bytes(path: Path, member: Member) -> bytes:
    """Return the content of a small member, a report's book.

    Raises:
        SourceUnreadable: it is larger than any such book, packed in a way that cannot be read, or broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(member.full_name).file_size > LARGEST_BOOK_BYTES:
                raise SourceUnreadable(
                    path, f"a book of at most {LARGEST_BOOK_BYTES >> 20} MiB", "a larger one", "Fetch it again."
                )
            with archive.open(member.full_name) as packed:
                return packed.read(LARGEST_BOOK_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise SourceUnreadable(path, "a whole zip archive", f"a broken one ({error})", "Fetch it again.") from None


def _member(full_name: str) -> Member | None:
    name = full_name.replace("\\", "/").rsplit("/", 1)[-1]
    dataset = dataset_of_name(name)
    if not dataset or name.lower().endswith((".zip", ".gz")) or (is_book(name) and dataset != DEACTIVATION):
        return None
    return Member(full_name, name, dataset)
