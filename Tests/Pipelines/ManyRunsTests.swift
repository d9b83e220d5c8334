import Foundation
import Frames
import PipelineFiles
import Scheduling
import State
import TestSupport
import Testing

/// What commands and schedulers touch hangs on what they show, not on how many runs and ticks are kept.
///
/// ROOST_TICKS sets how many ticks there are. `make soak PART=state` makes 500,000 and prints times.
@Suite struct ManyRunsTests {
  private static let wantedTicks =
    ProcessInfo.processInfo.environment["ROOST_TICKS"].flatMap(Int.init)
  private static let runs = 10_000

  /// Rows of `roost` that a command may touch; figures of all runs by state need each of them.
  private static let commands: [(arguments: [String], most: Int)] = [
    (["runs"], 500), (["runs", "--pipeline", "p3"], 500), (["runs", "--format", "json"], 500),
    (["show"], 500), (["show", "5000"], 500), (["logs", "5000"], 500),
    (["why", "test"], 3000), (["why", "pipeline.yaml"], 3000), (["diff", "1"], 500),
    (["rollback", "test", "--list"], 3000), (["metrics"], runs + 1000),
    (["check", "pipeline.yaml"], 500), (["plan", "pipeline.yaml"], 500),
    (["schedule", ".", "--once"], 6000), (["schedule", ".", "--past", "20"], 500),
    (["repair", "test", "--dry-run"], 3000),
  ]

  @Test func `commands and looks of a scheduler touch few of ten thousand runs`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      let file = try String(
        contentsOf: project.folder.appending(path: TestProject.pipeline), encoding: .utf8)
      // Due once a year, so that nothing is made; and all is kept.
      try project.write(
        TestProject.pipeline,
        file.replacing(
          "stages:", with: "schedule: { cron: \"0 0 29 2 *\" }\nkeep_runs: 9000d\nstages:"))
      try await project.run(asOf: "2024-06-01")
      try await project.pretend(runs: Self.runs, ticks: Self.wantedTicks ?? 50_000)
      for command in Self.commands {
        let before = try await project.readOfState()
        let began = ContinuousClock.now
        let result = try await project.program.start(command.arguments).result()
        let time = ContinuousClock.now - began
        let after = try await project.readOfState()
        let name = command.arguments.joined(separator: " ")
        #expect(result.status == 0, "\(name): \(result.errors)")
        let rows = after.rows - before.rows
        #expect(rows <= command.most, "\(name) touches \(rows) rows")
        if Self.wantedTicks != nil {
          print(
            "many runs: \(name): \(time.formatted(.units(allowed: [.milliseconds]))), "
              + "\(rows) rows, \(after.statements - before.statements) statements")
        }
      }
    }
  }
}
