import Diagnostics
import Frames
import MemoryEngine
import PipelineFiles
import PostgresFacts
import Relations

/// Where rejected rows are shown: a table, or keys where there is more to say.
struct QuarantineTable: ReadAs {
  let table: TableName
  /// Nil for ever.
  let keep: Duration?

  struct Full: Record {
    static let about = "The table that shows rejected rows, and for how long."
    let table: TableName
    let keep: Duration?

    init(_ keys: inout Keys) {
      table = keys("table", "Table that shows the rejected rows of every publication.")
      keep = keys(
        "keep", "How long rows of old publications are kept; for ever when left out.")
    }
  }

  init(_ written: Short<TableName, Full>) {
    switch written {
    case .value(let table): (self.table, keep) = (table, nil)
    case .full(let full): (table, keep) = (full.table, full.keep)
    }
  }
}

/// The table that shows which rows a clean stage rejected, and why. Of the rows themselves it has the
/// key only, and of the key what is not personal.
struct Quarantine: Sendable {
  let table: TargetTable
  /// The columns that lead back to the source's rows.
  let key: [String]
  private let stage: String

  /// What is said of a rejected row beside its key.
  private static let ownFields = [
    Field("number", .int4, isNullable: false, about: "Counts the rejected rows of the run."),
    Field("stage", .text, isNullable: false, about: "The stage that rejected the row."),
    Field("reason", .text, isNullable: false, about: "Why the row was rejected."),
  ]

  /// - Parameter keep: how long the rows of old publications stay; nil for ever.
  init(
    _ name: QualifiedName, rejectedBy stage: String, _ shape: RelationShape, keep: Span? = nil
  ) {
    let fields = shape.key.compactMap { shape.schema[$0] }.filter { !$0.isPersonal }
    key = fields.map(\.name)
    self.stage = stage
    // A bad row may have no key, and several may have the same.
    table = TargetTable(
      name: name, schema: Schema(Self.ownFields + fields), key: ["number"],
      about: "Rows that stage \(stage) rejected.", keep: keep)
  }

  /// What is done with the rejected rows, for a plan.
  var description: String {
    let keep = table.keep.map { ", kept for \($0.description)" } ?? ""
    return "publish rejected rows as \(table.name)\(keep)"
  }

  /// Where the columns of the key come from, of the lineage of the stage's rows.
  func lineage(_ rows: StageLineage) -> StageLineage { rows.filter { key.contains($0.key) } }

  /// Reports columns of the key that have the name of one of the table's own.
  func checkNames(at place: SourceSpan, _ report: Report) {
    for name in key where Self.ownFields.contains(where: { $0.name == name }) {
      report.error(
        .unusableColumnName, "a quarantine has a column '\(name)' of its own", at: place,
        help: "give the column of the key another name where it is extracted")
    }
  }

  /// The rejected rows as they are published, in the order of the steps.
  func rows(_ rejected: [RejectedRows]) throws -> Frame {
    let count = rejected.reduce(0) { $0 + $1.rows.rowCount }
    let reasons = rejected.flatMap { Array(repeating: $0.reason, count: $0.rows.rowCount) }
    let own = [
      Column(integers: (0..<count).map { $0 + 1 }),
      Column(texts: Array(repeating: stage, count: count)),
      Column(texts: reasons),
    ]
    let keys = try table.schema.fields.dropFirst(own.count).map { field in
      rejected.isEmpty
        ? Column.nulls(field.type, count: 0)
        : Column.concatenating(try rejected.map { try $0.rows.column(field.name) })
    }
    return Frame(schema: table.schema, columns: own + keys, rowCount: count)
  }
}
