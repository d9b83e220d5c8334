import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// A stage whose rows are kept, so that a resumed run need not make them again.
protocol KeepsRows: StagePlan {
  /// The rows again, from what was kept of them.
  func reopened(_ frames: [String: Frame], _ context: any StageContext) async throws -> any Relation
}

extension KeepsRows {
  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let relation) = output else { return nil }
    return relation.keptFrames(columns: columns).map { KeptOutput(frames: $0) }
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    .relation(try await reopened(kept.frames, context))
  }
}

/// A stage whose rows exist at the run's as-of only.
protocol RowsOfOneInstant: KeepsRows {
  var relation: RelationShape { get }
}

extension RowsOfOneInstant {
  var shape: StageShape { .relation(relation) }

  func reopened(_ frames: [String: Frame], _ context: any StageContext) async throws -> any Relation
  {
    try FixedRelation(kept: frames, shape: relation, context.facts)
  }
}

extension ExtractPlan: KeepsRows {
  func reopened(_ frames: [String: Frame], _ context: any StageContext) async throws -> any Relation
  {
    try SourceRelation(kept: frames, shape: relation, zone: zone, asOf: context.asOf)
  }
}

extension CleanPlan: KeepsRows {
  var isRestoredFromInputs: Bool { true }

  func reopened(_ frames: [String: Frame], _ context: any StageContext) async throws -> any Relation
  {
    try MemoryEngine().reopen(
      rows, keeping: frames, over: try context.relations(of: rows), in: context.facts)
  }
}

extension FeaturesPlan: KeepsRows {
  var isRestoredFromInputs: Bool { true }

  func reopened(_ frames: [String: Frame], _ context: any StageContext) async throws -> any Relation
  {
    try await MemoryEngine().features(
      plan(choosing: try await chosenValues(context)), over: try context.relations(of: rows),
      in: context.facts
    ).remembering(frames, asOf: context.asOf)
  }
}
