"""Ctrl-C inside a block that swallows it."""

import os
import signal
import weakref

import pytest

from lakeward.interrupts import kept_interrupt


def test_an_interrupt_that_a_library_answers_still_ends_the_block() -> None:
    with pytest.raises(KeyboardInterrupt), kept_interrupt():
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            pass


def test_an_interrupt_inside_a_finalizer_ends_the_block_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    class Held:
        pass

    with pytest.raises(KeyboardInterrupt), kept_interrupt():
        held = Held()
        kept = weakref.ref(held, lambda reference: os.kill(os.getpid(), signal.SIGINT))
        del held
        assert kept() is None
    assert capfd.readouterr().err == ""


def test_a_block_without_interrupt_leaves_the_handler_as_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with kept_interrupt():
        pass
    assert signal.getsignal(signal.SIGINT) is before
