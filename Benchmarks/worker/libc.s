# The names of the C library that a worker calls, as a library to link against.

  .irp name, clock_gettime, __clock_gettime64, gettimeofday, time, getpid
  .globl \name
  .type \name, %function
\name:
  .endr
