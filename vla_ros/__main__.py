# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros`."""

from vla_ros.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
