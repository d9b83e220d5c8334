import Expressions
import Frames
import Relations

/// What is asked of the rows of a stage that are put together by entity.
public struct FeatureRowsPlan: Sendable {
  let entityColumn: String
  let time: String?
  /// Only rows for which it is true count.
  let condition: TypedExpression?
  /// The columns that are read of the rows that count.
  let columns: Set<String>

  public init(
    entityColumn: String, time: String?, condition: TypedExpression?, columns: Set<String>
  ) {
    self.entityColumn = entityColumn
    self.time = time
    self.condition = condition
    self.columns = columns
  }

  /// The columns on which it depends what row counts, for whom and when.
  var deciding: Set<String> {
    Set([entityColumn, time].compactMap(\.self)).union(condition?.columns ?? [])
  }
}

/// The rows of a stage with the entities that they belong to, which are the same at every as-of.
///
/// Rows are grouped by the entities that they name, and for each window there is one group more for
/// entities without rows.
public struct FeatureRows: Sendable {
  /// The columns that aggregates read.
  let frame: Frame
  /// For each row the place of its entity in `keys`; -1 for a row that names none or does not count.
  let owners: [Int32]
  /// The rows that would count and name no entity.
  let unnamed: [Int32]
  /// Each entity that a row names, once.
  let keys: Column
  /// From when each row is seen, in microseconds since 2000-01-01; nil where all are.
  let known: [Int64]?
  /// When each row happened; nil for a source without time.
  public let instants: [Int64]?
  private let blocks: InstantBlocks?
  let cache: EvaluationCache

  init(
    _ plan: FeatureRowsPlan, _ rows: Frame, known: [Int64]?, in context: EvaluationContext
  ) throws {
    frame = rows.selecting(rows.schema.names.filter(plan.columns.contains))
    self.known = known
    instants = try plan.time.map { try rows.instants($0, in: context.zone) }
    blocks = instants.map(InstantBlocks.init)
    cache = EvaluationCache()
    let key = try rows.column(plan.entityColumn)
    let grouping = Grouping(by: [key], rowCount: rows.rowCount)
    keys = key.taking(grouping.firstRows)
    var owners = grouping.groups
    let counts = try plan.condition?.selection(over: rows, in: context)
    var unnamed: [Int32] = []
    if key.nullCount > 0 {
      for row in owners.indices where key.isNull(row) {
        owners[row] = -1
        if counts?[row] != false { unnamed.append(Int32(row)) }
      }
    }
    if let counts {
      for row in owners.indices where !counts[row] { owners[row] = -1 }
    }
    self.unnamed = unnamed
    self.owners = owners
  }

  private init(_ rows: FeatureRows, frame: Frame) {
    self.frame = frame
    owners = rows.owners
    unnamed = rows.unnamed
    keys = rows.keys
    known = rows.known
    instants = rows.instants
    blocks = rows.blocks
    cache = EvaluationCache()
  }

  /// The same rows with other values in columns that aggregates read.
  func with(_ rows: Frame) -> FeatureRows {
    FeatureRows(self, frame: rows.selecting(frame.schema.names))
  }

  /// How many groups there are for each window.
  var groupCount: Int { keys.count + 1 }

  /// For each entity its group in the first window.
  func groups(of entities: Column) -> [Int] {
    KeyMatch(of: [entities], in: [keys]).rows.map { $0 < 0 ? keys.count : Int($0) }
  }

  /// The group of each row at an as-of, for aggregates over all rows; -1 for a row that does not count.
  func groups(asOf: Instant) -> [Int32] {
    let asOf = asOf.microseconds
    guard let known, known.contains(where: { $0 >= asOf }) else { return owners }
    return known.withUnsafeBufferPointer { known in
      owners.withUnsafeBufferPointer { owners in
        owners.indices.map { known[$0] < asOf ? owners[$0] : -1 }
      }
    }
  }

  /// The rows that lie in a window before an instant.
  /// - Parameters:
  ///   - end: where the windows end.
  ///   - starts: where they begin, that of the shortest first.
  ///   - seen: only rows count that were known before it; not before `end`.
  func inWindows(until end: Instant, from starts: [Int64], knownBefore seen: Instant)
    -> RowsInWindows
  {
    guard let instants, let earliest = starts.last else {
      return RowsInWindows(rows: [], groups: [])
    }
    let (end, seen) = (end.microseconds, seen.microseconds)
    // Most often a row is known when it happened.
    let known = known ?? instants
    let parts = blocks?.rows(from: earliest, until: end) ?? []
    let atMost = parts.reduce(0) { $0 + $1.count }
    let rows = [Int32](unsafeUninitializedCapacity: atMost) { rows, count in
      instants.withUnsafeBufferPointer { instants in
        known.withUnsafeBufferPointer { known in
          owners.withUnsafeBufferPointer { owners in
            for part in parts {
              for row in part
              where instants[row] < end && instants[row] >= earliest && known[row] < seen
                && owners[row] >= 0
              {
                rows.initializeElement(at: count, to: Int32(truncatingIfNeeded: row))
                count += 1
              }
            }
          }
        }
      }
    }
    return RowsInWindows(rows: rows, groups: groups(of: rows, instants, from: starts))
  }

  private func groups(of rows: [Int32], _ instants: [Int64], from starts: [Int64]) -> [Int32] {
    let perWindow = Int32(groupCount)
    return instants.withUnsafeBufferPointer { instants in
      owners.withUnsafeBufferPointer { owners in
        starts.withUnsafeBufferPointer { starts in
          rows.map { row in
            var window = 0
            while instants[Int(row)] < starts[window] { window += 1 }
            return Int32(truncatingIfNeeded: window) &* perWindow &+ owners[Int(row)]
          }
        }
      }
    }
  }
}

/// Rows that lie in one of several windows.
struct RowsInWindows: Sendable {
  let rows: [Int32]
  /// A row falls into the shortest window that holds it: the group of its entity in that window, where
  /// groups are numbered window after window.
  let groups: [Int32]
}

extension AggregatedSource {
  /// What its aggregates ask of its rows.
  var rowsPlan: FeatureRowsPlan {
    FeatureRowsPlan(
      entityColumn: entityColumn, time: time, condition: condition,
      columns: (windowed + ever).reduce(into: []) { $0.formUnion($1.expression.columns) })
  }
}
