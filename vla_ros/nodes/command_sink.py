# SPDX-License-Identifier: Apache-2.0
"""Where commands leave: every sink takes a `SafeCommand`, which only the safety pipeline makes."""

from typing import Protocol

from vla_ros.safety.safe_command import SafeCommand


class CommandSink(Protocol):
    """Publishes one safe command in the form that a robot's driver takes."""

    def send(self, command: SafeCommand) -> None:
        """Publish it now."""

    def destroy(self) -> None:
        """Destroy the publisher."""
