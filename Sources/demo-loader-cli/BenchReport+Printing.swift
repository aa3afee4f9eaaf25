// SPDX-License-Identifier: Apache-2.0

import Charts

extension BenchReport {
  /// A table of medians for each word size, with the ratios that matter.
  var text: String {
    let note = hasCounter ? "" : "\n\nThis machine has no invariant counter: the host's clock was used instead."
    return [64, 32].compactMap(table).joined(separator: "\n\n") + note
  }

  private func table(_ bits: Int) -> String? {
    let rows = calls.filter { $0.bits == bits }
    guard let first = rows.first else { return nil }
    let ways = BenchWay.allCases.filter { way in
      !way.isLimit && rows.contains { $0.ways.contains { $0.way == way.title } }
    }
    let limits = first.ways.filter { cost in BenchWay.allCases.contains { $0.isLimit && $0.title == cost.way } }
    let limit = limits.map { "\($0.way) \(Self.number($0.median, 2))" }.joined(separator: ", ")
    let table = Table.text(
      columns: ["nanoseconds per call"] + ways.map(\.title) + ["tsc / kernel", "tsc / counter"],
      rows: rows.map { row in
        let cells = ways.map { way in Self.number(row.ways.first { $0.way == way.title }?.median, 2) }
        let ours = row.ways.first { $0.way == BenchWay.counterPage.title }
        return [row.call] + cells + [Self.number(ours?.ofKernelPage, 3), Self.number(ours?.ofLimit, 3)]
      })
    return "\(bits)-bit programs; the bare counter read: \(limit)\n\(table)"
  }

  /// One line for each word size, call and way.
  var commaSeparated: String {
    let head = "bits,call,way,samples,minimum,median,p90,p99,p999,maximum,of_limit,of_kernel_page"
    let lines = calls.flatMap { call in
      call.ways.map { cost in
        let numbers = [
          cost.minimum, cost.median, cost.p90, cost.p99, cost.p999, cost.maximum, cost.ofLimit, cost.ofKernelPage,
        ]
        return (["\(call.bits)", call.call, cost.way, "\(cost.samples)"] + numbers.map { $0.map { "\($0)" } ?? "" })
          .joined(separator: ",")
      }
    }
    return ([head] + lines).joined(separator: "\n")
  }

  /// A picture of the medians, with a panel for each word size and a group for each call.
  var chart: DotChart {
    DotChart(
      title: "What a call costs in each way",
      note:
        "median, with the range from the minimum to the 99th percentile; the dashed line is the counter read alone",
      panels: [64, 32].compactMap { bits in
        let groups = calls.filter { $0.bits == bits }.map { call in
          DotChart.Group(
            name: call.call,
            rows: call.ways.map { cost in
              DotChart.Row(
                name: cost.way, low: cost.minimum, middle: cost.median, high: cost.p99,
                isOurs: cost.way.hasPrefix("our page") || cost.way == BenchWay.shim.title)
            })
        }
        let limit = calls.first { $0.bits == bits }?.ways.filter { $0.ofLimit == 1 }.first?.median
        return groups.isEmpty
          ? nil
          : DotChart.Panel(name: "\(bits)-bit programs", unit: "nanoseconds per call", limit: limit, groups: groups)
      }, sharesScale: true)
  }

  private static func number(_ number: Double?, _ decimals: Int) -> String {
    number.map { Table.number($0, decimals: decimals) } ?? ""
  }
}
