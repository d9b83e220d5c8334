import Frames
import PipelineFiles
import PostgresFacts
import Relations

/// Loads rows beside those that are visible.
struct WriteWork: StageWork {
  let input: String
  let table: TargetTable
  /// Tables that show more of what the rows come from.
  let companions: [Companion]
  /// What must hold of the rows, or they are not published without a person's word.
  let expected: ExpectedRows?
  /// The pipeline's.
  let file: String

  struct Companion: Sendable {
    /// The stage that makes its rows.
    let source: String
    let table: TargetTable
  }

  private var tables: [TargetTable] { [table] + companions.map(\.table) }

  /// The tables, each with where its columns come from.
  var published: [PublishedRows] {
    [PublishedRows(table, rowsOf: input)]
      + companions.map { PublishedRows($0.table, rowsOf: $0.source) }
  }

  /// Of what it publishes all, and not those that can be read: a table must not lose a column in silence.
  func needs(beside others: [String]) -> NeededColumns {
    var needs: NeededColumns = Dictionary(
      others.map { ($0, expected?.needs(of: $0) ?? []) }, uniquingKeysWith: { a, _ in a })
    needs.updateValue(nil, forKey: input)
    return needs
  }

  var steps: [PlannedStep] {
    tables.map { PlannedStep(step($0)) } + conditions.map { PlannedStep($0) }
  }

  private func step(_ table: TargetTable) -> String {
    let key = table.key.joined(separator: ", ")
    let columns = "\(table.publishedFields.count) columns"
    switch table.mode {
    case .snapshot:
      let keep = table.keep.map { ", kept for \($0.description)" } ?? ""
      return "publish \(columns) as \(table.name) and \(table.name)_current, by \(key)\(keep)"
    case .upsert:
      return "at publication: change and add rows of \(table.name), \(columns) by \(key)"
    case .append: return "at publication: add rows to \(table.name), \(columns)"
    case .replace: return "at publication: replace the rows of \(table.name), \(columns) by \(key)"
    }
  }

  /// When the rows wait for a person's word.
  private var conditions: [String] {
    var conditions: [String] = []
    if let expected {
      let count = expected.checks.count
      conditions.append(
        count == 1 ? "an expectation does not hold" : "one of \(count) expectations does not hold")
    }
    if let limit = table.changeLimit {
      conditions.append("more than \(Share(limit.share)) of the last publication's rows change")
    }
    if let condition = table.dropLimit?.condition { conditions.append(condition) }
    return conditions.map { "hold the run for a person where \($0)" }
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let relation = try context.relation(input)
    let frame = try await relation.frame(asOf: context.asOf)
    let outcome = try await expected?.outcome(context)
    let violations = outcome?.violations ?? []
    try await context.publish(
      try keyed(frame, table), as: table,
      objections: context.enforcesExpectations ? violations.map(\.message) : [])
    var notes = ["\(table.name): \(frame.rowCount) rows"] + (outcome?.notes ?? [])
    for companion in companions {
      let name = companion.table.name
      let source = try context.relation(companion.source)
      guard let other = source.companions[name.name] else {
        throw StageFailure("stage \(companion.source) handed on no \(name.name)")
      }
      let rows = try await other.frame(asOf: context.asOf)
      try await context.publish(try keyed(rows, companion.table), as: companion.table)
      notes.append("\(name): \(rows.rowCount) rows")
    }
    return StageResult(
      output: .nothing, rows: frame.rowCount, notes: notes,
      warnings: violations.warnings(PreviewedNight(file, context)) + emptiness(frame),
      details: try outcome.map { try JSONValue(details: $0.details) } ?? .object([:]))
  }

  /// That nobody will find a row, where that is not expected.
  private func emptiness(_ frame: Frame) -> [String] {
    guard frame.rowCount == 0, table.dropLimit?.allowsEmpty != true else { return [] }
    return ["there are no rows for \(table.name); stage \(input) made none"]
  }

  /// The frame, once its key is known to identify its rows.
  private func keyed(_ frame: Frame, _ table: TargetTable) throws -> Frame {
    let columns = try frame.columns(table.key)
    let name = "\(table.name)"
    for (column, key) in zip(columns, table.key) where column.nullCount > 0 {
      throw StageFailure(
        "\(column.nullCount) rows for \(name) have no \(key), which is part of the key",
        help: "reject them in a clean stage", isBlockedByCheck: true)
    }
    let distinct = Grouping(by: columns, rowCount: frame.rowCount).count
    guard distinct == frame.rowCount else {
      throw StageFailure(
        "\(frame.rowCount - distinct) rows for \(name) repeat the key "
          + table.key.joined(separator: ", "), help: "deduplicate them, or name a longer key",
        isBlockedByCheck: true)
    }
    return frame
  }
}
