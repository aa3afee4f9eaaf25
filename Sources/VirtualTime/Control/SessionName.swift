// SPDX-License-Identifier: Apache-2.0

/// A name under which a session of programs can be reached.
enum SessionName: Hashable, Sendable {
  /// The path of a socket, which exists while the session does.
  case file([UInt8])
  /// The number of the memory file of its time page, which all its programs map.
  case page(UInt64)

  static let filePrefix = ".vdso-time-"
  static let abstractPrefix = "vdso-time/"

  /// The name as a socket's address: a path, or after a null a name without a file.
  var bytes: [UInt8] {
    switch self {
    case .file(let path): path
    case .page(let number): [0] + Array("\(Self.abstractPrefix)\(number)".utf8)
    }
  }

  /// The file of the session of a time page. Its name as a page works only within one network namespace.
  ///
  /// `user` is the session's; `root` is the path of another root directory, if any.
  static func file(ofPage number: UInt64, user: UInt32, root: String = "") -> SessionName {
    .file(Array("\(root)\(folder(of: user, root: root))/\(filePrefix)\(number)".utf8))
  }

  /// The directory of a user's files of this kind.
  static func folder(of user: UInt32, root: String = "") -> String {
    let own = "/run/user/\(user)"
    return FileInUse.isFolder(root + own) ? own : "/tmp"
  }

  /// The session of the time page in a process's mappings, given as the text of /proc/PID/maps; nil if there is none.
  static func page(inMappings text: String) -> SessionName? {
    for line in text.split(separator: "\n") where line.hasSuffix("/memfd:vdso-time (deleted)") {
      // The fields are addresses, protection, offset, device, inode number, path.
      let fields = line.split(separator: " ")
      if fields.count > 5, let number = UInt64(fields[4]) { return .page(number) }
    }
    return nil
  }
}

extension SessionName: CustomStringConvertible {
  var description: String {
    switch self {
    case .file(let path): String(decoding: path, as: UTF8.self)
    case .page: "the supervisor of the session"
    }
  }
}
