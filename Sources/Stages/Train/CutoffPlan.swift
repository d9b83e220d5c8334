import Frames
import Relations

/// The cutoffs of a training: none of them sees what it is judged by.
struct CutoffPlan: Sendable, Hashable {
  /// The latest cutoff whose label window ends at or before the as-of.
  let validation: Instant
  /// Latest first; each label window ends at or before the validation cutoff.
  let training: [Instant]

  init(asOf: Instant, every: Span, count: Int, label: LabelWindow, zone: CalendarZone) {
    validation = label.latestCutoff(endingBy: asOf, in: zone)
    // Counted from the validation cutoff, beginning near the first that is early enough.
    let latest = label.latestCutoff(endingBy: validation, in: zone)
    let distance = validation.microseconds - latest.microseconds
    var steps = max(1, Int(distance / every.nominalMicroseconds) - 2)
    var training: [Instant] = []
    while training.count < count {
      let cutoff = zone.instant(validation, minus: every.times(steps))
      if label.end(of: cutoff, in: zone) <= validation { training.append(cutoff) }
      steps += 1
    }
    self.training = training
  }
}
