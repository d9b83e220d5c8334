import Diagnostics
import Frames
import PipelineFiles

/// How much may change from one publication to the next: a share, or keys where there is more to say.
struct MaxChange: ReadAs {
  let within: Share
  /// The columns in which a row counts as changed; nil for all.
  let columns: [ColumnName]?

  struct Full: Record {
    static let about = "How much may change from one publication to the next."
    let within: Share
    let columns: [ColumnName]?

    init(_ keys: inout Keys) {
      within = keys(
        "within", "Rows added, removed and changed, as a share of the last publication's rows.")
      columns = keys(
        "columns",
        "Columns in which a row counts as changed; all but those that follow from the as-of alone when left out, and none for []."
      )
    }
  }

  init(_ written: Short<Share, Full>) {
    switch written {
    case .value(let share): (within, columns) = (share, nil)
    case .full(let full): (within, columns) = (full.within, full.columns)
    }
  }

  /// The limit for rows of a schema; columns that are not there are reported.
  func limit(_ schema: Schema, _ context: PlanContext) -> ChangeLimit {
    for column in columns ?? [] {
      _ = context.field(column, in: schema, of: "what is published")
    }
    return ChangeLimit(share: within.fraction, columns: columns?.map(\.text))
  }
}
