import Expressions
import Frames
import Relations

extension LabelPlan {
  /// What it asks of its rows.
  public var rowsPlan: FeatureRowsPlan {
    FeatureRowsPlan(
      entityColumn: entityColumn, time: time, condition: condition, columns: test.columns)
  }

  /// The label of each entity at a cutoff; nil where the test is null.
  /// - Parameters:
  ///   - rows: the label's rows.
  ///   - seen: when they are looked at, such as the run's as-of.
  public func values(
    for entities: Column, at cutoff: Instant, rows: FeatureRows, seen: Instant,
    in context: EvaluationContext
  ) throws -> [Bool?] {
    let start = context.zone.instant(cutoff, plus: window.gap).microseconds
    let inWindow = rows.inWindows(
      until: window.end(of: cutoff, in: context.zone), from: [start], knownBefore: seen)
    let column = try test.accumulate(
      over: rows.frame, rows: inWindow.rows, groups: inWindow.groups, groupCount: rows.groupCount,
      in: context
    ).finish(rows.groups(of: entities), in: context)
    guard case .bool(let values) = column.values else {
      throw StageFailure("the label \(name) is neither true nor false")
    }
    return values.indices.map { column.isNull($0) ? nil : values[$0] }
  }

  /// Days from the last counted row before a cutoff to the cutoff, for each entity: what a model has
  /// to beat. Larger than any number of days where there is no such row.
  /// - Parameter rows: the label's rows, of which those count that are known at the cutoff.
  public func recency(for entities: Column, at cutoff: Instant, rows: FeatureRows) -> [Double] {
    let owners = rows.groups(asOf: cutoff)
    let instants = rows.instants ?? []
    let end = cutoff.microseconds
    var last = [Int64](repeating: .min, count: rows.groupCount)
    last.withUnsafeMutableBufferPointer { last in
      for (owner, instant) in zip(owners, instants) where owner >= 0 && instant < end {
        last[Int(owner)] = max(last[Int(owner)], instant)
      }
    }
    return rows.groups(of: entities).map {
      (Double(end) - Double(last[$0])) / Double(Instant.microsecondsPerDay)
    }
  }
}
