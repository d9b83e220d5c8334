import Diagnostics
import PipelineFiles
import Runs
import State

/// What a run changes, for people and for programs.
struct ComparisonText {
  private let comparison: RunComparison

  init(_ comparison: RunComparison) { self.comparison = comparison }

  private var run: RunRecord { comparison.run }

  var lines: [String] {
    var lines = [
      "run \(run.id) of \(run.pipeline) as of \(run.asOf.shortText(in: run.zone)), \(run.outcome)"
    ]
    if run.state == .held, let error = run.error { lines.append("held because \(error)") }
    guard !comparison.tables.isEmpty else { return lines + ["it has loaded nothing"] }
    lines += [""] + counts.lines
    for table in comparison.tables {
      lines += details(table)
    }
    if run.state == .held {
      lines += ["", "publish it: roost approve \(run.id); let it go: roost cancel \(run.id)"]
    }
    return lines
  }

  private var counts: TextTable {
    var counts = TextTable([
      ("table", .left), ("against", .left), ("rows", .right), ("before", .right),
      ("added", .right), ("removed", .right), ("changed", .right), ("change", .right),
    ])
    for table in comparison.tables {
      let against = table.base.map { base in
        "run \(base.run)" + (base.asOf.map { ", \($0.shortText(in: run.zone))" } ?? "")
      }
      let change = table.change
      func number(_ value: Int?) -> String { value.map(Quantities.grouped) ?? "" }
      counts.rows.append([
        table.name, against ?? (table.mode == .snapshot ? "" : "its rows"),
        number(table.rows), number(change?.rowsBefore), number(change?.added),
        number(change?.removed), number(change?.changed),
        change?.share.map(TableChange.percent) ?? "",
      ])
    }
    return counts
  }

  private func details(_ table: RunComparison.Table) -> [String] {
    var lines: [String] = []
    if let remark = table.remark { lines.append("  \(remark)") }
    if let columns = table.change?.columns, !columns.isEmpty {
      var counts = TextTable([("  changed column", .left), ("rows", .right)])
      counts.rows = columns.map { ["  \($0.name)", Quantities.grouped($0.rows)] }
      lines += counts.lines
    }
    if let keys = table.keys {
      let kinds = [("added", keys.added), ("removed", keys.removed), ("changed", keys.changed)]
      for (kind, list) in kinds where !list.isEmpty {
        let texts = list.map { $0.map(SafeText.line).joined(separator: "/") }
        lines.append(
          "  \(kind) \(keys.columns.joined(separator: "/")): \(texts.joined(separator: ", "))")
      }
    }
    return lines.isEmpty ? [] : ["", table.name] + lines
  }

  var json: JSONValue {
    guard case .object(var object) = run.json else { return run.json }
    object["tables"] = .array(comparison.tables.map(json))
    return .object(object)
  }

  private func json(_ table: RunComparison.Table) -> JSONValue {
    .object([
      "table": .string(table.name), "mode": .string(table.mode.rawValue),
      "against": table.base.map {
        .object([
          "run": .integer($0.run), "as_of": $0.asOf.map { .string($0.rfc3339) } ?? .null,
        ])
      } ?? .null,
      "rows": .integer(table.rows), "change": table.change?.json ?? .null,
      "remark": table.remark.map { .string($0) } ?? .null,
      "keys": table.keys.map { keys in
        func list(_ rows: [[String]]) -> JSONValue {
          .array(
            rows.map { row in
              .object(
                Dictionary(
                  zip(keys.columns, row.map { .string($0) }), uniquingKeysWith: { a, _ in a }))
            })
        }
        return .object([
          "added": list(keys.added), "removed": list(keys.removed), "changed": list(keys.changed),
        ])
      } ?? .null,
    ])
  }
}
