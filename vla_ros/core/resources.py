# SPDX-License-Identifier: Apache-2.0
"""Finds the files beside the Python package, urdf/ and config/, in a checkout or installed."""

from pathlib import Path

from vla_ros.core.exceptions import ConfigError

_PACKAGE = Path(__file__).parent.parent


def resource_path(relative: str) -> Path:
    """Locate a file of `urdf/`, `config/` and their like.

    Args:
        relative: path from the top of the repository, for example `urdf/demo_arm.urdf`.

    Returns:
        The file in the checkout that this package is run from, else in `share/vla_ros` of the
        prefix that it is installed in.

    Raises:
        ConfigError: neither holds the file.
    """
    shares = [parent / "share" / "vla_ros" for parent in _PACKAGE.parents]
    for base in [_PACKAGE.parent, *shares]:
        if (base / relative).is_file():
            return base / relative
    raise ConfigError(
        f"the file {relative} beside the package or in share/vla_ros",
        f"none around {_PACKAGE}",
        "Check the name; a file of your own needs an absolute path.",
    )
