import Expressions
import Frames
import Relations

/// The features of one source at one as-of, all windows in one pass: each row falls into the shortest
/// window that holds it, and the states of shorter windows are then added to longer ones.
struct FeatureEvaluation: Sendable {
  /// Columns by name, one value for each entity.
  typealias Columns = [(name: String, column: Column)]

  let source: AggregatedSource
  let windows: [Span]
  let rows: FeatureRows
  let entities: Column
  let context: EvaluationContext

  /// The work, in parts that can be done at the same time.
  /// - Parameter tally: where it is noted what rows find no entity.
  func parts(
    notingIn tally: UnmatchedTally?, at place: Int
  ) -> [@Sendable () throws -> Columns] {
    let own = rows.groups(of: entities)
    var parts: [@Sendable () throws -> Columns] = []
    if let tally { parts.append { [self] in try count(own, into: tally, at: place) } }
    if !source.ever.isEmpty {
      let groups = rows.groups(asOf: context.asOf)
      let times = SharedTimes()
      parts += source.ever.map { aggregate in
        { [self] in try ever(aggregate, groups, own, times) }
      }
    }
    if !source.windowed.isEmpty, !windows.isEmpty {
      let starts = windows.map { context.zone.instant(context.asOf, minus: $0).microseconds }
      // Windows from the shortest to the longest.
      let order = windows.indices.sorted { starts[$0] > starts[$1] }
      let inWindows = rows.inWindows(
        until: context.asOf, from: order.map { starts[$0] }, knownBefore: context.asOf)
      let times = SharedTimes()
      let groups = windows.indices.map { place in own.map { $0 + place * rows.groupCount } }
      parts += source.windowed.map { aggregate in
        { [self] in try windowed(aggregate, inWindows, order, groups, times) }
      }
    }
    return parts
  }

  /// Makes no column, and notes what rows find no entity.
  private func count(_ own: [Int], into tally: UnmatchedTally, at place: Int) throws -> Columns {
    tally.note(
      try Unmatched(
        of: source, rows, groups: rows.groups(asOf: context.asOf), matched: own, in: context),
      at: place)
    return []
  }

  private func ever(
    _ aggregate: WindowedAggregate, _ groups: [Int32], _ own: [Int], _ times: SharedTimes
  ) throws -> Columns {
    let states = try aggregate.expression.accumulate(
      over: rows.frame, groups: groups, groupCount: rows.groupCount, in: context,
      cache: rows.cache, times: times)
    return [(aggregate.fields[0].name, try states.finish(own, in: context))]
  }

  private func windowed(
    _ aggregate: WindowedAggregate, _ inWindows: RowsInWindows, _ order: [Int], _ own: [[Int]],
    _ times: SharedTimes
  ) throws -> Columns {
    var states = try aggregate.expression.accumulate(
      over: rows.frame, rows: inWindows.rows, groups: inWindows.groups,
      groupCount: rows.groupCount * windows.count, windows: windows.count, in: context,
      times: times)
    states.accumulateWindows()
    var columns: Columns = []
    for (place, window) in order.enumerated() {
      let column = try states.finish(own[place], in: context)
      columns.append((aggregate.fields[window].name, column))
    }
    return columns
  }
}
