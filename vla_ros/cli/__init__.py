# SPDX-License-Identifier: Apache-2.0
"""`python -m vla_ros ...`: the commands that people type."""
