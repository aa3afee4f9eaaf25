/// What the kernel says of a task's rights, its tracer and its filters on system calls. The corresponding file is
/// /proc/PID/status.
struct TaskStatus: Hashable {
  /// The name of its program, at most 15 bytes.
  private(set) var name = ""
  /// The number of its process.
  private(set) var process: Int32?
  private(set) var parent: Int32 = 0
  /// The process that traces it, or 0.
  private(set) var tracer: Int32 = 0
  private(set) var effectiveUser: UInt32?
  /// Its user and group, where real, effective and saved ones are the same.
  private(set) var onlyUser: UInt32?
  private(set) var onlyGroup: UInt32?
  /// The real, effective, saved and file system's user.
  private(set) var users: [UInt32] = []
  /// Its numbers, from this process's namespace down to its own.
  private(set) var numbers: [Int32] = []
  private(set) var effectiveCapabilities: UInt64 = 0
  /// Whether it lives under filters, or in strict mode.
  private(set) var isFiltered = false
  /// How many filters it lives under, the inherited ones included; nil where the kernel doesn't say, before Linux 5.9.
  private(set) var filterCount: Int?

  /// This process's own, by a name that asks for no call more; nil without /proc.
  static var ofThisProcess: TaskStatus? {
    let text = ProcFile.contents(of: "/proc/self/status")
    return text.isEmpty ? nil : TaskStatus(text: text)
  }

  /// Reads it; nil where the task is gone or not to be seen.
  init?(of task: Int32) {
    let text = ProcFile.contents(of: "/proc/\(task)/status")
    guard !text.isEmpty else { return nil }
    self.init(text: text)
  }

  init(text: [UInt8]) {
    for line in text.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let fields = line[(colon + 1)...].split(separator: UInt8(ascii: "\t"))
      guard let first = fields.first else { continue }
      func value(_ field: ArraySlice<UInt8>) -> String { String(decoding: field, as: UTF8.self) }
      let key = line[..<colon]
      if key.elementsEqual("Name".utf8) { name = value(first) }
      if key.elementsEqual("Tgid".utf8) { process = Int32(value(first)) }
      if key.elementsEqual("PPid".utf8) { parent = Int32(value(first)) ?? 0 }
      if key.elementsEqual("NSpid".utf8) { numbers = fields.compactMap { Int32(value($0)) } }
      if key.elementsEqual("Uid".utf8) { users = fields.compactMap { UInt32(value($0)) } }
      if key.elementsEqual("TracerPid".utf8) { tracer = Int32(value(first)) ?? 0 }
      if key.elementsEqual("Uid".utf8), fields.count > 1 { effectiveUser = UInt32(value(fields[1])) }
      func onlyID() -> UInt32? {
        fields.count > 2 && fields[0] == fields[1] && fields[1] == fields[2] ? UInt32(value(fields[0])) : nil
      }
      if key.elementsEqual("Uid".utf8) { onlyUser = onlyID() }
      if key.elementsEqual("Gid".utf8) { onlyGroup = onlyID() }
      if key.elementsEqual("CapEff".utf8) { effectiveCapabilities = UInt64(value(first), radix: 16) ?? 0 }
      if key.elementsEqual("Seccomp".utf8) { isFiltered = value(first) != "0" }
      if key.elementsEqual("Seccomp_filters".utf8) { filterCount = Int(value(first)) }
    }
  }

  /// Whether it lives under more filters than `count`, which are those of a session's tasks; false where one isn't known.
  func hasFilters(beyond count: Int?) -> Bool {
    guard let count, let filterCount else { return false }
    return filterCount > count
  }

  /// Whether it may do what `other` may not: one that traces `other` then has a say about it.
  func outranks(_ other: TaskStatus) -> Bool {
    effectiveUser != other.effectiveUser || effectiveCapabilities & ~other.effectiveCapabilities != 0
  }
}
