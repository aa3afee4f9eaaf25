// SPDX-License-Identifier: Apache-2.0

import ConsumerContract
import ELF
import VDSOResolver

/// Reads an image in a file: every request gives a result or an error.
func fuzzFile(_ input: [UInt8]) {
  checked { () throws(ELFError) in
    let image = try ELFImage(bytes: input)
    exercise(image)
    for violation in ConsumerContract.violations(in: image) { claimIsOneLine(violation.finding) }
  }
}

/// Reads an image as it lies in memory, in front of a page that can't be read, through libelf and in place.
func fuzzMemory(_ input: [UInt8]) {
  checked { () throws(ELFError) in
    exercise(try unsafe ELFImage(mappedAt: GuardedMemory.shared.pointer(to: input), byteCount: input.count))
  }
  checked { () throws(ELFError) in
    try exerciseInPlace(unsafe GuardedMemory.shared.pointer(to: input), input.count)
  }
  checked { () throws(ELFError) in
    let object = try SharedObject(memory: input)
    _ = SharedObject.extent(of: object.programHeaders)
    do throws(TrapReason) {
      let image = try VDSOImage(object, mappedAt: 0x7fff_0000_0000)
      for function in VDSOFunction.allCases {
        if case .trap(let reason) = image.resolve(function) { claimIsOneLine("\(reason)") }
      }
    } catch {
      claimIsOneLine("\(error)")
    }
  }
}

/// Runs `body`. The text of an error must be one line with the flaw's position.
func checked(_ body: () throws(ELFError) -> Void) {
  do throws(ELFError) { try body() } catch { claimIsOneLine("\(error)") }
}

/// Requests everything from an image. The parts are independent: a damaged one doesn't keep others from being read.
private func exercise(_ image: borrowing ELFImage) {
  // A closure with a typed rethrow can't capture a borrowed image, so each request has a `do` of its own.
  do throws(ELFError) { _ = try image.programHeaders() } catch { claimIsOneLine("\(error)") }
  do throws(ELFError) { _ = try image.interpreter() } catch { claimIsOneLine("\(error)") }
  do throws(ELFError) { _ = try image.notes() } catch { claimIsOneLine("\(error)") }
  do throws(ELFError) { _ = try image.buildID() } catch { claimIsOneLine("\(error)") }
  do throws(ELFError) { _ = try image.dynamicTable() } catch { claimIsOneLine("\(error)") }
  for lookup in [nil, .gnuHash, .hash, .linear] as [DynamicSymbols.Lookup?] {
    do throws(ELFError) { try exercise(image.dynamicSymbols(lookup: lookup)) } catch { claimIsOneLine("\(error)") }
  }
}

/// The symbol that a lookup finds must have the name or address that was looked up.
private func exercise(_ symbols: DynamicSymbols) throws(ELFError) {
  for index in 0..<min(symbols.count, 64) {
    let symbol = try symbols.symbol(at: index)
    if let found = try symbols.symbol(named: symbol.name) {
      claim(found.name == symbol.name && found.isDefined, "looking up \(symbol.name) found \(found.name)")
    }
    if let version = symbol.version, let found = try symbols.symbol(named: symbol.name, version: version) {
      claim(found.version == version, "looking up version \(version) found \(found.version ?? "none")")
    }
    if let found = try symbols.symbol(containing: symbol.value) {
      claim(found.value <= symbol.value, "address \(symbol.value) is below the symbol found, \(found.value)")
    }
  }
  _ = try symbols.symbol(named: "__vdso_clock_gettime", version: "LINUX_2.6")
  _ = try symbols.defined()
}

/// Reads an image in place. Looking up the name of an enumerated symbol must find that symbol or another one of the same name.
private func exerciseInPlace(_ image: UnsafeRawPointer, _ count: Int) throws(ELFError) {
  let object = try unsafe MappedObject(mappedAt: UInt(bitPattern: image), byteCount: UInt(count))
  var left = 64
  try object.forEachSymbol { symbol throws(ELFError) in
    if let found = try unsafe object.symbol(named: symbol.name, version: symbol.version) {
      claim(unsafe String(cString: found.name) == String(cString: symbol.name), "a lookup found another name")
    }
    _ = object.isCode(symbol.value)
    left -= 1
    return left > 0
  }
}
