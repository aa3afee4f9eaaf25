// SPDX-License-Identifier: Apache-2.0

// Embedded Swift programs have images that their own build has checked.

#if !hasFeature(Embedded)
  import CVDSO
  import ELF

  /// Checks the rules of a code page. The build does so before it embeds an image, and the producer before it maps one.
  public enum ImageRules {
    /// The name that an image has: Linux's, by which consumers recognize a vDSO.
    static func soname(of machine: Machine) -> String { machine == .i386 ? "linux-gate.so.1" : "linux-vdso.so.1" }

    /// Returns every rule that `bytes`, an ELF file, breaks; empty if the image may be mapped.
    ///
    /// If tables are too damaged to be read, the other rules are not checked, and `sharedObject` says what is damaged. `traps` is false for
    /// an image that makes no Linux system calls, such as the one for GNU Mach.
    public static func violations(in bytes: [UInt8], traps: Bool = true) -> [ImageViolation] {
      var found: [ImageViolation] = []
      if bytes.count > Int(VDSO_PAGE_SIZE) {
        found.append(ImageViolation(.onePage, "\(bytes.count) bytes of \(VDSO_PAGE_SIZE)"))
      }
      do throws(ELFError) {
        let image = try ELFImage(bytes: bytes)
        found += checkIdentity(image.header)
        let headers = try image.programHeaders()
        found += checkSegments(headers)
        found += checkSystemCall(image.header.machine, bytes, traps)
        found += try checkDynamic(image.dynamicTable())
        found += try checkNote(image.notes())
        let symbols = try image.dynamicSymbols()
        found += try checkSymbols(symbols, image)
        found += checkVersions(symbols, image.header.machine)
        found += try checkHashTables(image, symbols.defined())
        found += try checkUnwindTable(headers, bytes, symbols.defined())
        found += try checkSections(image.header, bytes, symbols.defined())
      } catch {
        found.append(ImageViolation(.sharedObject, "\(error)"))
      }
      return found
    }

    private static func checkIdentity(_ header: ELFHeader) -> [ImageViolation] {
      var found: [ImageViolation] = []
      if header.type != .sharedObject || header.byteOrder != .littleEndian || header.osABI != 0 {
        found.append(ImageViolation(.sharedObject, "type \(header.type.rawValue), OS ABI \(header.osABI)"))
      }
      let sizes: (file: UInt16, program: UInt16) = header.elfClass == .bits32 ? (52, 32) : (64, 56)
      if header.headerSize != sizes.file || header.programHeaderEntrySize != sizes.program
        || header.programHeaderOffset < UInt64(sizes.file)
      {
        found.append(
          ImageViolation(
            .headerSizes,
            "\(header.headerSize) and \(header.programHeaderEntrySize) bytes, table at \(header.programHeaderOffset)"))
      }
      return found
    }

    private static func checkNote(_ notes: [Note]) -> [ImageViolation] {
      let place = (0..<4).map { UInt8(truncatingIfNeeded: Int(VDSO_HEADER_OFFSET) >> (8 * $0)) }
      let isThere = notes.contains { $0.name == "VDS" && $0.type == UInt32(VDSO_NOTE_HEADER) && $0.descriptor == place }
      return isThere ? [] : [ImageViolation(.headerNote, "\(notes.count) notes, none of them")]
    }

    /// rr looks for a system call instruction, and fails if there is none.
    private static func checkSystemCall(_ machine: Machine, _ bytes: [UInt8], _ traps: Bool) -> [ImageViolation] {
      let instruction: [UInt8] =
        switch machine {
        case .i386: [0xcd, 0x80]  // int $0x80
        case .aarch64: [0x01, 0x00, 0x00, 0xd4]  // svc #0
        case .riscv: [0x73, 0x00, 0x00, 0x00]  // ecall
        default: [0x0f, 0x05]  // syscall
        }
      let isThere = bytes.indices.contains { bytes[$0...].starts(with: instruction) }
      return isThere == traps
        ? [] : [ImageViolation(.systemCall, traps ? "none" : "one, in an image that must not trap")]
    }
  }
#endif
