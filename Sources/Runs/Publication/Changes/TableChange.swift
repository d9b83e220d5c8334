import Frames
import PipelineFiles

/// How many members two publications of a table have in common, by key.
public struct TableChange: Sendable, Hashable {
  /// Rows of the new publication, and of the one that it is compared with.
  public let rows: Int
  public let rowsBefore: Int
  public let added: Int
  public let removed: Int
  /// Rows that both have and that differ in a column.
  public let changed: Int
  /// Of those, the rows that differ in a column that `max_change` looks at.
  let counted: Int
  /// Rows that differ in a column, for those in which any does; in the order of the table.
  public let columns: [Column]

  public struct Column: Sendable, Hashable {
    public let name: String
    public let rows: Int
  }

  /// Rows that differ in what is looked at, as a share of the rows before; nil where there were none.
  public var share: Double? {
    rowsBefore == 0 ? nil : Double(added + removed + counted) / Double(rowsBefore)
  }

  init(
    rows: Int, rowsBefore: Int, added: Int, removed: Int, changed: Int, counted: Int,
    columns: [Column]
  ) {
    self.rows = rows
    self.rowsBefore = rowsBefore
    self.added = added
    self.removed = removed
    self.changed = changed
    self.counted = counted
    self.columns = columns
  }

  /// Nil where it is not the JSON of one.
  init?(_ json: JSONValue?) {
    func count(_ key: String) -> Int? {
      if case .integer(let value)? = json?[key] { value } else { nil }
    }
    guard let rows = count("rows"), let before = count("rows_before"), let added = count("added"),
      let removed = count("removed"), let changed = count("changed"),
      case .array(let columns)? = json?["columns"]
    else { return nil }
    self.init(
      rows: rows, rowsBefore: before, added: added, removed: removed, changed: changed,
      counted: count("counted") ?? changed,
      columns: columns.compactMap { column in
        guard let name = column["column"]?.string, case .integer(let rows)? = column["rows"] else {
          return nil
        }
        return Column(name: name, rows: rows)
      })
  }

  public var json: JSONValue {
    .object([
      "rows": .integer(rows), "rows_before": .integer(rowsBefore), "added": .integer(added),
      "removed": .integer(removed), "changed": .integer(changed), "counted": .integer(counted),
      "share": share.map { .number($0) } ?? .null,
      "columns": .array(
        columns.map { .object(["column": .string($0.name), "rows": .integer($0.rows)]) }),
    ])
  }

  /// `12 rows added, 3 removed, 40 changed`
  public var text: String {
    "\(added) \(added == 1 ? "row" : "rows") added, \(removed) removed, \(changed) changed"
  }

  /// Why it is more than a limit allows; nil where it is not.
  /// - Parameter base: what it is compared with, for the message.
  func objection(to table: String, _ limit: ChangeLimit?, base: String) -> String? {
    guard let limit, let share, share > limit.share else { return nil }
    let isCounted = limit.columns == nil && counted == changed
    let looked =
      limit.columns?.isEmpty == true
      ? ", changes not counted" : isCounted ? "" : ", \(counted) of them in what max_change counts"
    return "\(table): \(Self.percent(share)) of the \(rowsBefore) rows of \(base) would change "
      + "(\(text)\(looked)), and max_change is \(Self.percent(limit.share))"
  }

  /// A share as people write it: never rounded down to the limit that it exceeds.
  public static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded(.up) / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))%" : "\(tenths)%"
  }
}
