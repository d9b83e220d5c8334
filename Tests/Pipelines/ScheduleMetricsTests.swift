import Foundation
import FoundationNetworking
import Testing

/// The figures that `roost schedule` gives away for as long as it runs.
@Suite struct ScheduleMetricsTests {
  private static let succeeded =
    #"roost_run_state{pipeline="users",environment="",state="succeeded"} 1"#

  /// A project with a run that was due at midnight in Shanghai and is not made yet.
  private func withDueUsers(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let file = project.folder.appending(component: "users.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try project.write(
        "users.yaml",
        text.replacing("stages:", with: "schedule: { cron: \"0 0 * * *\" }\nstages:"))
      var project = project
      project.environment["ROOST_STATE_DIR"] = project.folder.appending(component: "state").path
      #expect(try await project.program.run("schedule", "--once").status == 0)
      try await project.sql(
        """
        UPDATE roost.schedules SET considered_until = now() - interval '1 day',
          looked_at = now() - interval '1 day'
        """)
      try await body(project)
    }
  }

  /// The address of which a program under way has told.
  private func address(_ running: Program.Running) async throws -> URL {
    let text = try await found("the address") {
      running.errorsSoFar.firstMatch(of: /metrics at (http:\S+)/).map { String($0.1) }
    }
    return try #require(URL(string: text))
  }

  private func ask(
    _ url: URL, method: String = "GET"
  ) async throws -> (status: Int, type: String?, text: String) {
    var request = URLRequest(url: url)
    request.httpMethod = method
    let (data, response) = try await URLSession.shared.data(for: request)
    let answer = try #require(response as? HTTPURLResponse)
    return (
      answer.statusCode, answer.value(forHTTPHeaderField: "Content-Type"),
      String(decoding: data, as: UTF8.self)
    )
  }

  @Test func `the file is written after a run, and the port answers`() async throws {
    try await withDueUsers { project in
      let file = project.folder.appending(component: "roost.prom")
      let running = try project.program.start([
        "schedule", "--metrics-file", file.path, "--metrics-port", "0",
      ])
      let url = try await address(running)
      let written = try await found("the run") { () -> String? in
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text?.contains(Self.succeeded) == true ? text : nil
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
      #expect(attributes[.posixPermissions] as? Int == 0o644)
      let printed = try await project.program.run("metrics").output
      #expect(written.contains("roost_runs{"))
      let answer = try await ask(url)
      #expect(answer.status == 200)
      #expect(answer.type == "text/plain; version=0.0.4")
      #expect(answer.text == printed)

      #expect(try await ask(url.deletingLastPathComponent()).status == 404)
      #expect(try await ask(url, method: "POST").status == 404)

      let port = try #require(url.port)
      let second = try await project.program.run("schedule", "--metrics-port", "\(port)")
      #expect(second.status == 1)
      #expect(
        second.errors.contains("metrics cannot be served at 127.0.0.1:\(port): "),
        "\(second.errors)")
      // It has not begun.
      #expect(!second.errors.contains("users:"), "\(second.errors)")

      // Nobody can connect any more; sessions that are open stay.
      func allow(_ isAllowed: Bool) async throws {
        try await project.sql(
          "UPDATE pg_database SET datallowconn = \(isAllowed) WHERE datname = current_database()")
      }
      try await allow(false)
      let away = try await ask(url)
      #expect(away.status == 503)
      #expect(away.text == "the state database does not answer\n")
      try await allow(true)
      #expect(try await ask(url).status == 200)

      kill(running.processIdentifier, SIGTERM)
      #expect(try await running.result().status == 0)
    }
  }

  @Test func `what cannot be given away is an error before the daemon begins`() async throws {
    try await withDueUsers { project in
      let once = try await project.program.run(
        "schedule", "--once", "--metrics-file", "nowhere/roost.prom")
      #expect(once.status == 1)
      #expect(once.errors.contains("nowhere/roost.prom cannot be written"), "\(once.errors)")
      #expect(try await project.count("roost.runs") == 0)
      let host = try await project.program.run(
        "schedule", "--metrics-port", "0", "--metrics-host", "nowhere")
      #expect(host.status == 64)
      #expect(host.errors.contains("'nowhere' is no IP address"), "\(host.errors)")
      let wrong = [
        ["--metrics-host", "127.0.0.1"], ["--once", "--metrics-port", "0"],
        ["--next", "1", "--metrics-file", "x"], ["--metrics-port", "70000"],
      ]
      for options in wrong {
        #expect(try await project.program.start(["schedule"] + options).result().status == 64)
      }
      let file = project.folder.appending(component: "roost.prom")
      let written = try await project.program.run("schedule", "--once", "--metrics-file", file.path)
      #expect(written.status == 0, "\(written.errors)")
      #expect(try String(contentsOf: file, encoding: .utf8).contains(Self.succeeded))
    }
  }
}
