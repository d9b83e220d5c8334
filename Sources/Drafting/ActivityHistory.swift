import Frames

/// How many rows of a table happened on which day, as a sample shows it.
struct ActivityHistory: Sendable, Hashable {
  /// The first and the last day with rows, stray ones left out.
  let first: CivilDate
  let last: CivilDate

  /// Nil where there are no rows.
  /// - Parameters:
  ///   - days: days with their rows, in any order.
  ///   - today: rows after it are a slip of the pen.
  init?(days: [(day: CivilDate, rows: Int)], today: CivilDate) {
    let days = days.filter { $0.day <= today }.sorted { $0.day < $1.day }
    // One row in five hundred may be dated wrongly.
    let stray = days.reduce(0) { $0 + $1.rows } / 500
    guard let first = Self.edge(days, stray), let last = Self.edge(days.reversed(), stray) else {
      return nil
    }
    self.first = first
    self.last = last
  }

  /// The first day that is not stray, or one before it that hangs together with it.
  private static func edge(_ days: [(day: CivilDate, rows: Int)], _ stray: Int) -> CivilDate? {
    var passed = 0
    var edge: CivilDate?
    var previous: CivilDate?
    for (day, rows) in days {
      if let last = previous, abs(day.days - last.days) > 2 { edge = nil }
      edge = edge ?? day
      previous = day
      passed += rows
      if passed > stray { return edge }
    }
    return nil
  }

  var days: Int { Int(last.days - first.days) + 1 }

  /// The day after the last one: the as-of that sees everything.
  var end: CivilDate { CivilDate(days: last.days + 1) }
}

/// How far a label looks and features look back.
struct ChurnPlan: Sendable, Hashable {
  let horizon: Int
  let windows: [Int]

  /// From the most useful one on.
  static let all = [
    ChurnPlan(horizon: 30, windows: [30, 90, 180]), ChurnPlan(horizon: 60, windows: [30, 90, 180]),
    ChurnPlan(horizon: 90, windows: [30, 90, 180]), ChurnPlan(horizon: 30, windows: [30, 90]),
    ChurnPlan(horizon: 14, windows: [14, 30]), ChurnPlan(horizon: 7, windows: [7, 14]),
  ]

  var longestWindow: Int { windows.last ?? 0 }
  /// Days between two cutoffs.
  var step: Int { min(horizon, 30) }

  /// Whether the longest window of the training cutoff lies within a history.
  func fits(_ days: Int) -> Bool { days >= longestWindow + 2 * horizon }

  /// How many training cutoffs see a whole longest window.
  func cutoffs(in days: Int) -> Int {
    max(1, min(5, (days - longestWindow - 2 * horizon) / step + 1))
  }

  /// Windows where nothing is learnt.
  static func windows(for days: Int?) -> [Int] {
    guard let days else { return [30, 90, 180] }
    return days >= 180 ? [30, 90, 180] : days >= 60 ? [7, 30, 60] : [7, 14, 30]
  }
}

/// Who could be learnt from at one cutoff.
struct LabelCounts: Sendable, Hashable {
  /// Who was active in the longest window before it.
  let eligible: Int
  /// Those of them who were silent in the horizon after it.
  let silent: Int
  /// The same of those whom the entity's own table knew by then.
  let knownEligible: Int
  let knownSilent: Int

  /// Enough of both kinds.
  static func suffices(_ eligible: Int, _ silent: Int) -> Bool {
    silent >= 20 && eligible - silent >= 20
  }
}
