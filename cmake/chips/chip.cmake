# What the chips' toolchain files share: bare metal, C++ headers from build/chips/debian (see
# tools/chips/fetch.sh), size first.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(ESPIAL_ROOT ${CMAKE_CURRENT_LIST_DIR}/../..)
get_filename_component(ESPIAL_ROOT ${ESPIAL_ROOT} ABSOLUTE)
set(ESPIAL_DEBIAN ${ESPIAL_ROOT}/build/chips/debian)

# Debian's cross compilers come without the C++ library. Its headers do not depend on the machine
# where nothing of it is linked, so those for ARM serve.
file(GLOB ESPIAL_CXX_HEADERS ${ESPIAL_DEBIAN}/headers/usr/include/newlib/c++/*)
if(NOT ESPIAL_CXX_HEADERS)
  message(FATAL_ERROR "The C++ headers are missing: run tools/chips/fetch.sh")
endif()

set(ESPIAL_CHIP_FLAGS "-ffunction-sections -fdata-sections")
set(ESPIAL_CHIP_CXX_FLAGS "-fno-exceptions -fno-rtti -fno-threadsafe-statics -isystem ${ESPIAL_CXX_HEADERS} -isystem ${ESPIAL_CXX_HEADERS}/arm-none-eabi")
# Templates of libstdc++.a have to be made where they are used.
string(APPEND ESPIAL_CHIP_CXX_FLAGS " -D_GLIBCXX_EXTERN_TEMPLATE=0")
set(CMAKE_C_FLAGS_MINSIZEREL_INIT "-Os")
set(CMAKE_CXX_FLAGS_MINSIZEREL_INIT "-Os")
# The C++ driver would ask for libstdc++.a.
set(CMAKE_CXX_LINK_EXECUTABLE "<CMAKE_C_COMPILER> <FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES> -lm")
set(CMAKE_FIND_ROOT_PATH ${ESPIAL_DEBIAN})
set(CMAKE_CROSSCOMPILING_EMULATOR ${ESPIAL_ROOT}/tools/chips/run.sh ${ESPIAL_CHIP})
