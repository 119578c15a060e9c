# SPDX-License-Identifier: Apache-2.0
"""Robot model from a URDF: forward and inverse kinematics. Imports `core` only."""
