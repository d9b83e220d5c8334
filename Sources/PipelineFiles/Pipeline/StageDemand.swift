import Frames
import Relations

/// What the stages behind one want of what it hands on.
public struct StageDemand: Sendable {
  /// The columns of its rows that are used; nil for all.
  public var columns: Set<String>?
  /// The earliest instant at which a stage behind it, near or far, asks what was known.
  public var earliest: Instant
  /// Whether nobody looks at the rows before those are taken out that repeat their key.
  public var isMadeUnique: Bool
}

extension PlannedPipeline {
  /// What is wanted of what each stage hands on, from the last stage to the first.
  ///
  /// Everything that a stage has to know of those behind it is worked out here, from their plans: no kind
  /// asks another.
  public var demands: [String: StageDemand] {
    var demands: [String: StageDemand] = [:]
    for stage in pipeline.stages.reversed() {
      guard let plan = plan(of: stage) else { continue }
      // Where nobody uses its rows, a person may look at all of them.
      let demand =
        demands[stage.name.text]
        ?? StageDemand(columns: nil, earliest: asOf, isMadeUnique: false)
      demands[stage.name.text] = demand
      let needs = plan.needs(demand.columns)
      for input in Set(stage.kind.inputs.map(\.text)) {
        let own = StageDemand(
          columns: needs[input] ?? nil, earliest: min(demand.earliest, plan.asksFrom),
          isMadeUnique: plan.makesUnique(input, plans[input]))
        demands[input] = demands[input].map { $0.and(own) } ?? own
      }
      for source in stage.companionSources {
        // Companions are made with all of the rows beside them.
        let own = StageDemand(columns: nil, earliest: demand.earliest, isMadeUnique: false)
        demands[source.text] = demands[source.text].map { $0.and(own) } ?? own
      }
    }
    return demands
  }

  /// The same pipeline with stages that make only the columns that others use, where they can do with
  /// less: what is published, trained and scored is the same.
  public func narrowed() -> PlannedPipeline {
    let demands = demands
    return mapping { stage, plan in
      demands[stage].map { plan.meeting($0, in: pipeline.zone) } ?? plan
    }
  }

  /// The same with all columns, as a person looks at them.
  func asked() -> PlannedPipeline {
    let demands = demands
    return mapping { stage, plan in
      guard var demand = demands[stage] else { return plan }
      demand.columns = nil
      return plan.meeting(demand, in: pipeline.zone)
    }
  }

  private func mapping(_ change: (String, StagePlan) -> StagePlan) -> PlannedPipeline {
    PlannedPipeline(
      pipeline: pipeline, asOf: asOf, engine: engine,
      plans: Dictionary(
        plans.map { ($0, change($0, $1)) }, uniquingKeysWith: { first, _ in first }))
  }

}

extension StageDemand {
  /// What two users want of it together.
  fileprivate func and(_ other: StageDemand) -> StageDemand {
    StageDemand(
      columns: RelationPlan.union(columns, other.columns),
      earliest: min(earliest, other.earliest),
      isMadeUnique: isMadeUnique && other.isMadeUnique)
  }
}

extension StagePlan {
  /// Whether the rows of a stage are used only once those are taken out that repeat its key.
  fileprivate func makesUnique(_ input: String, _ plan: StagePlan?) -> Bool {
    guard let relational, case .relation(let shape)? = plan?.shape else { return false }
    return relational.makesUnique(input, by: Set(shape.key))
  }
}
