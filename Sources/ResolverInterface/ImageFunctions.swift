// SPDX-License-Identifier: Apache-2.0

// The C interface to images. It doesn't use libc.
//
// Assumes: strings are null-terminated, vectors end with AT_NULL, and `symbol` points to a structure, as the header requires. The image is
// tested for readability page by page.

public import CVDSOShim
internal import MappedELF
internal import VDSOCalls

@c @implementation
public func vdso_auxiliary_value(
  _ vector: UnsafePointer<UInt>!, _ key: UInt, _ value: UnsafeMutablePointer<UInt>!
) -> Int32 {
  guard var entry = unsafe vector else { return 0 }
  while unsafe entry[0] != 0 {
    if unsafe entry[0] == key {
      unsafe value?.pointee = entry[1]
      return 1
    }
    unsafe entry += 2
  }
  return 0
}

@c @implementation
public func vdso_find_symbol(
  _ image: UnsafeRawPointer!, _ name: UnsafePointer<CChar>!, _ version: UnsafePointer<CChar>!,
  _ symbol: UnsafeMutablePointer<vdso_symbol>!
) -> Int32 {
  unsafe inImage(image) { object throws(ELFError) in
    guard let name = unsafe name, let found = unsafe try object.symbol(named: name, version: version) else { return 0 }
    unsafe symbol?.pointee = vdso_symbol(found, object)
    return 1
  }
}

@c @implementation
public func vdso_find_address(
  _ image: UnsafeRawPointer!, _ address: UnsafeRawPointer!, _ symbol: UnsafeMutablePointer<vdso_symbol>!
) -> Int32 {
  unsafe inImage(image) { object throws(ELFError) in
    let wanted = UInt(bitPattern: address) &- object.loadBias
    var result: Int32 = 0
    try object.forEachSymbol { found in
      let isInside = !found.isAbsolute && wanted >= found.value && wanted - found.value < max(found.size, 1)
      if isInside {
        unsafe symbol?.pointee = vdso_symbol(found, object)
        result = 1
      }
      return !isInside
    }
    return result
  }
}

@c @implementation
public func vdso_visit_symbols(
  _ image: UnsafeRawPointer!,
  _ visit: (@convention(c) (UnsafePointer<vdso_symbol>?, UnsafeMutableRawPointer?) -> Int32)!,
  _ context: UnsafeMutableRawPointer!
) -> Int32 {
  unsafe inImage(image) { object throws(ELFError) in
    var result: Int32 = 0
    try object.forEachSymbol { found in
      var symbol = unsafe vdso_symbol(found, object)
      result = unsafe visit(&symbol, context)
      return result == 0
    }
    return result
  }
}

/// What `body` returns of the image, or -1 if there is none or it is damaged.
private func inImage(_ image: UnsafeRawPointer?, _ body: (MappedObject) throws(ELFError) -> Int32) -> Int32 {
  do throws(TrapReason) {
    let object = try MappedVDSO(mappedAt: UInt64(UInt(bitPattern: image))).object
    do throws(ELFError) { return try body(object) } catch { throw .damaged(error) }
  } catch {
    return -1
  }
}

extension vdso_symbol {
  fileprivate init(_ symbol: MappedSymbol, _ object: MappedObject) {
    unsafe self.init(
      name: symbol.name, version: symbol.version,
      address: symbol.isAbsolute ? symbol.value : object.loadBias &+ symbol.value,
      size: Int(bitPattern: symbol.size),
      type: symbol.type.rawValue, binding: symbol.binding.rawValue, is_absolute: symbol.isAbsolute ? 1 : 0)
  }
}
