import PipelineFiles
import Runs
import Testing

/// `roost run --format json` and `roost retry --format json`.
@Suite struct RunEventsTests {
  private func events(_ result: Program.Result) throws -> [JSONValue] {
    try result.output.split(separator: "\n").map {
      try #require(JSONValue(parsing: String($0)), "\($0)")
    }
  }

  /// An event without its time, and without what the log does not keep.
  private func text(_ event: JSONValue) -> String {
    ["run", "attempt", "level", "stage", "event", "message"].map { key in
      event[key].map(\.text) ?? "no \(key)"
    }.joined(separator: " ")
  }

  @Test func `a run tells each event as the log keeps it`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let run = try await project.program.run("run", "users.yaml", "--format", "json")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.errors == "")
      let told = try events(run)
      let kept = try events(try await project.program.run("logs", "1", "--format", "json"))
      // Of readings and of publication the log says nothing: the run's row does.
      let shared = told.filter {
        !["snapshot", "publish"].contains($0["event"]?.string ?? "")
      }
      #expect(shared.map(text) == kept.map(text))
      #expect(told.allSatisfy { $0["at"]?.string != nil })
      let rows = told.filter { $0["event"]?.string == "finish" }.map { event in
        "\(event["stage"]?.string ?? "") \(event["rows"]?.text ?? "")"
      }
      #expect(rows == ["users 10", "more 10", "publish 10"])
    }
  }

  /// A pipeline that is blocked where there are too few rows.
  private func pipeline(_ rows: Int) -> String {
    """
    pipeline: users
    stages:
      users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
      more: { clean: { input: users, steps: [ { set: {} } ], expect: [ { rows: ">= \(rows)" } ] } }
      publish: { write: { input: more, table: marketing.users, key: user_id } }
    """
  }

  @Test func `a run that is blocked says so, and its retry is another attempt`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write("users.yaml", pipeline(11))
      let run = try await project.program.run("run", "users.yaml", "--format", "json")
      let last = try #require(try events(run).last, "\(run.errors)")
      #expect(run.status == 3)
      #expect(last["event"]?.string == "block")
      #expect(last["level"]?.string == "error")
      #expect(last["message"]?.string?.isEmpty == false)
      try project.write("users.yaml", pipeline(10))
      let retry = try await project.program.run("retry", "1", "--format", "json")
      let again = try events(retry)
      #expect(retry.status == 0, "\(retry.errors)")
      #expect(again.first?["event"]?.string == "resume")
      let reused = again.first { $0["event"]?.string == "reuse" }
      #expect(reused?["stage"]?.string == "users")
      #expect(again.last?["event"]?.string == "succeed")
      #expect(again.allSatisfy { $0["attempt"]?.text == "2" && $0["run"]?.text == "1" })
    }
  }
}
