# SPDX-License-Identifier: Apache-2.0
"""Types that every room shares: observations, action chunks, layouts, commands, clocks, errors.

Imports numpy and the standard library only, and no other room of this package.
"""
