# SPDX-License-Identifier: Apache-2.0
"""Which action applies at time t: the chunk timeline and the strategies over overlapping chunks.

Imports `core` and `kinematics` only.
"""
