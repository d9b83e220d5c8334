import Frames
import PipelineFiles
import Scheduling

/// What is due and what was, for people.
enum ScheduleText {
  static func lines(_ ticks: [UpcomingTick]) -> [String] {
    var table = TextTable([
      ("pipeline", .left), ("due", .left), ("zone", .left), ("UTC", .left), ("as of", .left),
      ("done by", .left), ("", .left),
    ])
    for next in ticks {
      let zone = next.pipeline.zone
      table.rows.append([
        next.pipeline.name, String(next.tick.dueAt.text(in: zone).prefix(16)), zone.name,
        String(next.tick.dueAt.text(in: .utc).prefix(16)), next.tick.asOf.shortText(in: zone),
        next.tick.finishBy.map { String($0.text(in: zone).prefix(16)) } ?? "", next.note ?? "",
      ])
    }
    return table.lines
  }

  static func lines(_ ticks: [TickRecord]) -> [String] {
    var table = TextTable([
      ("pipeline", .left), ("as of", .left), ("due", .left), ("zone", .left), ("run", .right),
      ("state", .left), ("", .left),
    ])
    for tick in ticks {
      table.rows.append([
        tick.pipeline, tick.asOf.shortText(in: tick.zone), tick.dueAt.shortText(in: tick.zone),
        tick.zone.name, tick.run.map { String($0) } ?? "", tick.state, note(tick),
      ])
    }
    return table.lines
  }

  private static func note(_ tick: TickRecord) -> String {
    let origin: String? =
      switch tick.origin {
      case .onTime: nil
      case .late: tick.state == "skipped" ? nil : "late"
      case .caughtUp: tick.state == "skipped" ? nil : "caught up"
      }
    let attempts = tick.attempts > 1 ? "begun \(tick.attempts) times" : nil
    return [origin, tick.reason, attempts].compactMap(\.self).joined(separator: ": ")
  }
}

extension UpcomingTick {
  var json: JSONValue {
    .object([
      "pipeline": .string(pipeline.name), "time_zone": .string(pipeline.zone.name),
      "due_at": .string(tick.dueAt.rfc3339),
      "local": .string(tick.dueAt.rfc3339(in: pipeline.zone)),
      "as_of": .string(tick.asOf.rfc3339),
      "finish_by": tick.finishBy.map { .string($0.rfc3339) } ?? .null,
      "note": note.map { .string($0) } ?? .null,
    ])
  }
}
