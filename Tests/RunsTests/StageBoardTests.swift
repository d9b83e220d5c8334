import Diagnostics
import Frames
import MemoryEngine
import PipelineFiles
import Relations
import Testing

@testable import Runs

/// Which stages may begin when, over random graphs.
@Suite struct StageBoardTests {
  /// A stage that uses others.
  private struct Step: StageKind {
    static let kind = "step"
    static let group = StageGroup.rows
    static let about = "Uses other stages."
    static let example = "step: { step: { uses: [] } }"
    let inputs: [StageName]

    init(_ keys: inout Keys) { inputs = keys("uses", "Stages before it.", default: []) }

    func plan(_ context: PlanContext) -> StagePlan? {
      StagePlan(
        output: .made(.nothing, lineage: [:], needs: [:]),
        reading: inputs.isEmpty
          ? PlannedReading(
            connection: "shop", statement: PlannedStatement(connection: "shop", sql: "SELECT"),
            unread: nil) : nil,
        publishes: [], atPublication: nil, asksFrom: context.asOf, checkpoint: .none,
        secretDigests: [], notes: [], work: NoWork())
    }
  }

  private struct NoWork: StageWork {
    func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
      StageResult(output: .nothing, rows: 0)
    }
  }

  private struct Thing: Artifact { let maker: String }

  /// A pipeline in which each stage uses these others, written in a random order.
  private func planned(
    _ uses: [[Int]], _ random: inout SystemRandomNumberGenerator
  ) throws -> PlannedPipeline {
    let report = Report()
    let reader = PipelineReader(
      registry: StageRegistry([Step.self], engine: MemoryEngine()), environment: [:], report: report
    )
    let lines = uses.enumerated().map { place, used in
      "  s\(place): { step: { uses: [\(used.map { "s\($0)" }.joined(separator: ", "))] } }"
    }.shuffled(using: &random)
    let project = try #require(
      reader.project(
        SourceFile(name: "roost.yaml", text: "roost: 1\nconnections: { shop: x }\nstate: shop\n")))
    let pipeline = try #require(
      reader.pipeline(
        SourceFile(
          name: "p.yaml", text: "pipeline: p\nstages:\n\(lines.joined(separator: "\n"))\n"),
        in: project))
    return try #require(
      Planner(
        pipeline, in: project, asOf: Instant(microseconds: 0), engine: MemoryEngine(),
        environment: [:],
        publishing: .standard, report: report
      ).plan(CatalogFacts(isOffline: false)))
  }

  @Test func `each stage begins once, after all that it uses, and gets their output`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let uses = (0..<Int.random(in: 1...12)).map { place in
        (0..<place).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
      }
      var board = StageBoard(try planned(uses, &random))
      var began: Set<String> = []
      var done: Set<String> = []
      var running: [Stage] = []
      while true {
        for stage in board.takeReady() {
          #expect(began.insert(stage.name.text).inserted)
          #expect(stage.dependencies.allSatisfy(done.contains))
          let outputs = board.outputs(for: stage)
          #expect(Set(outputs.keys) == Set(stage.dependencies))
          for (name, output) in outputs {
            guard case .artifact(let thing as Thing) = output else {
              Issue.record("\(stage.name.text) got nothing of \(name)")
              continue
            }
            #expect(thing.maker == name)
          }
          running.append(stage)
        }
        guard let place = running.indices.randomElement(using: &random) else { break }
        let stage = running.remove(at: place)
        board.finish(stage, .artifact(Thing(maker: stage.name.text)))
        done.insert(stage.name.text)
        let sources = uses.indices.filter { uses[$0].isEmpty }.map { "s\($0)" }
        #expect(board.areSourcesRead == sources.allSatisfy(done.contains))
      }
      #expect(done.count == uses.count)
    }
  }

  @Test func `what depends on a failed stage is skipped, and nothing else`() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let uses = (0..<Int.random(in: 2...12)).map { place in
        (0..<place).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
      }
      let failing = Int.random(in: 0..<uses.count, using: &random)
      var lost: Set = [failing]
      for place in uses.indices where uses[place].contains(where: lost.contains) {
        lost.insert(place)
      }
      var board = StageBoard(try planned(uses, &random))
      var done: Set<String> = []
      var skipped: Set<String> = []
      var running: [Stage] = board.takeReady()
      while let stage = running.popLast() {
        if stage.name.text == "s\(failing)" {
          for stage in board.fail(stage) { #expect(skipped.insert(stage.name.text).inserted) }
        } else {
          board.finish(stage, .nothing)
          done.insert(stage.name.text)
        }
        running += board.takeReady()
        running.shuffle(using: &random)
      }
      #expect(skipped == Set(lost.subtracting([failing]).map { "s\($0)" }))
      #expect(done == Set(uses.indices.filter { !lost.contains($0) }.map { "s\($0)" }))
    }
  }
}
