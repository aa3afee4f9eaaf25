// SPDX-License-Identifier: Apache-2.0

// vdso.h: the binary interface of the vDSO pages, version 1.
//
// Three pages, VDSO_PAGE_STRIDE apart, in rising address order:
//
//     time page       read            struct vdso_time_page, shared by all tasks, written by the timekeeper
//     identity page   read            struct vdso_identity_page, private to a task, zeroed in a forked child
//     code page       read, execute   an ELF shared object, what AT_SYSINFO_EHDR points at
//
// The same on i386, x86_64, AArch64 and RISC-V 64: fixed-width fields, explicit alignment (i386 aligns 64-bit integers
// to 4), little endian, sizes and offsets asserted below. Needs no libc: a kernel, GNU Mach for one, includes it as is.

#ifndef VDSO_H
#define VDSO_H

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#include "vdso_clocks.h"
#endif

// ---- Configuration ----

// Size of one page of the mapping, in bytes.
#ifndef VDSO_PAGE_SIZE
#define VDSO_PAGE_SIZE 4096
#endif

// From the start of one page to that of the next. Kernels for AArch64 map in units of 4, 16 or 64 KiB, and each page begins such a unit.
// The memory between the pages is reserved and can't be accessed.
#ifndef VDSO_PAGE_STRIDE
#ifdef __aarch64__
#define VDSO_PAGE_STRIDE 65536
#else
#define VDSO_PAGE_STRIDE 4096
#endif
#endif

// The number of entries in the Mach header's symbol table, and of entry slots.
#ifndef VDSO_MAX_SYMBOLS
#define VDSO_MAX_SYMBOLS 16
#endif

// Where the code page is mapped on i386 unless the caller says otherwise.
#ifndef VDSO_USER_BASE
#define VDSO_USER_BASE 0x7ffff000UL
#endif

#define VDSO_MAGIC 0x564453C0
#define VDSO_VERSION 1

// ---- Offsets in the code page ----

// Entry slots: on 64-bit architectures sixteen in a row. On i386 slots 0 to 3 are 0x100 apart, as GNU Mach's design has
// them, and slots 4 to 15 stand in a row at VDSO_SLOTS_I386_MORE.
#define VDSO_SLOTS_64 0x160
#define VDSO_SLOTS_I386 0x100
#define VDSO_SLOTS_I386_MORE 0x108
#define VDSO_SLOT_SIZE 8

// The host's entry points.
#define VDSO_HOST_OFFSET_64 0x1e0
#define VDSO_HOST_OFFSET_I386 0x168

// The Mach header.
#define VDSO_HEADER_OFFSET 0x210

#ifndef __ASSEMBLER__

// ---- Symbols ----

// The functions that a page can offer. A number is an index into the Mach header's table and names an entry slot.
typedef enum {
  VDSO_SYM_GETTIMEOFDAY = 0,
  VDSO_SYM_CLOCK_GETTIME = 1,
  VDSO_SYM_TIME = 2,
  VDSO_SYM_GETPID = 3,
  VDSO_SYM_CLOCK_GETRES = 4,
  VDSO_SYM_CLOCK_GETTIME64 = 5,  // i386: the time64 variant
  VDSO_SYM_GETCPU = 6,
  VDSO_SYM_GETRANDOM = 7,
  VDSO_SYM_GETUID = 8,
  VDSO_SYM_GETEUID = 9,
  VDSO_SYM_GETGID = 10,
  VDSO_SYM_GETEGID = 11,
  VDSO_SYM_GETPPID = 12,
  VDSO_SYM_COUNT = 13,
} vdso_symbol_type_t;

// Offset in the code page of the entry slot of symbol `id`: a jump of at most VDSO_SLOT_SIZE bytes to the function.
// Calling a slot is calling the function.
#define VDSO_SLOT_OFFSET_I386(id) \
  ((id) < 4 ? VDSO_SLOTS_I386 * ((id) + 1) : VDSO_SLOTS_I386_MORE + VDSO_SLOT_SIZE * ((id)-4))
#define VDSO_SLOT_OFFSET_64(id) (VDSO_SLOTS_64 + VDSO_SLOT_SIZE * (id))

// ---- Code page: the Mach header ----

// One symbol. `name` is the offset in the code page of a string that ends in zero, never an address.
typedef struct {
  uint32_t name;
  uint32_t offset;     // of the entry slot in the code page
  uint32_t available;  // 1: callable, 0: free entry
} vdso_symbol_t;

// The symbol table of the code page, indexed by vdso_symbol_type_t, at VDSO_HEADER_OFFSET; a PT_NOTE names the place.
typedef struct {
  uint32_t magic;         // VDSO_MAGIC
  uint32_t version;       // VDSO_VERSION
  uint32_t symbol_count;  // available entries
  uint32_t reserved;
  vdso_symbol_t symbols[VDSO_MAX_SYMBOLS];
} vdso_header_t;

// The note that names the Mach header: owner VDSO_NOTE_OWNER, type VDSO_NOTE_HEADER, descriptor one 32-bit word,
// VDSO_HEADER_OFFSET.
#define VDSO_NOTE_OWNER "VDS"
#define VDSO_NOTE_HEADER 1

// ---- Code page: the host's entry points ----

// Absolute addresses, in the task, of functions of the host kernel's own vDSO; 0 means none. They serve the host clock
// mode and what this page does not answer itself (getcpu, getrandom). The producer fills them in the task's own copy
// of the code page, since the host's page has another address in each process.
typedef struct {
  uint64_t clock_gettime;  // i386: the time64 variant
  uint64_t clock_getres;
  uint64_t time;           // x86
  uint64_t getcpu;         // not AArch64
  uint64_t getrandom;      // not i386
  uint64_t arch_specific;  // i386: __kernel_vsyscall; RISC-V: riscv_hwprobe
} vdso_host_t;

// ---- Time page ----

#define VDSO_TIME_MAGIC 0x54534456u  // "VDST"
#define VDSO_TIME_VERSION 3u

// How a clock is read.
enum {
  VDSO_MODE_NONE = 0,     // trap
  VDSO_MODE_COUNTER = 1,  // cycle counter times mult plus a base
  VDSO_MODE_HOST = 2,     // the host's function, then the clock's map
  VDSO_MODE_TICK = 3,     // the base as of the last tick
  VDSO_MODE_FIXED = 4,    // a constant
};

// One consistent state of all clocks.
typedef struct {
  vdso_clock_t clocks[VDSO_CLOCK_COUNT];
  vdso_clock_map_t maps[VDSO_CLOCK_COUNT];
  uint32_t mode;  // VDSO_MODE_*
  int32_t timezone_minutes_west;
  int32_t timezone_dst;
  uint32_t error_nanoseconds;  // of a counter reading at its base, against the host's clock
  uint32_t error_rate;         // growth of that error, nanoseconds per second
  uint32_t traps;              // 1: the host is asked by a system call, not by its function
  uint32_t reserved[202];
} __attribute__((aligned(8))) vdso_time_data_t;

// The time page. `sequence` is a sequence count latch: its low bit names the copy that readers use, while the writer
// changes the other one, so a reader never waits, and a writer that dies at any instruction leaves a consistent copy.
//
//     writer: sequence += 1; write barrier; change copy 0; write barrier;
//             sequence += 1; write barrier; change copy 1; write barrier
//     reader: s = sequence; read barrier; use copy s & 1; read barrier; again if sequence != s
//
// `timekeeper` is a robust futex word that holds the thread id of the timekeeper, or 0 if none is needed: the kernel
// sets VDSO_TIMEKEEPER_DIED in it when that thread ends, however it ends, and published clocks are no longer used.
//
// `seconds` are those of CLOCK_REALTIME_COARSE, modulo 2^32, while VDSO_SECONDS_VALID is set in `timekeeper`. The two words are an aligned
// pair and all that time() needs: one load gives the seconds and whether they are valid. A writer stores the pair at once, after the
// copies. A writer that can't store both at once clears the bit, stores the seconds, and sets the bit again.
typedef struct {
  uint32_t magic;    // VDSO_TIME_MAGIC
  uint32_t version;  // VDSO_TIME_VERSION
  uint32_t sequence;
  uint32_t reserved;
  uint32_t timekeeper;
  uint32_t seconds;
  uint64_t session;  // the number of the session, that of the memory file of its page; 0 if it has none
  uint8_t padding[32];
  vdso_time_data_t copy0;
  uint8_t padding1[64];  // the copies are 2,048 bytes apart
  vdso_time_data_t copy1;
} __attribute__((aligned(8))) vdso_time_page_t;

// Bits of `timekeeper` next to the thread id: FUTEX_OWNER_DIED, and FUTEX_WAITERS, which the kernel leaves as it is.
#define VDSO_TIMEKEEPER_DIED 0x40000000u
#define VDSO_SECONDS_VALID 0x80000000u

// A reader gives up after this many changes of the sequence in a row, and traps.
#define VDSO_MAX_ATTEMPTS 64

// ---- Identity page ----

#define VDSO_IDENTITY_MAGIC 0x49534456u  // "VDSI"

// Which word of the identity page holds which id.
enum {
  VDSO_IDENTITY_PID = 0,
  VDSO_IDENTITY_PPID = 1,
  VDSO_IDENTITY_UID = 2,
  VDSO_IDENTITY_EUID = 3,
  VDSO_IDENTITY_GID = 4,
  VDSO_IDENTITY_EGID = 5,
  VDSO_IDENTITY_COUNT = 6,
};

// Ids of the task. Bit `1 << VDSO_IDENTITY_PID` and so on of `valid` says that the word is right; with it clear the
// function traps. A forked child finds the page zeroed (MADV_WIPEONFORK): nothing in it is valid there.
typedef struct {
  uint32_t magic;
  uint32_t valid;
  uint32_t words[VDSO_IDENTITY_COUNT];
} vdso_identity_page_t;

// ---- Layout checks ----

#ifdef __cplusplus
#define VDSO_ASSERT(condition, message) static_assert(condition, message)
#else
#define VDSO_ASSERT(condition, message) _Static_assert(condition, message)
#endif

VDSO_ASSERT(sizeof(vdso_symbol_t) == 12, "vdso_symbol_t");
VDSO_ASSERT(sizeof(vdso_header_t) == 16 + 12 * VDSO_MAX_SYMBOLS, "vdso_header_t");
VDSO_ASSERT(VDSO_HEADER_OFFSET + sizeof(vdso_header_t) <= 3 * VDSO_SLOTS_I386, "the header ends before slot 2");
VDSO_ASSERT(sizeof(vdso_host_t) == 48, "vdso_host_t");
VDSO_ASSERT(VDSO_HOST_OFFSET_64 + sizeof(vdso_host_t) <= VDSO_HEADER_OFFSET,
            "the host's entries end before the header");
VDSO_ASSERT(VDSO_HOST_OFFSET_I386 + sizeof(vdso_host_t) <= 2 * VDSO_SLOTS_I386, "the host's entries end before slot 1");
VDSO_ASSERT(sizeof(vdso_clock_t) == 64, "vdso_clock_t");
VDSO_ASSERT(offsetof(vdso_clock_t, phase) == 32, "vdso_clock_t.phase");
VDSO_ASSERT(sizeof(vdso_clock_map_t) == 32, "vdso_clock_map_t");
VDSO_ASSERT(offsetof(vdso_time_data_t, maps) == 768, "vdso_time_data_t.maps");
VDSO_ASSERT(offsetof(vdso_time_data_t, mode) == 1152, "vdso_time_data_t.mode");
VDSO_ASSERT(sizeof(vdso_time_data_t) == 1984, "vdso_time_data_t");
VDSO_ASSERT(offsetof(vdso_time_page_t, timekeeper) == 16, "vdso_time_page_t.timekeeper");
VDSO_ASSERT(offsetof(vdso_time_page_t, seconds) == 20, "vdso_time_page_t.seconds");
VDSO_ASSERT(offsetof(vdso_time_page_t, session) == 24, "vdso_time_page_t.session");
VDSO_ASSERT(offsetof(vdso_time_page_t, copy0) == 64, "vdso_time_page_t.copy0");
VDSO_ASSERT(offsetof(vdso_time_page_t, copy1) == 64 + 2048, "vdso_time_page_t.copy1");
VDSO_ASSERT(sizeof(vdso_time_page_t) == 4096, "vdso_time_page_t");
VDSO_ASSERT(sizeof(vdso_identity_page_t) == 32, "vdso_identity_page_t");

#endif  // __ASSEMBLER__

#endif
