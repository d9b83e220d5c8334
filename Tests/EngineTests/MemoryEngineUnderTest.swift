import EngineConformance
import Expressions
import Frames
import MemoryEngine
import Relations

/// The memory engine as the suite asks it.
struct MemoryEngineUnderTest: ConformingEngine {
  func outcome(of example: ConformanceCase) async throws -> EngineOutcome {
    var stages: [String: any Relation] = [:]
    for (name, table) in example.tables {
      stages[name] = SourceRelation(
        shape: table.shape, zone: example.zone, base: table.frame.ordered(by: table.shape.key))
    }
    do {
      let opened = try await MemoryEngine().open(
        example.plan, over: stages, in: RunFacts(asOf: example.asOf, zone: example.zone))
      return .rows(try await opened.relation.frame(asOf: example.asOf))
    } catch let failure as StageFailure {
      return .failure(failure.message)
    } catch let failure as EvaluationError {
      return .noValue("\(failure)")
    }
  }
}
