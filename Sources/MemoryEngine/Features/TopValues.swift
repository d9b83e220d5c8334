import Expressions
import Frames
import Relations

extension TopShares {
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
}

/// The values that a run chose for the columns of `TopShares`.
public struct TopValues: Sendable {
  public let shares: TopShares
  public let values: Column
  public let earliest: Instant

  /// What a person reads of it; personal values stay unsaid.
  public func note(in zone: CalendarZone) -> String {
    let texts = texts(in: zone)
    let found =
      texts.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "\(values.count) values"
    return "\(shares.name): top \(shares.fields.count) of the rows before "
      + "\(earliest.shortText(in: zone)): \(found)"
  }

  /// The values by rank; nil where they are personal.
  public func texts(in zone: CalendarZone) -> [String]? {
    shares.of.isPersonal ? nil : (0..<values.count).compactMap { values.text($0, in: zone) }
  }
}

extension AggregatedSource {
  /// Chooses the values of all shares of top values by the rows that were known before an instant.
  public func topValues(
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
}
