import Diagnostics
import TestSupport
import Testing

@testable import PipelineFiles

@Suite struct StageGraphTests {
  /// A stage kind that uses what it is told.
  private struct Uses: StageKind {
    static let kind = "uses"
    static let group = StageGroup.rows
    static let about = "Uses other stages."
    static let example = "a: { uses: {} }"
    let stages: [StageName]
    init(_ keys: inout Keys) {
      stages = keys("stages", "What it uses.", default: [], shown: "none")
    }
    var inputs: [StageName] { stages }
    func plan(_ context: PlanContext) -> StagePlan? { nil }
  }

  private func order(_ stages: [(String, [String])], after: [String: String] = [:])
    -> (order: [String]?, messages: [String])
  {
    var text = "pipeline: test\nstages:\n"
    for (name, uses) in stages {
      text += "  \(name): { uses: { stages: [\(uses.joined(separator: ", "))] }"
      text += after[name].map { ", after: [\($0)] }\n" } ?? " }\n"
    }
    let report = Report()
    let reader = PipelineReader(
      registry: StageRegistry([Uses.self], engine: StageRegistry.builtIn.engine), environment: [:],
      report: report)
    guard let project = reader.project(defaultProject) else { return (nil, []) }
    let pipeline = reader.pipeline(SourceFile(name: "test.yaml", text: text), in: project)
    return (
      pipeline?.stages.map(\.name.text),
      report.sorted.map { $0.message + ($0.help.map { " (\($0))" } ?? "") }
    )
  }

  @Test func `stages come after what they use`() {
    #expect(order([("c", ["b"]), ("b", ["a"]), ("a", [])]).order == ["a", "b", "c"])
    // Otherwise the order of the file stays.
    #expect(order([("x", []), ("c", ["a"]), ("y", []), ("a", [])]).order == ["x", "a", "c", "y"])
    #expect(order([("a", []), ("b", [])], after: ["a": "b"]).order == ["b", "a"])
  }

  @Test func `cycles name their path`() {
    let help = " (a stage can only use what is made before it)"
    #expect(
      order([("start", ["a"]), ("a", ["b"]), ("b", ["c"]), ("c", ["a"])]).messages
        == ["the stages use each other in a circle: a → b → c → a" + help])
    #expect(order([("a", ["a"])]).messages == ["stage 'a' uses itself" + help])
    #expect(
      order([("a", []), ("b", ["a"])], after: ["a": "b"]).messages
        == ["the stages use each other in a circle: a → b → a" + help])
    // Two circles are two messages.
    #expect(
      order([("a", ["b"]), ("b", ["a"]), ("c", ["d"]), ("d", ["c"])]).messages.count == 2)
  }

  @Test func `unknown names are suggested`() {
    let found = order([("orders", []), ("clean", ["oders", "orders"])], after: ["clean": "zzz"])
    #expect(found.order == nil)
    #expect(
      found.messages == [
        "there is no stage 'oders' (did you mean 'orders'?)",
        "there is no stage 'zzz' (there is: clean, orders)",
      ])
  }

  /// Random graphs without cycles: every stage stands behind all that it uses.
  @Test(arguments: 0..<10) func `orders random graphs`(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let names = (0..<60).map { "s\($0)" }.shuffled(using: &random)
    let stages = names.indices.map { place in
      (
        names[place],
        (0..<place).filter { _ in Int.random(in: 0..<12, using: &random) == 0 }
          .map { names[$0] }
      )
    }.shuffled(using: &random)
    let ordered = try #require(order(stages).order)
    #expect(ordered.sorted() == names.sorted())
    let places = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
    for (name, uses) in stages {
      for use in uses { #expect(places[use, default: .max] < places[name, default: .min]) }
    }
  }

  /// A chain that is longer than any stack is deep.
  @Test func `long chains are ordered`() throws {
    let chain = (0..<10_000).map { ("s\($0)", $0 < 9_999 ? ["s\($0 + 1)"] : []) }
    let ordered = try #require(order(chain).order)
    #expect(ordered.first == "s9999" && ordered.last == "s0")
  }
}
