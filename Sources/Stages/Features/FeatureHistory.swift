import Frames

/// How far back the windows of one source can look.
struct FeatureHistory: Sendable {
  /// The stage whose rows the windows look at.
  let stage: String
  /// The instant from which on rows are known, all but a few strays.
  let start: Instant
  let longestWindow: Span

  /// What to say where a cutoff has less history than the longest window; nil where it has enough.
  func warning(at cutoff: Instant, zone: CalendarZone) -> String? {
    guard zone.instant(cutoff, minus: longestWindow) < start else { return nil }
    let days = zone.day(of: cutoff).days - zone.day(of: start).days
    return "cutoff \(cutoff.shortText(in: zone)) sees \(max(0, days)) days of history of \(stage), "
      + "less than the longest window of \(longestWindow.description)"
  }
}

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
  func histories(in zone: CalendarZone) -> [FeatureHistory] {
    let reference = Instant(microseconds: 0)
    let longest = plan.windows.min {
      zone.instant(reference, minus: $0) < zone.instant(reference, minus: $1)
    }
    guard let longest else { return [] }
    return zip(features, sources).compactMap { source, relation in
      guard !source.windowed.isEmpty,
        let known = (relation as? SourceRelation)?.visibility.known, !known.isEmpty
      else { return nil }
      let start = OrderStatistics.value(
        at: Int(Double(known.count) * Self.strays), of: known)
      return FeatureHistory(
        stage: source.stage, start: Instant(microseconds: start), longestWindow: longest)
    }
  }
}
