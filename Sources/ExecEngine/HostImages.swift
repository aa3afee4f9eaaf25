import AuxvLoader
import ELF
import SimulatedKernel
import VDSOResolver

/// The kernel's own vDSO images. They lie at another address in each process, but are the same for all of one width: each
/// is read once.
struct HostImages {
  private var objects: [ELFClass: SharedObject]

  /// Starts with this process's own image.
  init() {
    objects = (try? VDSOImage.ofThisProcess()).map { [.native: $0.object] } ?? [:]
  }

  /// The entry points of the kernel's image at `address` in the process, none where there is no readable image.
  mutating func entryPoints(at address: UInt64, in memory: ProcessMemory, _ width: ELFClass) -> HostEntryPoints {
    if objects[width] == nil {
      objects[width] = (try? VDSOImage(in: memory, at: address))?.object
    }
    return HostEntryPoints(objects[width].flatMap { try? VDSOImage($0, mappedAt: address) })
  }
}
