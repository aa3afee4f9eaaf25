// SPDX-License-Identifier: Apache-2.0

// What glibc says of a program without threads.

char __libc_single_threaded = 1;
