import SimulatedKernel
import VDSOResolver

/// Which page a program gets, and how the four calls resolve in it, for people.
struct PageDescription {
  var header: UInt64
  var clockSource: ClockSource
  var engine: Engine
  var image: VDSOImage?

  var lines: [String] {
    let page =
      "demo-loader: our page at 0x\(String(header, radix: 16)), clock source \(clockSource.rawValue), engine \(engine.rawValue)"
    guard let image else { return [page] }
    let calls: [VDSOFunction] = [.clockGettime, .gettimeofday, .time, .getpid]
    return [page] + calls.map { "demo-loader: \($0.name): \(image.resolve($0).description)" }
  }
}
