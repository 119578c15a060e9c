# SPDX-License-Identifier: Apache-2.0
"""Policy families behind one `Policy` protocol; frameworks are imported by the family that needs them.

Imports `core` and `kinematics`, and neither execution nor safety nor ROS.
"""
