// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Launcher

// The launcher. It starts programs, and executes demo-loader-cli for every other use: a full argument parser takes longer to start than a
// short program takes to run.
//
// Assumes that the argument vector is the C library's, which lives as long as the process.

#if hasFeature(Embedded)
  @c(main)
  public func main(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    unsafe startWithRoom(count, arguments)
  }
#else
  @main
  struct Main {
    static func main() {
      unsafe startWithRoom(CommandLine.argc, CommandLine.unsafeArgv)
    }
  }
#endif

/// Some programs run on stacks that are too small for this one.
private func startWithRoom(_ count: Int32, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Never {
  unsafe linux_run_with_room(count, vector) { count, vector in
    if let vector = unsafe vector { unsafe start(count, vector) }
  }
}

private func start(_ count: Int32, _ vector: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Never {
  var arguments: [[UInt8]] = []
  for index in 1..<max(1, Int(count)) {
    guard let argument = unsafe vector[index] else { break }
    unsafe arguments.append(UnsafeRawBufferPointer(start: argument, count: strlen(argument)).map { $0 })
  }
  if let options = RunOptions(scanning: arguments) {
    Launcher.run(options)
  }
  unsafe CommandLineInterface.execute(vector)
}
