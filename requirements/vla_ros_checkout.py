# SPDX-License-Identifier: Apache-2.0
"""Lets one `import vla_ros` find this checkout and the generated messages, from any directory.

`vla_ros/msg` and `vla_ros/srv` are generated into the build folder and belong to the same package
as the Python files of the checkout. The set-up copies this module into the environment, where a
`.pth` file calls `install` at every start of Python; new files need no rebuild.
"""

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType

PACKAGE = "vla_ros"


class CheckoutFinder:
    """Gives the package two folders: the checkout first, then the generated one."""

    def __init__(self, folders: Sequence[str]) -> None:
        """Remember the folders.

        Args:
            folders: package folders, the first of which holds `__init__.py`.
        """
        self._folders = list(folders)

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for the package itself; Python finds its modules in the two folders."""
        del path, target
        if name != PACKAGE:
            return None
        return importlib.util.spec_from_file_location(
            name,
            os.path.join(self._folders[0], "__init__.py"),
            submodule_search_locations=self._folders,
        )


def install(checkout: str, generated: str) -> None:
    """Put the finder before all others, unless the checkout has gone."""
    if os.path.isfile(os.path.join(checkout, "__init__.py")):
        sys.meta_path.insert(0, CheckoutFinder([checkout, generated]))
