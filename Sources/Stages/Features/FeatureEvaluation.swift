import Expressions
import Frames
import PipelineFiles

/// The features of one source at one as-of, all windows in one pass: each row falls into the shortest
/// window that holds it, and the states of shorter windows are then added to longer ones.
struct FeatureEvaluation: Sendable {
  /// Columns by name, one value for each entity.
  typealias Columns = [(name: String, column: Column)]

  let source: FeatureSourcePlan
  let windows: [Span]
  let rows: FeatureRows
  let entities: Column
  let context: EvaluationContext

  /// The work, in parts that can be done at the same time.
  func parts() -> [@Sendable () throws -> Columns] {
    var parts: [@Sendable () throws -> Columns] = []
    if !source.ever.isEmpty {
      let groups = rows.groups(entities, asOf: context.asOf)
      let times = SharedTimes()
      parts += source.ever.map { aggregate in
        { [self] in try ever(aggregate, groups, times) }
      }
    }
    if !source.windowed.isEmpty, !windows.isEmpty {
      let starts = windows.map { context.zone.instant(context.asOf, minus: $0).microseconds }
      // Windows from the shortest to the longest.
      let order = windows.indices.sorted { starts[$0] > starts[$1] }
      let inWindows = rows.inWindows(
        entities, asOf: context.asOf, starts: order.map { starts[$0] }, columns: windowedColumns)
      let times = SharedTimes()
      parts += source.windowed.map { aggregate in
        { [self] in try windowed(aggregate, inWindows, order, times) }
      }
    }
    return parts
  }

  private func ever(
    _ aggregate: FeatureAggregate, _ groups: [Int32], _ times: SharedTimes
  ) throws -> Columns {
    let states = try aggregate.expression.accumulate(
      over: rows.frame, groups: groups, groupCount: entities.count, in: context,
      cache: rows.cache, times: times)
    let column = try states.finish(Array(0..<entities.count), in: context)
    return [(aggregate.fields[0].name, column)]
  }

  private var windowedColumns: Set<String> {
    source.windowed.reduce(into: []) { $0.formUnion($1.expression.columns) }
  }

  private func windowed(
    _ aggregate: FeatureAggregate, _ rows: RowsInWindows, _ order: [Int], _ times: SharedTimes
  ) throws -> Columns {
    let count = windows.count
    var states = try aggregate.expression.accumulate(
      over: rows.frame, groups: rows.groups, groupCount: entities.count * count, in: context,
      times: times)
    states.accumulateWindows(of: count)
    var columns: Columns = []
    for (bucket, window) in order.enumerated() {
      let column = try states.finish(
        (0..<entities.count).map { $0 * count + bucket }, in: context)
      columns.append((aggregate.fields[window].name, column))
    }
    return columns
  }
}
