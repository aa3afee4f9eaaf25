// SPDX-License-Identifier: Apache-2.0

import ProcessSupport

/// Detects what confines this process, as far as files show it.
enum Sandbox {
  /// The sandboxes of this process, in words.
  static var here: [String] {
    found(
      version: SmallFile.text("/proc/version") ?? "", label: SmallFile.line("/proc/self/attr/current"),
      container: SmallFile.line("/run/systemd/container"), hasDockerMark: SmallFile.text("/.dockerenv") != nil,
      hasPodmanMark: SmallFile.text("/run/.containerenv") != nil)
  }

  /// `version` is the content of /proc/version, `label` a security module's name for the process, and `container` the name that the
  /// container's manager has set.
  static func found(
    version: String, label: String?, container: String?, hasDockerMark: Bool, hasPodmanMark: Bool
  ) -> [String] {
    var found: [String] = []
    // A kernel in user space has its own clock page, or none.
    if version.contains("gVisor") || version == "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n" {
      found.append("gVisor")
    }
    if version.contains("Microsoft") && !version.contains("WSL2") {
      found.append("the first Windows Subsystem for Linux")
    }
    if let label, label != "unconfined", !label.isEmpty, !label.hasPrefix("unconfined_u") && !label.hasPrefix("kernel")
    {
      found.append("a security module's profile, \(label)")
    }
    if let container {
      found.append("a container (\(container))")
    } else if hasPodmanMark {
      found.append("a container (podman)")
    } else if hasDockerMark {
      found.append("a container (docker)")
    }
    return found
  }
}
