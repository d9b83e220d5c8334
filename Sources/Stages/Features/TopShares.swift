import Expressions
import Frames
import PipelineFiles
import Relations

/// The shares of the most frequent values of an expression, which are known when the run has rows.
struct TopShares: Sendable {
  let name: String
  let of: TypedExpression
  /// For each rank the columns that it becomes.
  let fields: [[Field]]
  let isWindowed: Bool

  /// What is said of one column, such as the share of the second most frequent value.
  static func about(rank: Int, of text: String) -> String {
    "share of the \(rank == 0 ? "" : "\(rank + 1). ")most frequent value of \(text)"
  }

  /// The most frequent values of some rows, of equally frequent ones the least first; as many as
  /// there are ranks, or fewer.
  func values(in rows: Frame, _ context: EvaluationContext) throws(EvaluationError) -> Column {
    let column = try of.evaluate(over: rows, in: context)
    let grouping = Grouping(by: [column], rowCount: rows.rowCount)
    var sizes = [Int](repeating: 0, count: grouping.count)
    for group in grouping.groups { sizes[Int(group)] += 1 }
    let distinct = column.taking(grouping.firstRows)
    let frame = Frame(
      schema: Schema([Field(name, column.type)]), columns: [distinct], rowCount: grouping.count)
    // The sort is by size in an order of values, which decides where sizes are equal.
    let ordered = frame.order(by: [SortColumn(name)]).filter { !distinct.isNull(Int($0)) }
    let ranks = ordered.indices.sorted {
      let (a, b) = (sizes[Int(ordered[$0])], sizes[Int(ordered[$1])])
      return a > b || (a == b && $0 < $1)
    }
    return distinct.taking(ranks.prefix(fields.count).map { ordered[$0] })
  }

  /// The features for values that were chosen; the share of a rank without a value is null.
  func aggregates(of values: Column) -> [FeatureAggregate] {
    zip(fields, of.shares(of: values, count: fields.count)).map { fields, share in
      FeatureAggregate(fields: fields, expression: share, isWindowed: isWindowed)
    }
  }
}

/// The values that a run chose for the columns of `TopShares`.
struct TopValues: Sendable {
  let shares: TopShares
  let values: Column
  let earliest: Instant

  /// What a person reads of it; personal values stay unsaid.
  func note(in zone: CalendarZone) -> String {
    let texts = texts(in: zone)
    let found =
      texts.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "\(values.count) values"
    return "\(shares.name): top \(shares.fields.count) of the rows before "
      + "\(earliest.shortText(in: zone)): \(found)"
  }

  /// The values by rank; nil where they are personal.
  func texts(in zone: CalendarZone) -> [String]? {
    shares.of.isPersonal ? nil : (0..<values.count).compactMap { values.text($0, in: zone) }
  }
}

extension FeatureSourcePlan {
  /// Chooses the values of all shares of top values by the rows that were known before an instant.
  func topValues(
    in relation: any Relation, before earliest: Instant, zone: CalendarZone
  ) async throws -> [TopValues] {
    guard !tops.isEmpty else { return [] }
    let context = EvaluationContext(asOf: earliest, zone: zone)
    var rows = try await relation.frame(asOf: earliest)
    if let condition {
      rows = rows.filtered(by: try condition.selection(over: rows, in: context))
    }
    return try tops.map { shares in
      TopValues(shares: shares, values: try shares.values(in: rows, context), earliest: earliest)
    }
  }

  /// The plan with the shares of values that were chosen among its aggregates.
  func with(_ chosen: [TopValues]) -> FeatureSourcePlan {
    let more = chosen.flatMap { $0.shares.aggregates(of: $0.values) }
    return FeatureSourcePlan(
      stage: stage, entityColumn: entityColumn, time: time, condition: condition,
      unmatched: unmatched,
      windowed: windowed + more.filter(\.isWindowed), ever: ever + more.filter { !$0.isWindowed },
      tops: [])
  }
}
