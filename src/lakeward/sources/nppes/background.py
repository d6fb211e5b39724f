"""Writing behind: one thread writes Parquet while the caller parses on.

In: a dataset's writer. Out: a function that takes batches and returns at once, until so many wait that the caller must.
Arrow drops the interpreter's lock while it parses and while it encodes, so two cores are used without a second process.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pyarrow as pa

from lakeward.sources.landing import DatasetWriter

WAITING_BATCHES = 16
"""As many as are parsed while one row group is encoded; with blocks of 4 MB some 60 MB of text."""


@contextmanager
def writing_behind(writer: DatasetWriter) -> Iterator[Callable[[pa.RecordBatch], None]]:
    """Yield a function that writes a batch in the background, in order.

    An error of the writer is raised at a later batch, at the end of the block at the latest. When the block fails, what
    still waits is dropped and the thread has ended before the error goes on.
    """
    pending: deque[Future[None]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="write-behind") as thread:

        def write(batch: pa.RecordBatch) -> None:
            while pending and (len(pending) >= WAITING_BATCHES or pending[0].done()):
                pending.popleft().result()
            pending.append(thread.submit(writer.write, batch))

        try:
            yield write
            for written in pending:
                written.result()
        except BaseException:
            thread.shutdown(wait=True, cancel_futures=True)
            raise
