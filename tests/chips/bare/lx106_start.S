// The first instructions of an lx106 program, and what it does when it goes wrong.
// ABI: call0. a1 is the stack; simcall: a2 is the call's number, a3 its first argument.

    .section .reset, "ax"
    .global _start
_start:
    j       begin

    .section .begin, "ax"
    .literal_position
    .align  4
begin:
    movi    a1, __stack
    movi    a0, 0
    movi    a2, espial_start
    callx0  a2

// An exception (a load that is not aligned, an illegal instruction) ends the program. These are
// the offsets of lx106's vectors from VECBASE.
    .macro vector offset
    .org    \offset
    movi    a3, 100
    movi    a2, 1
    simcall
    .endm

    .section .vectors, "ax"
    vector  0x10
    vector  0x20
    vector  0x30
    vector  0x50
    vector  0x70
