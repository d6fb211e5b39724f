"""Every error that Lakeward raises on purpose.

LakewardError                     exit code
├── DataCheckFailed               1   the data failed a check; nothing was published
├── UsageError                    2   wrong usage or configuration
└── ResourceError                 3   a file, service or disk failed
    ├── SourceUnreadable              a file is broken, truncated or of another kind than said
    ├── SourceSchemaChanged           a file lacks or adds columns of its publisher's layout
    ├── FetchFailed                   an address did not answer as it should
    │   └── AnswerRefused             a service was asked and answered otherwise than with data
    ├── StorageFailed                 the lake's storage refused
    ├── ConcurrentCommit              another run committed first
    └── Interrupted                   the user stopped the run

A message says what failed, where, what was expected and found, what is left behind, and what to type next.
It carries counts and column names, never rows of people.
"""


class LakewardError(Exception):
    """Base of all errors raised on purpose; ``exit_code`` is what the command line ends with."""

    exit_code = 3


class DataCheckFailed(LakewardError):
    """The data failed a check: a test, the ledger, or the share of quarantined rows."""

    exit_code = 1


class UsageError(LakewardError):
    """A command, option or configuration value is wrong."""

    exit_code = 2


class ResourceError(LakewardError):
    """A file, a service or a disk failed."""

    exit_code = 3


class SourceUnreadable(ResourceError):
    """A source file is broken, truncated, empty or of another kind than said.

    Args:
        path: the file.
        expected: what a good file holds there.
        found: what was there instead.
        hint: what to do next.
    """

    def __init__(self, path: object, expected: str, found: str, hint: str) -> None:
        self.path, self.expected, self.found, self.hint = str(path), expected, found, hint
        super().__init__(
            f"{self.path} cannot be read.\n  expected: {expected}\n  found: {found}\nNothing was written. {hint}"
        )


class SourceSchemaChanged(ResourceError):
    """The columns of a source file are not those of its publisher's layout.

    Args:
        source: the source's noun, such as ``nppes``.
        path: the file.
        missing: columns of the layout that the file lacks.
        unexpected: columns of the file that the layout lacks.
    """

    def __init__(self, source: str, path: object, missing: list[str], unexpected: list[str]) -> None:
        self.source, self.path, self.missing, self.unexpected = source, str(path), missing, unexpected
        super().__init__(
            f"{source}: columns of '{self.path}' do not match the contract.\n"
            f"  missing: {missing}   unexpected: {unexpected}\n"
            f"Nothing was written. Compare with `lakeward inspect {self.path}`."
        )


class FetchFailed(ResourceError):
    """An address did not answer as it should."""


class AnswerRefused(FetchFailed):
    """A service was asked and answered otherwise than with data.

    Args:
        source: the source's noun, such as ``census``.
        address: that was asked, without any secret.
        reason: which of the ways it was: ``key_missing``, ``no_data``, ``cut_off`` and so on.
        found: what came instead.
        hint: what to do next.
    """

    def __init__(self, source: str, address: str, reason: str, found: str, hint: str) -> None:
        self.source, self.address, self.reason, self.found = source, address, reason, found
        super().__init__(f"{source}: {address} gave no data.\n  found: {found}\nNothing of it was written. {hint}")


class StorageFailed(ResourceError):
    """The lake's storage refused: no space, no permission, no such bucket."""


class ConcurrentCommit(ResourceError):
    """Another run committed to the lake first; nothing of this one is visible."""


class Interrupted(ResourceError):
    """The user stopped the run."""

    def __init__(self) -> None:
        super().__init__("interrupted; nothing of this run is visible. Run the same command again to complete it.")
