// SPDX-License-Identifier: Apache-2.0

import AuxvLoader
import CLinux
import ELF
import ProcessSupport
import SimulatedKernel
import VDSOResolver

/// What a task gets as its vDSO, and where.
struct CodeChoice {
  enum Code {
    /// No vDSO: the entry in its auxiliary vector is removed.
    case none
    /// These bytes, whole pages, in a file of its own.
    case own([UInt8])
    /// A page that is in the session's file.
    case shared(SharedCodePage)

    /// The size of the code page; nil if there is none.
    var size: Int? {
      switch self {
      case .none: nil
      case .own(let bytes): bytes.count
      case .shared(let page): page.size
      }
    }
  }

  let code: Code
  /// The address of the pages, the time page first; nil to let the kernel choose.
  let base: UInt64?
  /// The bytes of the code page, if there is one and they were made for this task.
  let bytes: [UInt8]?

  /// Chooses for a task that has just been executed, with the kernel's image `kernel` in it; nil if the session has no page for its machine.
  init?(
    _ supply: PageProvider, _ host: inout HostImages, _ kernel: VDSOImage, in task: Int32, _ start: InitialStackView
  ) throws(SystemError) {
    let (width, header) = (start.format.elfClass, kernel.address)
    func place(_ size: Int, _ host: inout HostImages) -> UInt64? {
      host.place(
        InjectionPlan.header(base: 0) + UInt64(size), below: header, isFree: start.hasNothing(below: header), in: task,
        width)
    }
    if !supply.confirmsPages, let size = host.sharedSize(width), let base = place(size, &host),
      let page = host.sharedPage(at: header, from: InjectionPlan.header(base: base), width)
    {
      (code, self.base, bytes) = (.shared(page), base, nil)
      return
    }
    guard let image = supply.image(kernel.object.header.machine, host.entryPoints(of: kernel, width)) else {
      return nil
    }
    guard case .code(let page) = image, let longSize = image.codeSize(covering: true) else {
      (code, base, bytes) = (.none, nil, nil)
      return
    }
    let mayBeLong = linux_may_write_files(task, UInt64(longSize))
    if host.hasTables(width), let base = place(longSize, &host) {
      let address = InjectionPlan.header(base: base)
      let covering = host.covering(page, at: header, from: address, width)
      if let space = supply.sharedCode, let shared = host.share(covering, at: header, from: address, in: space, width) {
        (code, self.base, bytes) = (.shared(shared), base, covering)
        return
      }
      if mayBeLong {
        (code, self.base, bytes) = (.own(covering), base, covering)
        return
      }
    }
    if !mayBeLong, !linux_may_write_files(task, UInt64(page.count)) {
      throw SystemError("make the code page's file within the program's limit of ulimit -f", errno: .fileTooLarge)
    }
    (code, base, bytes) = (.own(page), place(page.count, &host), page)
  }
}
