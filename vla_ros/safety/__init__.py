# SPDX-License-Identifier: Apache-2.0
"""Limits, the pipeline that composes them, watchdogs and the state machine.

Imports `core` and `kinematics` only. A software filter, not a rated safety function.
"""
