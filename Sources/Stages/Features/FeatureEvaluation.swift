import Expressions
import Frames

/// The features of one source at one as-of, all windows in one pass: each row falls into the shortest
/// window that holds it, and the states of shorter windows are then added to longer ones.
struct FeatureEvaluation {
  let source: FeatureSourcePlan
  let windows: [Span]
  /// Rows known before the as-of.
  let rows: Frame
  let entities: Column
  let context: EvaluationContext

  /// The columns by name, one value for each entity.
  func columns() throws -> [String: Column] {
    let owners = try owners()
    var columns: [String: Column] = [:]
    let everyone = Array(0..<entities.count)
    let sharedByAll = SharedRows()
    for aggregate in source.ever {
      let states = try aggregate.expression.accumulate(
        over: rows, groups: owners, groupCount: entities.count, in: context,
        sharing: sharedByAll)
      columns[aggregate.fields[0].name] = try states.finish(everyone, in: context)
    }
    guard !source.windowed.isEmpty, !windows.isEmpty, let time = source.time,
      let instants = rows[time]?.instants(in: context.zone)
    else { return columns }

    let starts = windows.map { context.zone.instant(context.asOf, minus: $0).microseconds }
    // Windows from the shortest to the longest.
    let order = windows.indices.sorted { starts[$0] > starts[$1] }
    let sortedStarts = order.map { starts[$0] }
    let count = windows.count
    let asOf = context.asOf.microseconds
    let groups = owners.indices.map { row -> Int32 in
      guard owners[row] >= 0, instants[row] < asOf,
        let bucket = sortedStarts.firstIndex(where: { instants[row] >= $0 })
      else { return -1 }
      return owners[row] * Int32(count) + Int32(bucket)
    }
    let sharedByWindows = SharedRows()
    for aggregate in source.windowed {
      var states = try aggregate.expression.accumulate(
        over: rows, groups: groups, groupCount: entities.count * count, in: context,
        sharing: sharedByWindows)
      for entity in everyone {
        for bucket in 1..<max(1, count) {
          states.merge(entity * count + bucket - 1, into: entity * count + bucket)
        }
      }
      for (bucket, window) in order.enumerated() {
        columns[aggregate.fields[window].name] = try states.finish(
          everyone.map { $0 * count + bucket }, in: context)
      }
    }
    return columns
  }

  /// The entity of each row, -1 for rows that belong to none or do not count.
  private func owners() throws -> [Int32] {
    guard let key = rows[source.entityColumn] else {
      return Array(repeating: -1, count: rows.rowCount)
    }
    var owners = KeyMatch(of: [key], in: [entities]).rows
    if let condition = source.condition {
      let counts = try condition.selection(over: rows, in: context)
      for row in owners.indices where !counts[row] { owners[row] = -1 }
    }
    return owners
  }
}
