"""Ctrl-C inside a block that swallows it."""

import os
import signal
import weakref
from collections.abc import Callable
from contextlib import suppress

import pytest

from lakeward.interrupts import kept_interrupt


def _press() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@kept_interrupt()
def _answered() -> None:
    with suppress(KeyboardInterrupt):
        _press()


@kept_interrupt()
def _told_otherwise() -> None:
    try:
        _press()
    except KeyboardInterrupt:
        raise ValueError("the models cannot be read") from None


@kept_interrupt()
def _inside_a_finalizer() -> None:
    class Held:
        pass

    held = Held()
    kept = weakref.ref(held, lambda reference: _press())
    del held
    assert kept() is None


@pytest.mark.parametrize("work", [_answered, _told_otherwise, _inside_a_finalizer])
def test_an_interrupt_ends_the_block_without_a_word(
    work: Callable[[], None], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        work()
    assert capfd.readouterr().err == ""


def test_a_block_without_interrupt_leaves_the_handler_as_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with kept_interrupt():
        pass
    assert signal.getsignal(signal.SIGINT) is before
