// SPDX-License-Identifier: Apache-2.0

extension SimulatedKernel {
  /// Attempts to publish in time, each with readings of its own.
  private static var attempts: Int { 4 }

  /// Takes note that an interval has passed and publishes the new state: what a timer interrupt does in a kernel.
  ///
  /// A state that couldn't be published in time, because this process didn't run, is made again; after some attempts the old one stays.
  public mutating func refresh(_ page: TimePage) {
    for _ in 0..<Self.attempts {
      var next = self
      next.tick()
      if page.publish(next.timeData, while: { next.isTimely }) {
        self = next
        return
      }
    }
  }

  /// Goes on where the timekeeper of `page` before this one has ended, and publishes a state that no reader finds behind its last.
  public mutating func takeOver(_ page: TimePage) {
    let published = page.published
    // A state that comes too late would be behind: each attempt is one more chance on a busy machine.
    for _ in 0..<25 * Self.attempts {
      takeOver(from: published)
      if page.publish(timeData, while: { isTimely }) { return }
    }
  }
}
