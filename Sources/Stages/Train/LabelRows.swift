import Frames
import PipelineFiles
import Relations

/// Says why a model cannot learn, before it tries: most often the run is for an instant that the data
/// does not reach, and then nobody is eligible or everybody seems gone.
struct LabelRows {
  let plan: TrainWork
  /// The label's rows.
  let rows: any Relation
  let asOf: Instant
  let zone: CalendarZone

  /// - Throws: `StageFailure` where there are no two classes to learn from, or to be judged by.
  func check(_ training: [Sample], _ validation: Sample) async throws {
    let learnt = training.flatMap(\.labels)
    try await check(learnt, at: training.map(\.cutoff), to: "learn from")
    try await check(validation.labels, at: [validation.cutoff], to: "be judged by")
  }

  private func check(_ labels: [Bool], at cutoffs: [Instant], to what: String) async throws {
    guard let first = labels.first, labels.contains(where: { $0 != first }) else {
      let found =
        labels.first.map { "all \(labels.count) labels '\(plan.label.name)' are \($0)" }
        ?? "no row of stage \(plan.features) is eligible and has a label"
      let days = cutoffs.map { $0.shortText(in: zone) }
      let place =
        days.count == 1 ? "at \(days[0])" : "from \(days.first ?? "") to \(days.last ?? "")"
      throw StageFailure("there is nothing to \(what): \(found) \(place)", help: try await help())
    }
  }

  private func help() async throws -> String {
    let instants = try await rows.frame(asOf: asOf).instants(plan.label.time, in: zone)
    guard let last = instants.filter({ $0 != .max && $0 != .min }).max() else {
      return "stage \(plan.label.stage) has no rows before the as-of; check what it reads"
    }
    let end = zone.start(
      of: CivilDate(days: zone.day(of: Instant(microseconds: last)).days + 1))
    let text = end.shortText(in: zone)
    let lag = Double(asOf.microseconds - last) / Double(Instant.microsecondsPerDay)
    return lag > 7
      ? "the rows of stage \(plan.label.stage) end long before the as-of; try --as-of \(text)"
      : "check 'eligible', 'label' and 'cutoffs': roost preview shows the features at a cutoff with --as-of"
  }
}
