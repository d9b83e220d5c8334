import Frames
import PipelineFiles
import Relations

/// Where a person looks at rows: the pipeline's file, and the night.
struct PreviewedNight: Sendable {
  let file: String
  let asOf: Instant
  let zone: CalendarZone

  /// - Parameter file: the pipeline's.
  init(_ file: String, _ context: any StageContext) {
    self.file = file
    asOf = context.asOf
    zone = context.zone
  }

  /// The command that shows rows.
  func command(for rows: OffendingRows) -> String {
    [
      "roost preview", ShellText.quoted(file), rows.stage, "--as-of",
      ShellText.quoted(asOf.shortText(in: zone)), rows.which.options,
    ].joined(separator: " ")
  }
}

extension OffendingRows.Which {
  /// The options of `roost preview` that show them.
  var options: String {
    switch self {
    case .null(let column): "--where \(ShellText.quoted("\(ColumnSQL.name(column)) is null"))"
    case .matching(let condition): "--where \(ShellText.quoted(condition))"
    case .repeating(let columns): "--repeats \(ShellText.quoted(columns.joined(separator: ",")))"
    case .missing(let column, let other): "--missing \(ShellText.quoted("\(column)=\(other)"))"
    }
  }
}

extension [Violation] {
  /// All of them as warnings, with how to see the rows.
  func warnings(_ night: PreviewedNight) -> [String] {
    map { violation in
      violation.message
        + (violation.offending.map { "; see the rows with: \(night.command(for: $0))" } ?? "")
    }
  }

  /// All of them as what stops a stage; nil where there are none.
  func failure(_ night: PreviewedNight) -> StageFailure? {
    guard let first else { return nil }
    let messages = map(\.message).joined(separator: "; ")
    let commands = compactMap(\.offending).map(night.command)
    let seeing = commands.isEmpty ? [] : ["see the rows with: " + commands.joined(separator: "; ")]
    return StageFailure(
      count == 1 ? first.message : "\(count) expectations do not hold: \(messages)",
      help: (map(\.help).removingRepeats + seeing).joined(separator: "; "), isBlockedByCheck: true)
  }
}
