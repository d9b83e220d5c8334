import Frames
import MemoryEngine
import Relations

extension Frame {
  /// The columns with values that are NaN or infinite, and how many.
  var nonFinite: [(name: String, count: Int)] {
    zip(schema.names, columns).compactMap { name, column in
      guard case .float64(let values) = column.values else { return nil }
      let count = values.indices.count { !values[$0].isFinite && !column.isNull($0) }
      return count > 0 ? (name, count) : nil
    }
  }
}

extension FeatureRelation {
  /// The share of rows that are strays: a single wrong date must not hide that there is no history.
  private static let strays = 0.001

  /// For each source that windows look at.
  func histories(in zone: CalendarZone) -> [RelationHistory] {
    let reference = Instant(microseconds: 0)
    let longest = plan.windows.min {
      zone.instant(reference, minus: $0) < zone.instant(reference, minus: $1)
    }
    guard let longest else { return [] }
    return zip(features, sources).compactMap { source, relation in
      guard !source.windowed.isEmpty,
        let known = relation.visibility.known, !known.isEmpty
      else { return nil }
      let start = OrderStatistics.value(
        at: Int(Double(known.count) * Self.strays), of: known)
      return RelationHistory(
        stage: source.stage, start: Instant(microseconds: start), longestWindow: longest)
    }
  }
}
