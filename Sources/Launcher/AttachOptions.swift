// SPDX-License-Identifier: Apache-2.0

import ProcessAttachment
public import TimePages
public import VirtualTime

/// The options and the process of `demo-loader attach`.
public struct AttachOptions: Hashable, Sendable {
  public var process: Int32
  /// Whether its descendants are meant as well, or all processes of its PID namespace.
  public var includesTree = false
  public var includesNamespace = false
  /// Where the page's time comes from.
  public var clockSource = ClockSource.host
  /// The time that the process is to see; nil for the host's.
  public var time: TimeRequest?
  /// The path of a socket through which the time can be changed, in addition to the process's number.
  public var control: [UInt8]?
  /// Whether programs that the process executes get the page, and system calls that bypass it are answered; nil if this
  /// shall depend on whether it takes rights from the process.
  public var follow: Bool?
  /// Whether system calls that bypass the page get its time; nil if this shall depend on whether they can be intercepted.
  public var strict: Bool?

  public init(process: Int32) {
    self.process = process
  }

  var extent: AttachTarget.Extent { includesNamespace ? .namespace : includesTree ? .tree : .process }

  /// Whether processes are attached to that enter the namespace later.
  var watchesNamespace: Bool { includesNamespace && follow != false }

  /// The same as the options of a program that is started.
  var asRunOptions: RunOptions {
    var options = RunOptions(program: [])
    options.time = time
    options.clockSource = clockSource
    options.answeredScope = time?.scope ?? .realtime
    options.follow = follow
    options.strict = strict
    options.control = control
    return options
  }

  /// The option, as users write it, that needs intercepted calls; nil if there is none.
  var optionThatNeedsFilter: String? { asRunOptions.optionThatTakesFollowing }

  /// Throws where the options can't go together.
  func check() throws(AttachError) {
    guard follow == false, let option = optionThatNeedsFilter, option != "--follow" else { return }
    throw AttachError("\(option) needs intercepted system calls, which --no-follow turns off: omit one of them")
  }
}
