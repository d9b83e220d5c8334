import Cryptography
import Foundation
import Frames
import PipelineFiles
import PostgresClient

/// Everything that decides what a stage makes. A checkpoint is used only where all of it is the same.
struct StageIdentity: Codable, Sendable, Hashable {
  /// Which roost made it, with which keys, for which as-of.
  let program: String
  /// What the stage says, the columns and statements that follow from it, and the zone.
  let definition: String
  /// The reading of the sources that its rows come from, for a stage that reads some.
  let reading: String?
  /// The digests of the stages that it uses.
  let inputs: [String: String]
  /// The columns of its rows that others use, and that are kept; nil for all.
  let columns: [String]?

  /// SHA-256 of all of it, in hexadecimal digits.
  var digest: String {
    let uses = inputs.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    return Self.digest([program, definition, reading ?? ""] + uses)
  }

  static func digest(_ parts: [String]) -> String {
    HMAC.sha256(key: Array("roost".utf8), message: Digest.message(of: parts)).hexadecimal
  }

  /// Why a checkpoint with another identity cannot stand for this one; nil where it can.
  func difference(from kept: StageIdentity) -> String? {
    if kept.program != program { return "roost or its keys are not those that made it" }
    if kept.definition != definition { return "its definition changed" }
    if let changed = inputs.keys.sorted().first(where: { kept.inputs[$0] != inputs[$0] }) {
      return "\(changed), which it uses, is not what it was"
    }
    if let there = kept.columns, columns.map(Set.init)?.isSubset(of: there) != true {
      return "more of its columns are used than were kept"
    }
    if kept.reading != reading { return "the sources are read anew" }
    return kept.inputs == inputs ? nil : "it uses other stages now"
  }
}

/// Works out what decides the output of each stage of a run.
struct StageIdentities: Sendable {
  let planned: PlannedPipeline
  /// Where the database of each connection is.
  let locations: [String: String]
  let program: String
  private let demands: [String: StageDemand]

  init(_ request: RunRequest) {
    planned = request.planned
    demands = planned.demands
    locations = request.connections.mapValues(\.location)
    let key = request.holdoutKey.map {
      HMAC.sha256(key: Array($0.revealed.utf8), message: Array("roost checkpoint".utf8))
        .prefix(8).map { $0 }.hexadecimal
    }
    program = StageIdentity.digest(
      [request.program.text, key ?? "", String(request.planned.asOf.microseconds)])
  }

  /// For each stage, given the reading that its sources come from.
  func all(reading: String?) -> [String: StageIdentity] {
    var identities: [String: StageIdentity] = [:]
    // Each stage stands after those that it uses.
    for stage in planned.pipeline.stages {
      guard let plan = planned.plan(of: stage) else { continue }
      identities[stage.name.text] = StageIdentity(
        program: program, definition: definition(stage, plan),
        reading: plan.reading == nil ? nil : reading,
        inputs: Dictionary(
          stage.dependencies.map { ($0, identities[$0]?.digest ?? "") },
          uniquingKeysWith: { a, _ in a }),
        columns: demands[stage.name.text]?.columns?.sorted())
    }
    return identities
  }

  private func definition(_ stage: Stage, _ plan: StagePlan) -> String {
    var parts = [
      "roost checkpoint 1", stage.kindName, stage.definition, planned.pipeline.zone.name,
    ]
    // The key of a hash is no part of the file that names it.
    parts += plan.secretDigests
    if let statement = plan.reading?.statement {
      // The as-of is the run's, not the definition's: another night must not look like a change.
      let sql = statement.sql.replacing(planned.asOf.sqlText, with: ":as_of")
      parts += [statement.connection, locations[statement.connection] ?? "", sql]
    }
    // By the cutoffs of stages behind it, which its own text does not say.
    parts += (plan.relational?.chosenAt ?? []).map { "chosen at \($0.asOf.microseconds)" }
    if case .relation(let shape) = plan.shape {
      for field in shape.schema.fields {
        parts.append("\(field.name) \(field.type.sqlName) \(field.isPersonal)")
        // Renamed or put into another order, they compare otherwise.
        if let labels = field.labels { parts += ["labels"] + labels }
      }
    }
    return StageIdentity.digest(parts)
  }
}
