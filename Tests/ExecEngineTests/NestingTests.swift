// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ExecEngine

@Suite("Sessions inside sessions")
struct NestingTests {
  private static let calls =
    [InterceptedCall].executing + [
      InterceptedCall(.x86_64, 228, where: [.init(argument: 0, value: 0)]),
      InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x7f, value: 9)], unlessNull: 3),
      InterceptedCall(.i386, 286, where: [.init(argument: 0, value: 5), .init(argument: 3, mask: 1, value: 1)]),
    ]

  @Test("tells inner sessions which calls are intercepted, and refuses requests that it doesn't understand")
  func greeting() throws {
    let (outer, inner) = try #require(NestingChannel.pair())
    defer {
      close(outer.descriptor)
      close(inner)
    }
    outer.greet(Self.calls)
    let greeting = try #require(NestingChannel(descriptor: inner).receiveGreeting())
    #expect(greeting.supervisor == getpid() && greeting.calls == Self.calls)
    for packet in [[], [1, 0, 0, 0], [2, 0, 0, 0, 1, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9, 9]] as [[UInt8]] {
      #expect(unsafe send(outer.descriptor, packet, packet.count, 0) == packet.count)
      #expect(NestingChannel(descriptor: inner).receiveGreeting() == nil, "\(packet)")
    }
  }

  @Test("treats a call as intercepted if everything that it needs is")
  func covering() {
    let wide = InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x7f, value: 9)])
    let narrow = InterceptedCall(.x86_64, 202, where: [.init(argument: 1, mask: 0x17f, value: 0x109)], unlessNull: 3)
    #expect(wide.covers(wide) && wide.covers(narrow) && !narrow.covers(wide))
    #expect(InterceptedCall(.x86_64, 202).covers(narrow) && !wide.covers(InterceptedCall(.x86_64, 202)))
    #expect(!wide.covers(InterceptedCall(.i386, 202, where: wide.conditions)))
    #expect(!InterceptedCall(.x86_64, 202, unlessNull: 2).covers(narrow))
    let both = InterceptedCall(
      .i386, 286, where: [.init(argument: 0, value: 5), .init(argument: 3, mask: 1, value: 1)])
    #expect(InterceptedCall(.i386, 286, where: [.init(argument: 0, value: 5)]).covers(both))
    #expect(!both.covers(InterceptedCall(.i386, 286, where: [.init(argument: 0, value: 5)])))
  }

  @Test("forwards notifications to inner sessions, and takes answers with results and descriptors")
  func notifications() throws {
    let (outer, end) = try #require(NestingChannel.pair())
    let inner = NestingChannel(descriptor: end)
    let table = try PendingNotifications()
    let session = CallNotification(
      id: 7, place: 0, thread: 12, abi: .i386, number: 11, arguments: [1, 2, 3, 4, 5, .max], programCounter: 99)
    #expect(outer.handOn(session, thread: 3))
    let received = try #require(table.receive(from: end, 0, at: 5, isHandedOn: true))
    #expect(received.id == 7 && received.thread == 3 && received.arguments == session.arguments && received.place == 5)
    // If a supervisor was replaced, it forwards a notification again that is already pending.
    #expect(outer.handOn(session, thread: 3))
    #expect(table.receive(from: end, 0, at: 6, isHandedOn: true) == nil && table.notifications.count == 1)
    inner.answer(received, .result(-14))
    guard case .result(7, -14) = outer.receiveAnswer() else { return #expect(Bool(false), "no result") }
    inner.answer(received, withCopyOf: end)
    guard case .file(7, let copy) = outer.receiveAnswer() else { return #expect(Bool(false), "no descriptor") }
    close(copy)
    guard case .nothing = outer.receiveAnswer() else { return #expect(Bool(false), "something") }
    inner.leave()
    close(end)
    guard case .disconnect = outer.receiveAnswer(), case .end = outer.receiveAnswer(), outer.isHungUp else {
      return #expect(Bool(false), "no end")
    }
    close(outer.descriptor)
  }
}
