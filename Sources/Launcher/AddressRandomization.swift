// SPDX-License-Identifier: Apache-2.0

import ProgramLoader
import ExecEngine
import ProcessSupport

/// Whether a program, its stack and our pages lie at random addresses.
enum AddressRandomization {
  /// Switches it on or off for this process and the programs that replace it, as `setarch -R` does; nil leaves it as it is.
  ///
  /// If that is a change, this program executes itself again: its own stack and mappings, which both engines build on, lie where the old
  /// setting put them.
  ///
  /// `option` is the option that asks for it, as users write it.
  static func set(_ isOn: Bool?, for option: String) throws(StartError) {
    guard let isOn, Personality.current.randomizesAddresses != isOn else { return }
    Personality.current.settingRandomizesAddresses(to: isOn).adopt()
    guard Personality.current.randomizesAddresses == isOn else { throw StartError(Refusal(isOn: isOn, option: option)) }
    let error = ExecEngine.execute(
      Array("/proc/self/exe".utf8), arguments: ProcessEnvironment.arguments, environment: ProcessEnvironment.strings)
    throw StartError(SystemError("execute /proc/self/exe to restart at other addresses", errno: error))
  }

  private struct Refusal: Error, CustomStringConvertible {
    var isOn: Bool
    var option: String

    var description: String {
      "\(option): cannot switch address randomization \(isOn ? "on" : "off"): a seccomp filter here forbids personality; omit \(option)"
    }
  }
}
