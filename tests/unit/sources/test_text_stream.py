"""A published text file is one stream of UTF-8 lines, whatever it is packed in or encoded as."""

import gzip
import re
import zipfile
from pathlib import Path

import pytest

from lakeward.errors import SourceUnreadable
from lakeward.sources import text_stream
from lakeward.sources.text_stream import open_text

LINES = b"npi,name\n2000000002,a\n"


def plain(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def gzipped(path: Path, content: bytes) -> Path:
    return plain(path, gzip.compress(content))


def zipped(path: Path, content: bytes, name: str = "inner.csv") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def two_members(path: Path, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("release/NPIDATA_PFILE_20250101-20250107.CSV", content)
        archive.writestr("release/npidata_pfile_20250101-20250107_fileheader.csv", b"npi,name\n")
        archive.writestr("release/othername_pfile_20250101-20250107.csv", b"npi\n")
    return path


def read(path: Path, member: str | None = None) -> tuple[bytes, int]:
    with open_text(path, re.compile(member, re.IGNORECASE) if member else None) as stream:
        return stream.read(), stream.recoded_lines


@pytest.mark.parametrize("pack", [plain, gzipped, zipped], ids=["plain", "gzip", "zip"])
def test_the_packing_does_not_matter(tmp_path: Path, pack) -> None:
    assert read(pack(tmp_path / "file", LINES)) == (LINES, 0)


def test_a_gzip_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    assert read(plain(tmp_path / "file.gz", gzip.compress(b"a\n") + gzip.compress(b"b\n")))[0] == b"a\nb\n"


def test_the_member_meant_is_found_whatever_its_case_and_folder(tmp_path: Path) -> None:
    packed = two_members(tmp_path / "release.zip", LINES)
    assert read(packed, r"^npidata_pfile_.*(?<!fileheader)\.csv$")[0] == LINES


def test_a_byte_order_mark_falls_away(tmp_path: Path) -> None:
    assert read(plain(tmp_path / "bom.csv", b"\xef\xbb\xbf" + LINES))[0] == LINES


@pytest.mark.parametrize("block_bytes", [1, 7, 1 << 20])
def test_only_lines_that_are_not_utf8_are_recoded(tmp_path: Path, monkeypatch, block_bytes: int) -> None:
    monkeypatch.setattr(text_stream, "BLOCK_BYTES", block_bytes)
    mixed = "PEÑA\n".encode() + "PEÑA\n".encode("latin-1") + "“x”\n".encode("cp1252") + b"\x81\nend"
    text, recoded = read(plain(tmp_path / "mixed.csv", mixed))
    assert text.decode() == "PEÑA\nPEÑA\n“x”\n\x81\nend"
    assert recoded == 3


def test_the_header_is_read_as_a_line_and_the_rest_after_it(tmp_path: Path) -> None:
    with open_text(gzipped(tmp_path / "file.gz", LINES + b"last")) as stream:
        assert stream.readline() == b"npi,name\n"
        assert stream.read(5) == b"20000"
        assert list(stream.text_lines()) == ["00002,a\n", "last"]
        assert stream.read(5) == b""


def test_a_name_that_climbs_out_of_the_archive_writes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    assert read(zipped(folder / "slip.zip", LINES, name="../../escaped.csv"))[0] == LINES
    assert not (tmp_path / "escaped.csv").exists()


def truncated_gzip(path: Path) -> Path:
    return plain(path, gzip.compress(LINES * 1000)[:-20])


def damaged_gzip(path: Path) -> Path:
    packed = bytearray(gzip.compress(LINES * 1000))
    packed[-8:-4] = b"\0\0\0\0"
    return plain(path, bytes(packed))


def truncated_zip(path: Path) -> Path:
    whole = zipped(path, LINES * 1000).read_bytes()
    return plain(path, whole[: len(whole) // 2])


def damaged_zip(path: Path) -> Path:
    whole = bytearray(zipped(path, LINES * 1000).read_bytes())
    whole[60] ^= 0xFF
    return plain(path, bytes(whole))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(truncated_gzip, "a broken one", id="gzip cut off"),
        pytest.param(damaged_gzip, "a broken one", id="gzip with a wrong checksum"),
        pytest.param(truncated_zip, "a broken one", id="zip cut off"),
        pytest.param(damaged_zip, "a broken one", id="zip damaged"),
        pytest.param(lambda path: plain(path, b""), "an empty file", id="empty"),
        pytest.param(lambda path: path, "nothing there", id="no file"),
        pytest.param(lambda path: path.mkdir() or path, "a directory", id="directory"),
        pytest.param(lambda path: two_members(path, LINES), "3 of 3", id="zip of several"),
    ],
)
def test_a_file_that_is_no_whole_text_says_so(tmp_path: Path, make, says: str) -> None:
    with pytest.raises(SourceUnreadable, match=says):
        read(make(tmp_path / "file"))


def test_a_line_without_end_is_refused_before_it_fills_memory(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(text_stream, "LONGEST_LINE_BYTES", 1 << 20)
    with pytest.raises(SourceUnreadable, match="lines of at most 1 MiB"):
        read(plain(tmp_path / "binary", b"x" * (3 << 20)))
