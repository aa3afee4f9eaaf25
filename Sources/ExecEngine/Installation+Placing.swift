import AuxvLoader
import ELF

/// What the stopped task is made to do.
extension Installation {
  /// Has the task get what the pages need.
  mutating func request() throws(TaskError) {
    guard let borrowed else { return }
    if case .code(let code)? = image {
      phase = .requesting
      list = PagePlacement.request(borrowed.width, codeSize: code.count, asksForTimePage: timePage == nil)
    } else {
      phase = .placing
      list = CallList(borrowed.width)
      try appendVectorUpdate()
    }
    try borrowed.start(list)
  }

  /// Has the task put its pages in place.
  mutating func place() throws(TaskError) {
    guard let borrowed, case .code(let code)? = image else { return }
    let placement = try PagePlacement(code: code, results: try borrowed.results(of: list), timePage: timePage)
    header = placement.header
    try borrowed.memory.write(placement.contents, at: placement.identityPage)
    phase = .placing
    list = CallList(borrowed.width)
    placement.append(to: &list)
    try appendVectorUpdate()
    try borrowed.start(list)
  }

  /// Checks what the calls came to, and tells the program of its image.
  mutating func finish() throws(TaskError) -> Outcome? {
    guard let borrowed, let start, let image else { return nil }
    let results = try borrowed.results(of: list)
    var code: [UInt8]?
    if case .code(let bytes) = image { code = bytes }
    if code != nil, let error = results.prefix(PagePlacement.necessaryCalls).first(where: { $0 < 0 }) {
      throw TaskError("place the pages in the program", errno: Int32(clamping: -error))
    }
    try borrowed.memory.write(start.vectorBytes(withVDSO: header), at: start.vectorAddress)
    return .given(header: header, code: code, start)
  }

  /// Adds the call that changes the vector which the kernel shows in /proc/PID/auxv. It may be refused.
  private mutating func appendVectorUpdate() throws(TaskError) {
    guard let borrowed, let start,
      let bounds = MemoryBounds(stat: ProcFile.contents(of: "/proc/\(task.id)/stat"))
    else { return }
    let vector = start.vectorBytes(withVDSO: header)
    let place = borrowed.scratch + 2048
    try borrowed.memory.write(bounds.bytes(vector: place + 128, count: vector.count), at: place)
    try borrowed.memory.write(vector, at: place + 128)
    list.append(
      CallNumbers.numbers(borrowed.width).prctl, MemoryBounds.option, MemoryBounds.setMap, place,
      UInt64(MemoryBounds.byteCount), 0)
  }
}
