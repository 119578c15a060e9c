# SPDX-License-Identifier: Apache-2.0
"""Vision-language-action policies on ROS 2 robots: cameras and a sentence in, safe motion out."""
