"""Ctrl-C that is not lost: libraries and finalizers swallow a KeyboardInterrupt, and the work would go on.

In: a block of work. Out: the block ends with KeyboardInterrupt if Ctrl-C came anywhere inside it, whoever answered it.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def kept_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt at the end of the block if Ctrl-C came inside it and did not end it.

    Python drops the exception where it is raised inside a finalizer, and dbt answers some and goes on. What Python
    would print of the first kind is not printed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interrupted: list[int] = []

    def keep(number: int, frame: FrameType | None) -> None:
        interrupted.append(number)
        signal.default_int_handler(number, frame)

    def say_others(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            hook(unraisable)

    handler, hook = signal.signal(signal.SIGINT, keep), sys.unraisablehook
    sys.unraisablehook = say_others
    try:
        yield
    except Exception:
        if interrupted:  # a library's own words for it
            raise KeyboardInterrupt from None
        raise
    finally:
        sys.unraisablehook = hook
        signal.signal(signal.SIGINT, handler)
    if interrupted:
        raise KeyboardInterrupt
