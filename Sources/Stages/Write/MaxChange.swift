import Diagnostics
import Frames
import PipelineFiles

/// How much may change from one publication to the next: a share, or keys where there is more to say.
struct MaxChange: Readable {
  let within: Share
  /// The columns in which a row counts as changed; nil for all.
  let columns: [Name]?
  let span: SourceSpan?

  private struct Full: Record {
    static let about = "How much may change from one publication to the next."
    let within: Share
    let columns: [Name]?

    init(_ keys: inout Keys) {
      within = keys(
        "within", "Rows added, removed and changed, as a share of the last publication's rows.")
      columns = keys(
        "columns",
        "Columns in which a row counts as changed; all but those that follow from the as-of alone when left out, and none for []."
      )
    }
  }

  static var shape: Shape { .either(Share.shape, or: Full.shape) }
  static var blank: Self { Self(within: Share(1), columns: nil, span: nil) }

  static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping = node.kind {
      return Full.read(node, reader).map {
        Self(within: $0.within, columns: $0.columns, span: node.span)
      }
    }
    return Share.read(node, reader).map { Self(within: $0, columns: nil, span: node.span) }
  }

  /// The limit for rows of a schema; columns that are not there are reported.
  func limit(_ schema: Schema, _ context: PlanContext) -> ChangeLimit {
    for column in columns ?? [] {
      _ = context.field(column, in: schema, of: "what is published")
    }
    return ChangeLimit(share: within.fraction, columns: columns?.map(\.text))
  }
}
