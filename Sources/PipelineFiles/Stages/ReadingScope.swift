import Frames
import PostgresClient

/// What is known of what a SELECT of a source reads.
public struct ReadingScope: Sendable, Hashable {
  /// Identities of tables, views and partitions.
  public let relations: Set<Int>
  /// About how many bytes come of it.
  public let size: Double
  /// Of the relations what no snapshot holds for, in words.
  public let unprotected: [String]
  /// Whether policies may decide which rows are read.
  public let acceptsRowSecurity: Bool

  /// - Parameter reading: what the source says; nil where it was not asked.
  public init(_ reading: StatementReading? = nil, acceptsRowSecurity: Bool = false) {
    relations = reading?.relations ?? []
    unprotected = reading?.unprotected ?? []
    let plan = reading.flatMap { QueryPlan(json: $0.plan) }
    size = plan.map { $0.rows * max(1, $0.width) } ?? 0
    self.acceptsRowSecurity = acceptsRowSecurity
  }
}

extension RowDependence {
  /// - Parameters:
  ///   - reading: what the source says of a SELECT.
  ///   - asOf: the instant that stands in the SELECT; nil where none does.
  ///   - times: columns that may be compared with it.
  public init(_ reading: StatementReading, asOf: Instant?, times: [String]) {
    let texts = [reading.plan] + reading.definitions.compactMap(\.self)
    self.init(texts.compactMap { QueryPlan(json: $0) }, asOf: asOf, times: times)
    if reading.definitions.contains(nil) {
      isUnknown()
    }
  }
}
