import ELF

extension CallList {
  /// The code that works through a list at the stack pointer, whole 8-byte words; it runs at any address.
  static func code(_ width: ELFClass) -> [UInt8] {
    width == .bits64 ? x86_64 : i386
  }

  /// Where the task stands after the trap at the end of the list, from the code's first byte.
  static func trapOffset(_ width: ELFClass) -> UInt64 {
    UInt64(code(width).lastIndex(of: 0xcc)!) + 1
  }

  private static let x86_64: [UInt8] = [
    0x58,  // next: pop rax
    0x48, 0x85, 0xc0,  // test rax, rax
    0x78, 0x12,  // js end
    0x5f,  // pop rdi
    0x5e,  // pop rsi
    0x5a,  // pop rdx
    0x41, 0x5a,  // pop r10
    0x41, 0x58,  // pop r8
    0x41, 0x59,  // pop r9
    0x0f, 0x05,  // syscall
    0x48, 0x89, 0x04, 0x24,  // mov [rsp], rax
    0x58,  // pop rax
    0xeb, 0xe8,  // jmp next
    0xcc,  // end: int3
    0, 0, 0, 0, 0, 0, 0,
  ]

  private static let i386: [UInt8] = [
    0x58,  // next: pop eax
    0x85, 0xc0,  // test eax, eax
    0x78, 0x0e,  // js end
    0x5b,  // pop ebx
    0x59,  // pop ecx
    0x5a,  // pop edx
    0x5e,  // pop esi
    0x5f,  // pop edi
    0x5d,  // pop ebp
    0xcd, 0x80,  // int 0x80
    0x89, 0x04, 0x24,  // mov [esp], eax
    0x58,  // pop eax
    0xeb, 0xed,  // jmp next
    0xcc,  // end: int3
    0, 0, 0, 0,
  ]
}

/// Numbers of the system calls that tasks are made to make, as their architecture has them.
struct CallNumbers {
  var mmap: Int
  var mprotect: Int
  var madvise: Int
  var mseal: Int
  var close: Int
  var getpid: Int
  var execve: Int
  var prctl: Int

  static func numbers(_ width: ELFClass) -> CallNumbers {
    width == .bits64
      ? CallNumbers(mmap: 9, mprotect: 10, madvise: 28, mseal: 462, close: 3, getpid: 39, execve: 59, prctl: 157)
      // mmap2, which counts its offset in pages: all here are 0.
      : CallNumbers(mmap: 192, mprotect: 125, madvise: 219, mseal: 462, close: 6, getpid: 20, execve: 11, prctl: 172)
  }
}
