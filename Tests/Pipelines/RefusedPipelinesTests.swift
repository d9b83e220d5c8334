import Diagnostics
import Foundation
import TestSupport
import Testing

/// Pipelines with mistakes that only a database can see: all that is said of each, as it is printed. A
/// case whose `setup.sql` speaks of ROLE_NAME is checked as that role; `environment.txt` sets variables, and
/// `lock.sql` runs in a session that stays. With `ROOST_UPDATE_GOLDEN` set the
/// expected texts are written instead; read them.
@Suite struct RefusedPipelinesTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Refused")

  private static let cases: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }()

  private func text(_ name: String, _ file: String) throws -> String? {
    let url = Self.folder.appendingPathComponent(name).appendingPathComponent(file)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    return try String(contentsOf: url, encoding: .utf8)
  }

  @Test func `there are some`() { #expect(Self.cases.count >= 10) }

  @Test(arguments: cases) func `what a database refuses is told`(name: String) async throws {
    let settings = try text(name, "settings.yaml") ?? ""
    try await withProject(settings: settings) { project in
      var project = project
      let role = "role_\(project.database.name)"
      let setup = try text(name, "setup.sql") ?? ""
      try await project.sql(SmallShop.schema + setup.replacing("ROLE_NAME", with: role))
      if setup.contains("ROLE_NAME") {
        let url = project.database.url.replacing("user=postgres", with: "user=\(role)")
        project.environment["SHOP_DATABASE_URL"] = url
        project.environment["WAREHOUSE_DATABASE_URL"] = url
      }
      for line in (try text(name, "environment.txt") ?? "").split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        project.environment[parts[0]] = parts[1]
      }
      for file in try FileManager.default.contentsOfDirectory(
        atPath: Self.folder.appendingPathComponent(name).path)
      where file.hasSuffix(".sql") && !["setup.sql", "lock.sql"].contains(file) {
        try project.write(file, try text(name, file) ?? "")
      }
      try project.write(TestProject.pipeline, try text(name, "pipeline.yaml") ?? "")
      let other = try await project.database.connect()
      if let lock = try text(name, "lock.sql") { try await other.execute(script: lock) }
      let checked = try await project.check()
      await other.close()
      #expect(!checked.diagnostics.isEmpty)
      #expect((checked.pipeline == nil) == !checked.errors.isEmpty)
      let found = checked.text.replacing(project.folder.path + "/", with: "")
        .replacing(role, with: "ROLE_NAME").replacing(project.database.name, with: "DATABASE_NAME")
        .replacing(#/session \d+/#, with: "session PID")
      #expect(!found.contains("hunter2"))
      let expected = Self.folder.appendingPathComponent(name + "/expected.txt")
      if ProcessInfo.processInfo.environment["ROOST_UPDATE_GOLDEN"] != nil {
        try found.write(to: expected, atomically: true, encoding: .utf8)
      }
      #expect(found == (try text(name, "expected.txt")))
    }
  }
}
