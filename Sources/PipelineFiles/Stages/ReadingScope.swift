import Frames
import PostgresFacts

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
  /// What a SELECT of a source depends on, by the names of its columns.
  public struct OfColumns: Sendable, Hashable {
    public let rows: RowDependence
    /// Columns that are worked out from many rows, each with whether it is the least value of a group.
    public private(set) var workedOut: [String: Bool]
    /// Columns whose values follow from the as-of alone.
    public let followingAsOf: Set<String>

    /// None.
    public init() {
      rows = RowDependence()
      workedOut = [:]
      followingAsOf = []
    }

    /// - Parameters:
    ///   - reading: what the source says of the SELECT.
    ///   - columns: those of the SELECT, in order.
    ///   - times: columns that may be compared with the as-of.
    public init(_ reading: StatementReading, columns: [String], times: [String]) {
      guard let plan = reading.dated.flatMap({ QueryPlan(json: $0) }) else {
        var rows = RowDependence()
        rows.isUnknown(because: "what a plan that cannot be read does")
        self.rows = rows
        workedOut = Dictionary(columns.map { ($0, false) }, uniquingKeysWith: { a, _ in a })
        for name in reading.plainColumns { workedOut[name] = nil }
        followingAsOf = []
        return
      }
      var rows = RowDependence(plan, times: times)
      func named<Value>(_ values: [Int: Value]) -> [String: Value] {
        Dictionary(
          values.compactMap { place, value in
            columns.indices.contains(place) ? (columns[place], value) : nil
          }, uniquingKeysWith: { a, _ in a })
      }
      workedOut = named(rows.workedOut)
      followingAsOf = Set(rows.followingAsOf.filter(columns.indices.contains).map { columns[$0] })
      for view in reading.materialized {
        guard let plan = view.plan.flatMap({ QueryPlan(json: $0) }) else {
          rows.isUnknown(
            because: "what a materialized view does whose definition this role cannot be told")
          for name in view.columns.keys where !reading.plainColumns.contains(name) {
            workedOut[name] = false
          }
          continue
        }
        let inner = RowDependence(plan)
        rows.add(inner)
        for (name, place) in view.columns {
          if let isLeast = inner.workedOut[place] { workedOut[name] = isLeast }
        }
      }
      self.rows = rows
    }
  }
}
