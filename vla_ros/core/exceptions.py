# SPDX-License-Identifier: Apache-2.0
"""Errors that say what was expected, what came, and what to do about it."""


class VlaRosError(Exception):
    """Base of every error that this package raises on purpose.

    Attributes:
        expected: what would have been right.
        got: what was there.
        remedy: what the user can do now.
    """

    def __init__(self, expected: str, got: str, remedy: str) -> None:
        """Compose the one message that users see from its three parts."""
        super().__init__(f"expected {expected}; got {got.rstrip('.')}. {remedy}")
        self.expected = expected
        self.got = got
        self.remedy = remedy


class LayoutError(VlaRosError):
    """An action layout is inconsistent, or an array does not fit it."""


class ChunkError(VlaRosError):
    """An action chunk is malformed: wrong width, NaN, no steps, a bad time step."""


class SupersededError(ChunkError):
    """A chunk for a sentence that is no longer in force; nothing is wrong."""


class ObservationError(VlaRosError):
    """An observation lacks something that the policy needs, or has it in another form."""


class ConfigError(VlaRosError):
    """A configuration value is missing, unknown, of another type, or out of range."""


class DependencyError(VlaRosError):
    """A library that this choice needs is not installed."""


class SafetyError(VlaRosError):
    """A motion cannot be made safe from here, so nothing is commanded until someone acts."""
