# lx106: ESP8266. Programs run in "qemu-system-xtensa -M sim" and reach their host by simcalls
# (tests/chips/bare/lx106.cpp).
set(ESPIAL_CHIP lx106)
set(CMAKE_SYSTEM_PROCESSOR xtensa)
include(${CMAKE_CURRENT_LIST_DIR}/chip.cmake)
set(CMAKE_C_COMPILER xtensa-lx106-elf-gcc)
set(CMAKE_CXX_COMPILER xtensa-lx106-elf-g++)
set(CMAKE_AR xtensa-lx106-elf-gcc-ar) # knows what is optimised at link time only
set(CMAKE_RANLIB xtensa-lx106-elf-gcc-ranlib)
set(machine "--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs -mlongcalls ${ESPIAL_CHIP_FLAGS}")
set(CMAKE_C_FLAGS_INIT "${machine}")
set(CMAKE_CXX_FLAGS_INIT "${machine} ${ESPIAL_CHIP_CXX_FLAGS}")
set(CMAKE_ASM_FLAGS_INIT "${machine}")
set(ESPIAL_CHIP_LINK -nostartfiles -T${ESPIAL_ROOT}/tests/chips/bare/lx106.ld)
