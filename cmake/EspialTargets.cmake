# One room of the house = one call of espial_library() in its CMakeLists.txt.
#
#   espial_library(NAME [CORE] [DEPENDS target...] [TEST_DEPENDS target...])
#
# makes of the .cpp files in the current folder
#   NAME                     a static library of everything that is neither test nor fuzz target
#   NAME_test                one GoogleTest program of all *_test.cpp, registered with CTest
#   <file>_fuzz              one libFuzzer program for each *_fuzz.cpp, with ESPIAL_FUZZ on
#   <file>_bench             one Google Benchmark program for each *_bench.cpp, with ESPIAL_BENCH on
# CORE selects what the chips can compile: C++17 without exceptions and without RTTI.
# The test programs of one top-level folder are built together by the target core_tests, hub_tests ...
# and carry the CTest labels "unit" and the folder's name; `fuzzers` builds all libFuzzer programs.

find_program(ESPIAL_CCACHE ccache)
if(ESPIAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ESPIAL_CCACHE})
endif()

include(CheckLinkerFlag)
check_linker_flag(CXX -fuse-ld=mold ESPIAL_HAVE_MOLD)
if(ESPIAL_HAVE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(espial_options INTERFACE)
target_include_directories(espial_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(espial_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# What GCC calls -Wconversion; clang's has more under that name.
target_compile_options(espial_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>)
# A node's parts (ADR 0014) are virtual without being bases: `final` would have their code linked where none is made.
target_compile_options(espial_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:-Wno-delete-non-abstract-non-virtual-dtor>)
# GCC 12 with -O2 sees overlapping copies in any `"text" + std::string` (its bug 105329).
target_compile_options(espial_options INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
# Off for people who only want to run it: another compiler's new warning must not stop them.
if(ESPIAL_WERROR)
  target_compile_options(espial_options INTERFACE -Werror)
endif()
target_compile_definitions(espial_options INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(ESPIAL_SANITIZE)
  target_compile_options(espial_options INTERFACE -fsanitize=${ESPIAL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(espial_options INTERFACE -fsanitize=${ESPIAL_SANITIZE})
endif()
if(ESPIAL_SANITIZE MATCHES thread)
  # The thread sanitizer can't see fences, and GCC says so at each; Asio's event loop has its locks besides.
  target_compile_definitions(espial_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
if(ESPIAL_FUZZ)
  target_compile_options(espial_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  target_link_options(espial_options INTERFACE -fsanitize=address,undefined)
endif()
if(ESPIAL_SANITIZE OR ESPIAL_FUZZ)
  # It asks for the type information that the core is built without and that SOCI keeps to itself.
  target_compile_options(espial_options INTERFACE -fno-sanitize=vptr)
endif()

# Adds a program to a target that builds all of its kind.
function(espial_collect collection program)
  if(NOT TARGET ${collection})
    add_custom_target(${collection})
  endif()
  add_dependencies(${collection} ${program})
endfunction()

function(espial_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "CORE" "" "DEPENDS;TEST_DEPENDS")
  file(GLOB all CONFIGURE_DEPENDS *.cpp)
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
  espial_take_planted(sources)

  if(sources)
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${name} ${scope} espial_options ${arg_DEPENDS})
  if(arg_CORE)
    target_compile_features(${name} ${scope} cxx_std_17)
    if(sources)
      set_target_properties(${name} PROPERTIES CXX_STANDARD 17)
      target_compile_options(${name} PRIVATE -fno-exceptions -fno-rtti)
      if(CMAKE_CROSSCOMPILING)
        # Nothing that needs a hosted library; memcpy() and its like may still become instructions.
        target_compile_options(${name} PRIVATE -ffreestanding -fbuiltin)
      endif()
    endif()
  else()
    target_compile_features(${name} ${scope} cxx_std_20)
  endif()

  if(BUILD_TESTING AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_DEPENDS} GTest::gtest_main GTest::gmock)
    target_compile_features(${name}_test PRIVATE cxx_std_20)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    string(REGEX REPLACE "/.*" "" folder ${folder})
    set_tests_properties(${name} PROPERTIES LABELS "unit;${folder}" TIMEOUT 900)
    espial_collect(${folder}_tests ${name}_test)
  endif()
  if(ESPIAL_FUZZ)
    foreach(file IN LISTS fuzzers)
      get_filename_component(program ${file} NAME_WE)
      add_executable(${program} ${file})
      target_link_libraries(${program} PRIVATE ${name} ${arg_TEST_DEPENDS})
      target_compile_features(${program} PRIVATE cxx_std_20)
      target_link_options(${program} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzzers)
      espial_collect(fuzzers ${program})
    endforeach()
  endif()
  if(ESPIAL_BENCH)
    foreach(file IN LISTS benches)
      get_filename_component(program ${file} NAME_WE)
      add_executable(${program} ${file})
      target_link_libraries(${program} PRIVATE ${name} ${arg_TEST_DEPENDS} benchmark::benchmark)
      target_compile_features(${program} PRIVATE cxx_std_20)
    endforeach()
  endif()
endfunction()
