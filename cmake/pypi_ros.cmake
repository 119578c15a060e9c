# SPDX-License-Identifier: Apache-2.0
# Makes ROS 2 wheels usable as a build prefix. The set-up passes it as -DCMAKE_PROJECT_INCLUDE; an ordinary colcon
# workspace needs none of it.
#
# Two things stand in the way, and both are put right once everything is configured:
# - The imported targets in the wheels name a Python include folder of the machine that built them. CMake refuses an
#   imported target whose include folder does not exist: such folders are dropped.
# - The environment stands inside the source tree (.venv). CMake refuses to export a target whose include folder is
#   there, since an install would point back into the sources: such folders count for the build alone.

function(_vla_ros_drop_missing_folders target)
  get_target_property(folders "${target}" INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT folders)
    return()
  endif()
  set(present "")
  foreach(folder IN LISTS folders)
    # Generator expressions have no value yet and are kept as they are.
    if(folder MATCHES "\\$<" OR EXISTS "${folder}")
      list(APPEND present "${folder}")
    endif()
  endforeach()
  set_target_properties("${target}" PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${present}")
endfunction()

function(_vla_ros_keep_environment_out_of_exports target)
  get_target_property(folders "${target}" INTERFACE_INCLUDE_DIRECTORIES)
  if(NOT folders)
    return()
  endif()
  set(exportable "")
  foreach(folder IN LISTS folders)
    string(FIND "${folder}" "${CMAKE_SOURCE_DIR}/.venv/" position)
    if(position EQUAL 0)
      set(folder "$<BUILD_INTERFACE:${folder}>")
    endif()
    list(APPEND exportable "${folder}")
  endforeach()
  set_target_properties("${target}" PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${exportable}")
endfunction()

function(_vla_ros_adapt_to_wheels)
  get_property(imported DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS imported)
    _vla_ros_drop_missing_folders("${target}")
  endforeach()
  get_property(built DIRECTORY "${CMAKE_SOURCE_DIR}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS built)
    _vla_ros_keep_environment_out_of_exports("${target}")
  endforeach()
endfunction()

cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL _vla_ros_adapt_to_wheels)
