# SPDX-License-Identifier: Apache-2.0
"""MuJoCo world of the demo arm, its tasks, the scripted expert and demonstrations.

Nothing outside this room and its node knows that the robot is simulated.
"""
