# What stands in for GoogleTest, RapidCheck, JSON and the Linux port on bare metal, under the names
# that the rooms' CMake files ask for: they need not know that there is a chip.

add_library(espial_bare STATIC bare/main.cpp bare/runtime.cpp)
if(ESPIAL_CHIP STREQUAL lx106)
  target_sources(espial_bare PRIVATE bare/lx106.cpp bare/lx106_rom.cpp bare/lx106_start.S)
endif()
target_include_directories(espial_bare SYSTEM PUBLIC bare)
if(ESPIAL_CHIP STREQUAL lx106)
  # Or the compiler makes of a loop the very function that the loop is in.
  set_source_files_properties(bare/lx106_rom.cpp PROPERTIES COMPILE_OPTIONS -fno-builtin)
endif()
target_link_options(espial_bare INTERFACE ${ESPIAL_CHIP_LINK})
target_include_directories(espial_bare PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_features(espial_bare PUBLIC cxx_std_20)
foreach(name GTest::gtest_main GTest::gmock)
  add_library(${name} ALIAS espial_bare)
endforeach()
add_library(rapidcheck INTERFACE)
add_library(rapidcheck_gtest INTERFACE)

# Header-only, and the machine's own copy serves; its folder holds the machine's other headers too.
find_path(ESPIAL_JSON nlohmann/json.hpp REQUIRED NO_CMAKE_FIND_ROOT_PATH PATHS /usr/include /usr/local/include)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include)
file(CREATE_LINK ${ESPIAL_JSON}/nlohmann ${CMAKE_BINARY_DIR}/include/nlohmann SYMBOLIC)
add_library(nlohmann_json::nlohmann_json INTERFACE IMPORTED GLOBAL)
target_include_directories(nlohmann_json::nlohmann_json SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/include)
target_compile_definitions(nlohmann_json::nlohmann_json INTERFACE JSON_NO_IO)

# The core's tests name the Linux port for crypto and chance. BearSSL's takes its place on both chips:
# mbedTLS's X25519 takes five times as long.
target_include_directories(espial_options BEFORE INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/instead)
add_library(espial_port_linux INTERFACE)
target_link_libraries(espial_port_linux INTERFACE espial_port_bearssl)

# Of the simulator the node's tests need its retained memory only.
add_library(espial_sim STATIC ${CMAKE_SOURCE_DIR}/sim/memory_retained.cpp)
target_link_libraries(espial_sim PUBLIC espial_options)
target_compile_features(espial_sim PUBLIC cxx_std_20)
