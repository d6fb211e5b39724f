"""A lake in a bucket, on Ceph: publishing, uploading, and what pruned queries read.

Usage: python -m benchmarks.bucket [--scale 1.0] [--rounds 3]
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.bucket_publish import LAKEWARD, MEMORY_BYTES, ROWS, WRANGLER, prefix_of, publish_text
from benchmarks.bucket_query import query_text
from benchmarks.bucket_upload import upload_text
from benchmarks.measure import measure
from benchmarks.object_store import missing_programs, object_store


def bucket_text(folder: Path, scale: float, rounds: int) -> str:
    """Run the three comparisons and return them as one Markdown section."""
    if missing_programs():
        return f"Not run: this machine has no {', '.join(missing_programs())}.\n"
    if not WRANGLER.exists():
        return "Not run: `make build/awswrangler.stamp` sets up the environment of the peer.\n"
    with object_store() as store:
        published = publish_text(store, folder, scale, rounds)
        queried = query_text(store, prefix_of("compact", LAKEWARD))
        uploaded = upload_text(store, folder, scale, rounds)
    return (
        f"Ceph on the same machine, which shares its cores. Peer: {_versions()}.\n\n"
        f"### Publishing\n\n{int(ROWS * scale):,} rows of 71 columns in no order, Lakeward within "
        f"{MEMORY_BYTES / 1e9:.0f} GB; the deep layout with a part of them. Wall time is that of the whole process; "
        "writing alone leaves out the start and, for awswrangler, reading the table into memory. Lakeward sorts, reads "
        f"its files again, compares and commits.\n\n{published}\n"
        f"### Uploading finished files\n\n{uploaded}\n"
        "### What a query reads\n\nBytes and requests by the store's own log, with listing and the lake's own records; "
        "needed are the columns' bytes in the row groups that the footers do not rule out.\n\n"
        f"{queried}"
    )


def _versions() -> str:
    named = "awswrangler", "pandas", "pyarrow", "boto3"
    asked = f"import importlib.metadata as m; print(*(f'{{n}} {{m.version(n)}}' for n in {named}), sep=', ')"
    return measure([str(WRANGLER), "-c", asked], Path.cwd()).output.strip()


def main() -> None:
    """Run the comparisons and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a million rows")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lakeward-benchmark-") as folder:
        print(bucket_text(Path(folder), chosen.scale, chosen.rounds))


if __name__ == "__main__":
    main()
