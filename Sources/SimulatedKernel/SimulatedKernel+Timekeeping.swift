// SPDX-License-Identifier: Apache-2.0

extension SimulatedKernel {
  /// How often to try to publish in time, each time with new readings.
  private static var attempts: Int { 4 }

  /// Publishes a new state after an interval has passed, as a timer interrupt does in a kernel.
  ///
  /// If a state couldn't be published in time, because this process didn't run, it is made again. After some attempts the old state stays.
  public mutating func refresh(_ page: TimePage) {
    for _ in 0..<Self.attempts {
      var next = self
      next.tick()
      var data = next.timeData
      // A state may be ahead that was published when a process was attached to.
      if clockSource == .tick { data.keepUp(with: page.published) }
      if page.publish(data, while: { next.isTimely }) {
        self = next
        return
      }
    }
  }

  /// Continues after the timekeeper of `page` has ended, and publishes a state that is not behind that timekeeper's last one for any
  /// reader.
  public mutating func takeOver(_ page: TimePage) {
    let published = page.published
    // A state that comes too late would be behind the last one. On a busy machine every attempt is another chance.
    for _ in 0..<25 * Self.attempts {
      takeOver(from: published)
      if page.publish(timeData, while: { isTimely }) { return }
    }
  }
}
