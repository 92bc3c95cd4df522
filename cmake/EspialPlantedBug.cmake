# Builds with one of the bugs of sim/bugs (sim/bugs.md), so that everything made here has it: `espial sim`
# as well as the program that hunts it. The sources stay as they are: what the bug's patch changes is copied
# into the build directory, changed there, and compiled instead.

set(ESPIAL_PLANTED_BUG "" CACHE STRING "Build with this bug planted: a number or name of sim/bugs, or a patch of your own")
set(espial_planted ${CMAKE_BINARY_DIR}/planted)

# The patch that ESPIAL_PLANTED_BUG names.
function(espial_find_bug result)
  file(GLOB patches ${CMAKE_SOURCE_DIR}/sim/bugs/${ESPIAL_PLANTED_BUG}.patch
       ${CMAKE_SOURCE_DIR}/sim/bugs/${ESPIAL_PLANTED_BUG}-*.patch)
  list(LENGTH patches count)
  get_filename_component(own "${ESPIAL_PLANTED_BUG}" ABSOLUTE BASE_DIR ${CMAKE_SOURCE_DIR})
  if(NOT count EQUAL 1)
    set(patches ${own})
    if(NOT EXISTS ${own} OR IS_DIRECTORY ${own})
      message(FATAL_ERROR "ESPIAL_PLANTED_BUG: ${ESPIAL_PLANTED_BUG} names no bug; say the number or the name of one in sim/bugs")
    endif()
  endif()
  set(${result} ${patches} PARENT_SCOPE)
endfunction()

function(espial_plant_bug)
  espial_find_bug(bug)
  file(STRINGS ${bug} changed REGEX "^\\+\\+\\+ b/")
  foreach(line ${changed})
    string(REGEX REPLACE "^\\+\\+\\+ b/([^\t]*).*" "\\1" file "${line}")
    if(NOT file MATCHES "\\.cpp$")
      message(FATAL_ERROR "${bug} changes ${file}: only .cpp files are looked for where bugs are planted")
    endif()
    configure_file(${CMAKE_SOURCE_DIR}/${file} ${espial_planted}/${file} COPYONLY)
  endforeach()
  execute_process(COMMAND patch --silent --strip=1 --directory ${espial_planted} --input ${bug} RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "${bug} does not fit the sources any more")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${bug})
  message(STATUS "Planted: ${bug}")
endfunction()

# Puts those that have a bug in the place of their originals in the list that `name` names.
function(espial_take_planted name)
  set(taken)
  foreach(source ${${name}})
    file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR} ${source})
    if(EXISTS ${espial_planted}/${place})
      set(source ${espial_planted}/${place})
    endif()
    list(APPEND taken ${source})
  endforeach()
  set(${name} ${taken} PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${espial_planted})
if(ESPIAL_PLANTED_BUG)
  espial_plant_bug()
endif()
