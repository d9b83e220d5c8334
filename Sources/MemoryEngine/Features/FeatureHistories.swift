import Frames
import Relations

extension FeatureRelation {
  /// The share of rows that are strays: a single wrong date must not hide that there is no history.
  private static let strays = 0.001

  /// For each source that windows look at.
  public func histories(in zone: CalendarZone) -> [RelationHistory] {
    let reference = Instant(microseconds: 0)
    let longest = aggregation.windows.min {
      zone.instant(reference, minus: $0) < zone.instant(reference, minus: $1)
    }
    guard let longest else { return [] }
    return zip(aggregation.sources, sources).compactMap { source, relation in
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
