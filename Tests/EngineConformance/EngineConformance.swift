import Frames
import Relations
import Testing

/// What every engine must show: the rows of random plans are those that another engine makes of them.
public enum EngineConformance {
  /// How often what happened.
  public struct Tally: Sendable, CustomStringConvertible {
    public var plans = 0
    public var rows = 0
    public var failures = 0
    public var inexpressible: [String: Int] = [:]
    /// How many plans had each kind of step or operator.
    public var operators: [String: Int] = [:]

    public var description: String {
      let unsaid = inexpressible.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      let counts = operators.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      return "\(plans) plans, \(rows) rows compared, \(failures) failed; "
        + counts.joined(separator: ", ")
        + (unsaid.isEmpty ? "" : "; not expressible: \(unsaid.joined(separator: ", "))")
    }
  }

  /// Compares two engines over some seeds.
  public static func exercise(
    _ engine: any ConformingEngine, against witness: any ConformingEngine,
    _ kind: CaseGenerator.Kind, seeds: Range<UInt64>
  ) async throws -> Tally {
    var tally = Tally()
    for seed in seeds {
      guard let example = CaseGenerator.example(kind, seed: seed) else { continue }
      try await compare(example, engine, witness, &tally)
    }
    return tally
  }

  /// Compares the labels of two engines over some seeds.
  public static func exerciseLabels(
    _ engine: any ConformingEngine, against witness: any ConformingEngine, seeds: Range<UInt64>
  ) async throws -> Tally {
    var tally = Tally()
    for seed in seeds {
      guard let example = CaseGenerator.label(seed: seed) else { continue }
      let steps = example.rows.steps.map(\.text).joined(separator: "; ")
      judge(
        "seed \(seed): \(example.label.test.text) over \(steps)",
        try await engine.outcome(of: example), try await witness.outcome(of: example),
        example.shape, ["label"], &tally)
    }
    return tally
  }

  /// Compares what two engines measure for checks over some seeds.
  public static func exerciseChecks(
    _ engine: any ConformingEngine, against witness: any ConformingEngine, seeds: Range<UInt64>
  ) async throws -> Tally {
    var tally = Tally()
    for seed in seeds {
      guard let example = CaseGenerator.check(seed: seed) else { continue }
      let steps = example.rows.steps.map(\.text).joined(separator: "; ")
      judge(
        "seed \(seed): \(example.check) over \(steps)", try await engine.outcome(of: example),
        try await witness.outcome(of: example), example.shape, ["check"], &tally)
    }
    return tally
  }

  private static func compare(
    _ example: ConformanceCase, _ engine: any ConformingEngine, _ witness: any ConformingEngine,
    _ tally: inout Tally
  ) async throws {
    let what = "seed \(example.seed): \(example.labels.joined(separator: "; "))"
    judge(
      what, try await engine.outcome(of: example), try await witness.outcome(of: example),
      example.plan.shape, example.plan.operators, &tally)
  }

  private static func judge(
    _ what: String, _ one: EngineOutcome, _ other: EngineOutcome, _ shape: RelationShape,
    _ operators: Set<String>, _ tally: inout Tally
  ) {
    switch (one, other) {
    case (.inexpressible(let why), _), (_, .inexpressible(let why)):
      tally.inexpressible[why, default: 0] += 1
      return
    case (.failure, .failure), (.noValue, _), (_, .noValue): tally.failures += 1
    case (.failure(let why), .rows(let frame)):
      Issue.record("\(what): fails in the one (\(why)), gives \(frame.rowCount) rows in the other")
    case (.rows(let frame), .failure(let why)):
      Issue.record("\(what): gives \(frame.rowCount) rows in the one, fails in the other (\(why))")
    case (.rows(let ours), .rows(let theirs)):
      if let difference = FrameComparison(ours, theirs, shape).difference {
        Issue.record("\(what): \(difference)")
      }
      tally.rows += ours.rowCount
    }
    tally.plans += 1
    for name in operators { tally.operators[name, default: 0] += 1 }
  }
}

extension RelationPlan {
  /// The words of its operators, each once.
  var operators: Set<String> {
    let own: String
    switch self {
    case .stage, .scan: return []
    case .step(let step, _): own = step.label.split(separator: " ").first.map(String.init) ?? ""
    case .join(let join, _, _): own = join.validity == nil ? "join" : "join valid at"
    case .union: own = "union"
    case .identify: own = "identify"
    case .aggregate: own = "features"
    case .align: own = "align"
    case .choose: own = "choose"
    }
    return inputs.reduce(into: [own]) { $0.formUnion($1.operators) }
  }
}
