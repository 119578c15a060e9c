# SPDX-License-Identifier: Apache-2.0
"""The ROS side: the only room that imports rclpy and message packages.

A callback converts, calls one function of the core, and publishes; it decides nothing.
"""
