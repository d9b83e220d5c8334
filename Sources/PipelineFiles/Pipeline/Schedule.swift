import Diagnostics

/// When a pipeline runs by itself.
public struct Schedule: Record {
  public static let about = "When the pipeline runs."
  public let cron: Cron
  public let catchUp: CatchUp
  private let limit: Placed<Int>
  public let overlap: Overlap
  public let finishBy: TimeOfDay?

  public init(_ keys: inout Keys) {
    cron = keys("cron", "Minute, hour, day of month, month and weekday, in the pipeline's zone.")
    catchUp = keys(
      "catch_up", "Which runs that were missed are made later.", default: .latest, shown: "latest")
    limit = keys(
      "catch_up_limit", "With all, how many of them at most: the latest.", default: Placed(30),
      shown: "30")
    overlap = keys(
      "overlap", "What becomes of a run that is due while the one before is under way.",
      default: .skip, shown: "skip")
    finishBy = keys("finish_by", "Time of day by which a run should be done.")
  }

  public var catchUpLimit: Int { limit.value }

  /// Reports a limit that is none, and warns of times that are due for an as-of that an earlier one
  /// has run for.
  func check(_ unit: AsOfUnit, _ report: Report) {
    if catchUpLimit < 1 {
      report.error(
        .wrongValue, "catch_up_limit must be at least 1", at: limit.key,
        help: "write catch_up: none to make no run later")
    }
    let repeated: (String, String)? =
      switch unit {
      case .day where cron.hours.count * cron.minutes.count > 1: ("day", "hour, or tick")
      case .hour where cron.minutes.count > 1: ("hour", "tick")
      default: nil
      }
    guard let (unit, finer) = repeated else { return }
    report.warning(
      .repeatedAsOf,
      "'\(cron.text)' is due several times for the same as-of, the start of the \(unit): only the "
        + "first of them is run", at: cron.span,
      help: "write as_of: \(finer), or name one time a \(unit)")
  }
}

public enum CatchUp: String, Choice { case none, latest, all }

public enum Overlap: String, Choice {
  case skip, queue

  public static func remedy(for text: String) -> String? {
    ["allow", "parallel", "forbid", "cancel"].contains(text.lowercased())
      ? "runs of one schedule never go at the same time: skip leaves the later one out, queue lets it wait"
      : nil
  }
}
