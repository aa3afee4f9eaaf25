// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import ELF
import VDSOResolver

/// Reads the bytes of a vector: decoding and encoding are inverse, in both word sizes and byte orders.
func fuzzAuxiliaryVector(_ input: [UInt8]) {
  _ = AuxiliaryVector.Format(guessingFrom: input)
  for elfClass in [ELFClass.bits32, .bits64] {
    for order in [ByteOrder.littleEndian, .bigEndian] {
      let format = AuxiliaryVector.Format(elfClass, order)
      do throws(AuxvError) {
        let vector = try AuxiliaryVector(decoding: input, as: format)
        let bytes = try vector.encoded(as: format)
        // The value of the last entry doesn't count.
        let entry = 2 * elfClass.wordSize
        claim(bytes.dropLast(entry).elementsEqual(input.prefix(bytes.count - entry)), "encoding gives other bytes")
        claim(try AuxiliaryVector(decoding: bytes, as: format) == vector, "decoding what was encoded differs")
        // The text of an entry depends on that entry alone, and takes longer to make than all the rest.
        if elfClass == .bits64, order == .littleEndian { for entry in vector.entries.prefix(8) { describe(entry) } }
      } catch {
        claimIsOneLine("\(error)")
      }
    }
  }
}

private func describe(_ entry: AuxiliaryVector.Entry) {
  for catalog in [AuxvCatalog.linux, .freeBSD] {
    claimIsOneLine(catalog.name(of: entry.key))
    claimIsOneLine(entry.formattedValue(catalog: catalog))
  }
  for machine in [Machine.i386, .x86_64, .aarch64, .riscv] {
    _ = HardwareCapabilities(machine: machine)?.names(of: entry.key, entry.value)
  }
}

/// Reads a core file: its vector, the strings that the vector points at, and the image of the vDSO in its memory.
func fuzzCore(_ input: [UInt8]) {
  let core: CoreMemory
  do throws(ELFError) { core = try CoreMemory(bytes: input) } catch { return claimIsOneLine("\(error)") }
  do {
    let vector = try AuxiliaryVector(ofCore: core)
    for entry in vector.entries { _ = entry.followed(in: core) }
    _ = try VDSOImage(in: core, at: vector[.vdso] ?? 0).fingerprint()
  } catch {
    claimIsOneLine("\(error)")
  }
}
