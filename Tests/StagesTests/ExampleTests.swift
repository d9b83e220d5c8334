import Diagnostics
import PipelineFiles
import Stages
import Testing

@Suite struct ExampleTests {
  @Test func theExamplesOfAllKindsMakeOnePipeline() throws {
    let (pipeline, report) = ExamplePipeline.read(ExamplePipeline.text)
    #expect(report.diagnostics.isEmpty, "\(TextRenderer().render(report.sorted))")
    let stages = try #require(pipeline).stages
    #expect(Set(stages.map(\.kindName)) == Set(StageRegistry.builtIn.names))
  }

  @Test func anExampleShowsItsOwnKindOnly() throws {
    for kind in StageRegistry.builtIn.kinds {
      let own = kind.example.split(separator: "\n").filter { $0.hasPrefix("  \(kind.kind):") }
      let stages = kind.example.split(separator: "\n").filter { !$0.hasPrefix(" ") }
      #expect(own.count == stages.count && !own.isEmpty, "\(kind.kind)")
    }
  }

  @Test func theTerminalPageNamesEveryKeyAndKeepsItsWidth() throws {
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

  @Test func theTerminalPageOfOneKind() throws {
    let lines = try #require(StageText(.builtIn, width: 60).kind("write"))
    #expect(
      lines.joined(separator: "\n") == """
        write: Publishes rows; they become visible with all others
        of the run, or not at all.

        Keys:
          input  Stage whose rows are published.
                 Required. Takes a name, such as orders.
          table  Table that shows them, with its schema.
                 Required. Takes a table with its schema, such as
                 shop.orders.
          key    Columns that identify a row of one run.
                 Required. Takes one or a list: a name, such as
                 orders.
          mode   How the rows get in: snapshot keeps each run's rows
                 apart.
                 Default: snapshot. Takes snapshot.
          keep   How long old publications are kept; for ever when
                 left out.
                 Takes a duration, such as 30d.

        Example:
          publish_segments:
            after: win_back
            write: { input: segments, table: marketing.user_segments, key: user_id, keep: 90d }
        """)
  }
}
