import Diagnostics
import MemoryEngine
import PipelineFiles
import Stages
import Testing

@Suite struct ExampleTests {
  @Test func `the examples of all kinds make one pipeline`() throws {
    let (pipeline, report) = ExamplePipeline.read(ExamplePipeline.text)
    #expect(report.diagnostics.isEmpty, "\(TextRenderer().render(report.sorted))")
    let stages = try #require(pipeline).stages
    #expect(Set(stages.map(\.kindName)) == Set(StageRegistry.builtIn.names))
  }

  @Test func `an example shows its own kind only`() throws {
    for kind in StageRegistry.builtIn.kinds {
      let own = kind.example.split(separator: "\n").filter { $0.hasPrefix("  \(kind.kind):") }
      let stages = kind.example.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      #expect(own.count == stages.count && !own.isEmpty, "\(kind.kind)")
    }
  }

  @Test func `the terminal page names every key and keeps its width`() throws {
    for width in [40, 60, 80, 132] {
      let text = StageText(.builtIn, width: width)
      for kind in StageRegistry.builtIn.kinds {
        let lines = try #require(text.kind(kind.kind))
        let page = lines.prefix { $0 != "Example:" }
        // A word that is longer than its column cannot be broken.
        #expect(page.allSatisfy { $0.count <= width || !$0.dropFirst(width / 2).contains(" ") })
        #expect(lines.suffix(3).joined().contains(kind.example.split(separator: "\n").last ?? "?"))
        #expect(text.kinds.contains { $0.contains(kind.kind) })
      }
    }
    #expect(StageText(.builtIn, width: 80).kind("claen") == nil)
  }

  @Test func `the terminal page of one kind`() throws {
    let lines = try #require(
      StageText(StageRegistry([Brew.self], engine: MemoryEngine()), width: 56).kind("brew"))
    #expect(
      lines.joined(separator: "\n") == """
        brew: Makes tea of what another stage hands on, cup by
        cup, as long as there is water.

        Keys:
          input      Stage with the leaves.
                     Required. Takes a stage, such as orders.
          steps[]    What is done, in this order.
                     Default: none. Takes a list: keys.
            steep    How long the leaves stay in the water
                     before they are taken out.
                     Default: 5m. Takes a duration, such as 30d.
          strengths  Names for what comes out.
                     Takes names, each with a bound, such as '>=
                     0.6'.

        Example:
          tea:
            brew: { input: leaves }
        """)
  }
}

private struct Brew: StageKind {
  static let kind = "brew"
  static let group = StageGroup.rows
  static let about =
    "Makes tea of what another stage hands on, cup by cup, as long as there is water."
  static let example = """
    tea:
      brew: { input: leaves }
    """
  let input: StageName

  struct Step: Record {
    static let about = "A step."

    init(_ keys: inout Keys) {
      let _: Duration = keys(
        "steep", "How long the leaves stay in the water before they are taken out.",
        default: Duration(.minutes(5)), shown: "5m")
    }
  }

  init(_ keys: inout Keys) {
    input = keys("input", "Stage with the leaves.")
    let _: [Step] = keys("steps", "What is done, in this order.", default: [], shown: "none")
    let _: Entries<Bound>? = keys("strengths", "Names for what comes out.")
  }

  var inputs: [StageName] { [input] }

  func plan(_ context: PlanContext) -> StagePlan? { nil }
}
