# SPDX-License-Identifier: Apache-2.0
"""The embedded policy: a small flow-matching VLA with its weights and training.

Reading order: `text`, `encoder`, `flow_head`, `network`, `policy`; then `training_data`, `loss`,
`training`.
"""
