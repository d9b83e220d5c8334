import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Whether the rows that decide a label go up to the end of its window. Where they end before, whatever
/// did not happen yet looks as if it never would.
///
/// Rows may be few and far between. So the time from the last row to the window's end is held against
/// the longest time between two rows before: it must not be more than twice as long. Of a process
/// without memory a pause that follows n others is that long once in (n+1)(n+2)/2 cases, so that nothing
/// is said of fewer than 20.
///
/// A few stray rows after such a pause do not end it: since it began there must have been a tenth of the rows
/// that there were in as long a time right before.
struct LabelCoverage: Sendable {
  /// How far back pauses are looked at, before the first cutoff.
  private static let yearsBack = Int64(365) * 24
  /// The fewest pauses that say how long one may be.
  static let fewestPauses = 20
  /// The share of the window that may be missing: rows often arrive a day or two late.
  static let tolerated = 0.1
  private static let hour: Int64 = 3_600_000_000
  /// Fewer rows than this share of those that there used to be are strays.
  private static let strays = 0.1

  /// The last row before the as-of, strays aside, in microseconds; nil where there is none.
  let last: Int64?
  /// The longest time between two rows, in hours; nil where too few rows tell.
  let longestPause: Int64?

  /// - Parameters:
  ///   - instants: when the rows happened, in microseconds.
  ///   - asOf: up to which they are seen.
  ///   - cutoff: the first of those that are learnt from.
  init(_ instants: [Int64], asOf: Instant, from cutoff: Instant) {
    let end = asOf.microseconds
    let start = cutoff.microseconds - Self.yearsBack * Self.hour
    let hours = Int((end - start) / Self.hour) + 1
    var counts = [Int](repeating: 0, count: max(1, hours))
    for instant in instants where instant >= start && instant < end {
      counts[Int((instant - start) / Self.hour)] += 1
    }
    let taken = counts.indices.filter { counts[$0] > 0 }
    var longest = 0
    var ending: Int?
    for (place, hour) in taken.enumerated() {
      if place > 0 {
        let before = taken[place - 1]
        let pause = hour - before
        if place > Self.fewestPauses, pause > 2 * max(1, longest) {
          let since = counts[hour...].reduce(0, +)
          let usual = counts[max(0, 2 * before - counts.count)...before].reduce(0, +)
          if Double(since) < Self.strays * Double(usual) {
            ending = before
            break
          }
        }
        longest = max(longest, pause)
      }
    }
    let bound = ending.map { min(end, start + Int64($0 + 1) * Self.hour) } ?? end
    last = instants.filter { $0 < bound }.max()
    longestPause = taken.count > Self.fewestPauses ? Int64(longest) : nil
  }

  /// What part of a window that ends at an instant is not covered, from 0 to 1; 0 where nothing can be
  /// said, and where the rows pause no longer than they may.
  func missing(until end: Instant, of window: Int64) -> Double {
    guard let last, let longestPause, window > 0 else { return 0 }
    let pause = end.microseconds - last
    guard pause > 2 * max(1, longestPause) * Self.hour else { return 0 }
    return min(1, Double(pause) / Double(window))
  }
}

/// The words for it.
extension LabelRows {
  /// - Returns: what to say where some of a label's window is not covered by rows, and whether it is
  ///   little.
  /// - Throws: `StageFailure` where much of it is, and the run enforces what is expected of its data.
  func checkCoverage(
    _ cutoffs: [Instant], instants: [Int64], isEnforced: Bool
  ) throws -> (message: String, isLittle: Bool)? {
    guard let earliest = cutoffs.min() else { return nil }
    let coverage = LabelCoverage(instants, asOf: asOf, from: earliest)
    let missing = cutoffs.map { cutoff in
      let end = plan.label.window.end(of: cutoff, in: zone)
      let start = zone.instant(cutoff, plus: plan.label.window.gap)
      return (
        cutoff: cutoff, end: end,
        share: coverage.missing(until: end, of: end.microseconds - start.microseconds)
      )
    }.filter { $0.share > 0 }
    guard let worst = missing.max(by: { $0.share < $1.share }), let last = coverage.last else {
      return nil
    }
    let days = missing.map { $0.cutoff.shortText(in: zone) }.joined(separator: ", ")
    let message =
      "the last row of stage \(plan.label.stage) is of "
      + "\(Instant(microseconds: last).shortText(in: zone)), but the label '\(plan.label.name)' of "
      + "cutoff \(days) looks until \(worst.end.shortText(in: zone)): "
      + "\(PercentText.rounded(worst.share)) of its window is not covered, and what did not happen yet "
      + "looks as if it never would"
    let isLittle = worst.share <= LabelCoverage.tolerated
    if isLittle || !isEnforced { return (message, isLittle) }
    let end = zone.start(
      of: CivilDate(days: zone.day(of: Instant(microseconds: last)).days + 1))
    throw StageFailure(
      message,
      help:
        "try --as-of \(end.shortText(in: zone)), or find out why the rows end; where they are so "
        + "rare, say publish_anyway: with the reason", isBlockedByCheck: true)
  }
}
