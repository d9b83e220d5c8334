import EngineConformance
import Expressions
import Frames
import MemoryEngine
import Relations

/// The memory engine as the suite asks it.
struct MemoryEngineUnderTest: ConformingEngine {
  func outcome(of example: ConformanceCase) async throws -> EngineOutcome {
    try await outcome {
      let opened = try await MemoryEngine().open(
        example.plan, over: try stages(example.tables, example.asOf, example.zone),
        in: RunFacts(asOf: example.asOf, zone: example.zone))
      return try await opened.relation.frame(asOf: example.askedAt)
    }
  }

  func outcome(of example: LabelCase) async throws -> EngineOutcome {
    try await outcome {
      let engine = MemoryEngine()
      let facts = RunFacts(asOf: example.asOf, zone: example.zone)
      let stages = try stages(example.tables, example.asOf, example.zone)
      let rows = SourceRelation(
        try await engine.open(example.rows, over: stages, in: facts).relation.withWholeHistory)
      let entities = try await engine.open(example.entities, over: stages, in: facts).relation
      let ids = try await entities.frame(asOf: example.cutoff).column(example.shape.key[0])
      let context = EvaluationContext(asOf: example.cutoff, zone: example.zone)
      let labels = try example.label.values(
        for: ids, at: example.cutoff,
        rows: try await SharedRows().rows(
          of: example.label.rowsPlan, at: 0, rows, asOf: example.asOf, in: context),
        seen: example.asOf, in: context)
      var builder = ColumnBuilder(type: .bool)
      for label in labels { if let label { builder.append(label) } else { builder.appendNull() } }
      return Frame(
        schema: example.shape.schema, columns: [ids, builder.build()], rowCount: ids.count)
    }
  }

  func outcome(of example: CheckCase) async throws -> EngineOutcome {
    try await outcome {
      let engine = MemoryEngine()
      let facts = RunFacts(asOf: example.asOf, zone: example.zone)
      let stages = try stages(example.tables, example.asOf, example.zone)
      let rows = try await engine.open(example.rows, over: stages, in: facts).relation
      var others: [String: any Relation] = [:]
      if let other = example.other {
        others[other.name] = try await engine.open(other, over: stages, in: facts).relation
      }
      let found = try await engine.findings(
        of: [example.check], in: CheckedRows(rows, others: others, in: facts))
      return example.frame(of: found[0])
    }
  }

  private func outcome(_ make: () async throws -> Frame) async throws -> EngineOutcome {
    do {
      return .rows(try await make())
    } catch let failure as StageFailure {
      return .failure(failure.message)
    } catch let failure as EvaluationError {
      return .noValue("\(failure)")
    }
  }

  private func stages(
    _ tables: [String: GeneratedTable], _ asOf: Instant, _ zone: CalendarZone
  ) throws -> [String: any Relation] {
    try tables.mapValues { table in
      try SourceRelation(
        shape: table.shape, zone: zone, base: table.frame.ordered(by: table.shape.key)
      ).known(before: asOf)
    }
  }
}
