# rv32imc: ESP32-C3 and C2. Programs run in "qemu-system-riscv32 -M virt" and reach their host by
# semihosting.
set(ESPIAL_CHIP rv32)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
include(${CMAKE_CURRENT_LIST_DIR}/chip.cmake)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_CXX_COMPILER riscv64-unknown-elf-g++)
set(CMAKE_AR riscv64-unknown-elf-gcc-ar) # knows what is optimised at link time only
set(CMAKE_RANLIB riscv64-unknown-elf-gcc-ranlib)
# Not "_zicsr_zifencei": GCC 12 would silently take the 64-bit libgcc.
set(machine "--specs=picolibc.specs -march=rv32imc -mabi=ilp32 ${ESPIAL_CHIP_FLAGS}")
set(CMAKE_C_FLAGS_INIT "${machine}")
set(CMAKE_CXX_FLAGS_INIT "${machine} ${ESPIAL_CHIP_CXX_FLAGS}")
set(CMAKE_ASM_FLAGS_INIT "${machine}")
set(memory "")
foreach(symbol flash=0x80000000 flash_size=0x1000000 ram=0x81000000 ram_size=0x4000000 stack_size=0x100000)
  string(APPEND memory ",--defsym=__${symbol}")
endforeach()
set(ESPIAL_CHIP_LINK --crt0=semihost --oslib=semihost -Wl${memory})
