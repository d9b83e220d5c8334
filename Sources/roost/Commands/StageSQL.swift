import Expressions
import Frames
import PipelineFiles
import RelationSQL
import Relations

/// The rows of a stage as SQL for a person, from what is read of sources on.
struct StageSQL {
  let text: String

  init(
    _ rows: RelationPlan, of stage: String, in planned: PlannedPipeline
  ) throws(UnprintableRows) {
    let zone = planned.pipeline.zone
    let plans = planned.plans
    let spelling = Self.spelling(planned, at: RunFacts(asOf: planned.asOf, zone: zone))
    let printed = try rows.sql(in: .postgres, spelling)
    let whole = rows.whole { plans[$0]?.relational }
    var lines = [
      "-- the rows of \(stage) as of \(planned.asOf.shortText(in: zone)), which Roost makes in memory"
    ]
    let connections = whole.scans.map(\.connection).removingRepeats
    if connections.count > 1 {
      lines.append(
        "-- they come from \(connections.joined(separator: ", ")): no one database can run it")
    } else if let connection = connections.first {
      lines.append("-- on \(connection), in a session of time zone \(zone.name)")
    }
    for name in whole.stages where plans[name]?.relational == nil {
      lines.append("-- \(name) stands for the rows of stage \(name)")
    }
    if printed.sql.contains(":'hash_inner'") {
      lines.append(
        "-- hash_inner and hash_outer are the hash key (of one longer than 64 bytes its SHA-256), filled up to "
          + "64 bytes with zeros, xor 0x36 and 0x5c"
      )
    }
    for assertion in printed.assertions { lines.append("-- a run stops where \(assertion.about)") }
    // A name with a line break in it must not end a comment.
    let comments = lines.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") }
    text = (comments + [printed.sql]).joined(separator: "\n") + ";"
  }

  private static func spelling(
    _ planned: PlannedPipeline, at facts: RunFacts
  ) -> RelationSpelling {
    let plans = planned.plans
    var spelling = RelationSpelling(
      expressions: SQLSpelling(
        asOf: .instant(facts.asOf), zone: facts.zone, isZoneOfSession: true),
      hashKey: .init(inner: ":'hash_inner'::bytea", outer: ":'hash_outer'::bytea")
    ) { name, _ in
      plans[name]?.relational.map(RelationSpelling.Source.plan)
        ?? .table(Dialect.postgres.identifier(name))
    }
    spelling.at = { Self.spelling(planned, at: $0) }
    return spelling
  }
}

extension RelationPlan {
  /// The plan down to what is read of sources, and what is no relation.
  fileprivate func whole(_ stages: (String) -> RelationPlan?) -> RelationPlan {
    over { name in stages(name)?.whole(stages) }
  }
}
