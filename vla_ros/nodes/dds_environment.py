# SPDX-License-Identifier: Apache-2.0
"""Environment of the processes that we start: DDS that keeps images, memory, threads."""

import os

from ament_index_python.resources import get_resources

from vla_ros.core.resources import resource_path

RMW = "rmw_fastrtps_cpp"

# Without these, each picture is a new mapping of memory, made and given back by the kernel.
_MALLOC = {
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
    "MALLOC_TOP_PAD_": "67108864",
}


def dds_environment(domain_id: int | None = None) -> dict[str, str]:
    """Variables to add to the environment of a node's process.

    Args:
        domain_id: ROS domain of its own; None for the domain of this process.

    Returns:
        Name -> value. Discovery stays on this machine. Fast DDS is asked for where it is installed
        and nobody chose another middleware; its profile means nothing to the others.

    Raises:
        ConfigError: the DDS profile is not beside the package.
    """
    variables = {
        "FASTRTPS_DEFAULT_PROFILES_FILE": str(resource_path("config/dds/fastdds_shm.xml")),
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        # Threads of a small model spin for each other beside another busy process.
        "OMP_NUM_THREADS": "1",
        **_MALLOC,
    }
    if "RMW_IMPLEMENTATION" not in os.environ and RMW in get_resources("rmw_typesupport"):
        variables["RMW_IMPLEMENTATION"] = RMW
    if domain_id is not None:
        variables["ROS_DOMAIN_ID"] = str(domain_id)
    return variables
