import Diagnostics
import Frames

extension FreshCheck {
  func message(_ latest: Instant?, _ facts: RunFacts) -> String? {
    if let latest, latest >= facts.zone.instant(facts.asOf, minus: within) { return nil }
    let hours = latest.map { (facts.asOf.microseconds - $0.microseconds) / 3_600_000_000 }
    let found =
      hours.map { hours in
        let age = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        return isPersonal ? "the latest is older" : "the latest is \(age) older than the as-of"
      } ?? "there is none"
    return "expected \(column) to reach within \(within.description) of the as-of, but \(found)"
  }
}

extension SumsCheck {
  func message(_ own: ColumnTotal, _ others: ColumnTotal) -> String? {
    let apart = own.distance(to: others)
    guard !(apart <= within * abs(others.double)) else { return nil }
    let share = apart / abs(others.double)
    let found =
      share.isFinite
      ? "they lie \(PercentText.rounded(share)) apart" : "they cannot be compared as a share"
    return "expected the sum of \(column) to be that of \(other) within "
      + "\(PercentText.exact(within)), but \(found)"
  }
}

extension ChangeCheck {
  func message(_ value: Double, past: [Double]) -> String? {
    guard let median = past.median else { return nil }
    let difference = abs(value - median)
    let apart: Double
    if case .nulls = measure { apart = difference } else { apart = difference / abs(median) }
    // From 0 to 0 there is no change; from 0 to anything else there is, however much is allowed.
    guard difference != 0, !(apart <= within) else { return nil }
    return "expected \(measure.name) within \(PercentText.exact(within)) of the median of the last "
      + "\(past.count == 1 ? "published run" : "\(past.count) published runs"), "
      + "but \(found(value, median, apart))"
  }

  /// How the value lies to the median; of sums without any values.
  private func found(_ value: Double, _ median: Double, _ apart: Double) -> String {
    let isMore = value > median
    switch measure {
    case .rows:
      let share = median == 0 ? "" : ", \(PercentText.rounded(apart)) \(isMore ? "more" : "less")"
      return "found \(Int(value)) instead of \(Int(median.rounded()))\(share)"
    case .nulls:
      let points = PercentText.rounded(apart).replacing("%", with: "")
      return "\(points) in a hundred rows \(isMore ? "more" : "less") have none"
    case .sum:
      guard apart.isFinite else { return "the two cannot be compared as a share" }
      return "it is \(PercentText.rounded(apart)) \(isMore ? "more" : "less")"
    }
  }
}
