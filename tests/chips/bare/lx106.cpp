// picolibc's way to the world on lx106: the simulator's calls, which qemu answers when semihosting
// is on. picolibc brings this for RISC-V itself.

#include <sys/types.h>
#include <cstddef>
#include <cstdio>

extern "C" {

extern void (*const __init_array_start[])();
extern void (*const __init_array_end[])();
int main();

/// A call of the host: 1 exit, 3 read, 4 write, 5 open, 6 close, 19 seek.
static int host(int call, int first, int second = 0, int third = 0) {
  register int a2 asm("a2") = call;
  register int a3 asm("a3") = first;
  register int a4 asm("a4") = second;
  register int a5 asm("a5") = third;
  asm volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
  return a2;
}

static int address(const volatile void* pointer) {
  return static_cast<int>(reinterpret_cast<std::size_t>(pointer));
}

[[noreturn]] void _exit(int code) {
  for (;;) host(1, code);
}

[[noreturn]] void abort() { _exit(134); }

ssize_t read(int file, void* to, size_t size) {
  return host(3, file, address(to), static_cast<int>(size));
}
ssize_t write(int file, const void* from, size_t size) {
  return host(4, file, address(from), static_cast<int>(size));
}
int open(const char* path, int flags, ...) { return host(5, address(path), flags, 0); }
int close(int file) { return host(6, file); }
off_t lseek(int file, off_t offset, int whence) {
  return host(19, file, static_cast<int>(offset), whence);
}

static int put(char c, FILE*) { return write(1, &c, 1) == 1 ? 0 : -1; }
static FILE out = FDEV_SETUP_STREAM(put, nullptr, nullptr, _FDEV_SETUP_WRITE);

// picolibc's header names them outside of extern "C".
}
FILE* const stdout = &out;
FILE* const stderr = &out;
FILE* const stdin = nullptr;
extern "C" {

[[noreturn]] void espial_start() {
  for (auto* each = __init_array_start; each != __init_array_end; ++each) (*each)();
  _exit(main());
}

}  // extern "C"
