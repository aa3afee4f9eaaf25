// SPDX-License-Identifier: Apache-2.0

extension AuxvCatalog {
  /// FreeBSD on the architectures of today: the same numbers as Linux up to 14, its own from 15 on.
  ///
  /// From `sys/sys/elf_common.h` of FreeBSD 15.
  public static let freeBSD = AuxvCatalog(
    rows: AuxvCatalog.linux.rows.filter { $0.key.rawValue <= 14 } + [
      Row(15, "AT_EXECPATH", .string, "is the program's path"),
      Row(16, "AT_CANARY", .address, "points at the stack protector's canary"),
      Row(17, "AT_CANARYLEN", .count, "is the canary's size in bytes"),
      Row(18, "AT_OSRELDATE", .count, "is the kernel's release number"),
      Row(19, "AT_NCPUS", .count, "is the number of processors"),
      Row(20, "AT_PAGESIZES", .address, "points at the page sizes"),
      Row(21, "AT_PAGESIZESLEN", .count, "is the size of that table in bytes"),
      Row(22, "AT_TIMEKEEP", .address, "is where the time page's vdso_timekeep is mapped"),
      Row(23, "AT_STACKPROT", .mask, "is the initial protection of the stack"),
      Row(24, "AT_EHDRFLAGS", .mask, "is e_flags of the program"),
      Row(25, "AT_HWCAP", .mask, "lists what the processor can do"),
      Row(26, "AT_HWCAP2", .mask, "continues AT_HWCAP"),
      Row(27, "AT_BSDFLAGS", .mask, "holds FreeBSD's flags for the program"),
      Row(28, "AT_ARGC", .count, "is the number of arguments"),
      Row(29, "AT_ARGV", .address, "points at the arguments"),
      Row(30, "AT_ENVC", .count, "is the number of environment variables"),
      Row(31, "AT_ENVV", .address, "points at the environment"),
      Row(32, "AT_PS_STRINGS", .address, "points at struct ps_strings"),
      Row(33, "AT_FXRNG", .address, "points at the seed version of the random generator"),
      Row(34, "AT_KPRELOAD", .address, "is where the vDSO is mapped"),
      Row(35, "AT_USRSTACKBASE", .address, "is the top of the first thread's stack"),
      Row(36, "AT_USRSTACKLIM", .count, "is how far that stack may grow, in bytes"),
      Row(38, "AT_HWCAP3", .mask, "continues AT_HWCAP2"),
      Row(39, "AT_HWCAP4", .mask, "continues AT_HWCAP3"),
    ])
}
