# SPDX-License-Identifier: Apache-2.0
"""Policy families behind one `Policy` protocol; each imports its framework lazily.

Imports `core` and `kinematics`, and neither execution nor safety nor ROS.
"""
