import Cryptography
import Foundation
import Testing

@testable import Runs

/// Whose a checkpoint is: of a run that the state knows, of this roost, with these keys, of one stage.
@Suite struct CheckpointOwnerTests {
  private static let asOf = ResumeTests.asOf

  private func snapshots(_ project: TestProject, _ run: Int) async throws -> String? {
    try await project.text("SELECT snapshots FROM roost.runs WHERE run_id = \(run)")
  }

  @Test(arguments: [
    // Its numbers come again.
    "DELETE FROM roost.runs; ALTER TABLE roost.runs ALTER run_id RESTART",
    "UPDATE roost.runs SET started_at = started_at - interval '1 day'",
    "UPDATE roost.runs SET attempt = 0",
  ]) func `what a run kept that a restored state does not know is not used`(restored: String)
    async throws
  {
    try await withResumable { project in
      try await project.runCancelled(at: "publish_targets")
      #expect(!project.checkpointFiles.isEmpty)
      try await project.sql(restored)
      // Everybody has said no since.
      try await project.sql("UPDATE shop.users SET may_mail = false")
      let ran = try await project.resume()
      #expect(ran.reused.isEmpty)
      #expect(ran.run == 1)
      #expect(ran.notes.contains { $0.contains("run 1, which the state does not know") })
      #expect(try await project.count("marketing.targets_current") == 0)
      #expect(try await snapshots(project, 1)?.contains("shop") == true)
      try await project.expectNothingLeft()
    }
  }

  @Test func `a part of a run says at which instant its rows were read`() async throws {
    try await withResumable { project in
      try await project.runCancelled(at: "publish_targets")
      let first = try await snapshots(project, 1)
      try await project.run(
        asOf: Self.asOf, stateFolder: project.state, from: ["segments"])
      #expect(first?.contains("shop") == true)
      #expect(try await snapshots(project, 2) == first)
    }
  }

  @Test func `a file of another stage is not taken, however whole it is`() async throws {
    try await withResumable { project in
      try await project.run(asOf: Self.asOf)
      let undisturbed = try await project.published()
      // Another part of the same stage, another stage, and a model.
      for (stage, other, ending, later) in [
        ("segments", "scores", ".frame", ["win_back"]),
        ("win_back", "win_back", ".frame", []),
        ("churn", "users", ".data", ["scores", "segments", "win_back"]),
      ] {
        try await project.runCancelled(at: "publish_targets")
        // So that somebody needs it.
        for file in project.checkpointFiles
        where later.contains(where: { file.contains("/\($0)/") }) {
          try FileManager.default.removeItem(atPath: file)
        }
        let own = project.checkpointFiles.filter {
          $0.contains("/\(stage)/") && $0.hasSuffix(ending)
        }.sorted()
        let foreign = project.checkpointFiles.filter {
          $0.contains("/\(other)/") && !$0.hasSuffix(".json")
        }.sorted()
        let source = try #require(foreign.last)
        let target = try #require(own.first)
        try Data(contentsOf: URL(filePath: source)).write(to: URL(filePath: target))
        let ran = try await project.resume()
        #expect(
          ran.notes.contains {
            $0.contains("\(stage) is made again") && $0.contains("is not the file that was written")
          }, "\(stage): \(ran.notes)")
        let isSame = try await project.published() == undisturbed
        #expect(isSame)
      }
    }
  }

  @Test func `values that were hashed with another key are not mixed with new ones`() async throws {
    try await withProject(settings: "hash_key: ${ROOST_HASH_KEY}") { project in
      var project = project
      project.environment["ROOST_STATE_KEY"] = String(repeating: "5a", count: 32)
      project.environment["ROOST_HASH_KEY"] = "the first key, long enough for nobody to guess"
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int PRIMARY KEY, at timestamptz NOT NULL, phone text);
        CREATE TABLE shop.refusals (id int PRIMARY KEY, at timestamptz NOT NULL, phone text);
        INSERT INTO shop.users SELECT i, '2025-01-01', '+49' || i FROM generate_series(1, 50) i;
        INSERT INTO shop.refusals SELECT i, '2025-01-01', ' +49' || i FROM generate_series(1, 50) i;
        """)
      func write(divisor: Int) throws {
        try project.write(
          stages: """
              users: { extract: { from: shop, table: shop.users, key: user_id, time: at, hash: [phone] } }
              plain: { extract: { from: shop, table: shop.users, key: user_id, time: at, personal: [phone] } }
              refusals: { extract: { from: shop, table: shop.refusals, key: id, time: at, personal: [phone] } }
              trimmed: { clean: { input: refusals, steps: [ { set: { phone: trim(phone) } } ] } }
              hashed: { clean: { input: trimmed, steps: [ { hash: [phone] } ] } }
              joined: { join: { left: users, right: hashed, on: phone, columns: { id: refusal } } }
              checked: { clean: { input: joined, steps: [ { set: { x: "1 / \(divisor)" } } ] } }
              publish: { write: { input: checked, table: marketing.users, key: user_id } }
            """)
      }
      try write(divisor: 0)
      try await project.run(asOf: Self.asOf, stateFolder: project.state, expecting: .failed)
      try write(divisor: 1)
      let same = try await project.run(
        asOf: Self.asOf, publishes: false, stateFolder: project.state, only: ["checked"])
      #expect(same.reused.isSuperset(of: ["users", "refusals", "hashed"]))
      project.environment["ROOST_HASH_KEY"] = "the second key, long enough for nobody to guess"
      let ran = try await project.run(asOf: Self.asOf, stateFolder: project.state, resumes: true)
      #expect(!ran.reused.contains("users") && !ran.reused.contains("hashed"))
      #expect(try await project.count("marketing.users_current WHERE refusal IS NOT NULL") == 50)
    }
  }

  @Test func `what another roost kept is not used`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int8 PRIMARY KEY, at timestamptz NOT NULL);
        INSERT INTO shop.users SELECT i, '2020-01-01' FROM generate_series(1, 10) i;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: at } }
            known: { clean: { input: users, steps: [ { set: { x: "1" } } ] } }
            publish: { write: { input: known, table: marketing.users, key: user_id } }
          """)
      try await project.run(
        asOf: Self.asOf, publishes: false, stateFolder: project.state, to: ["users"])
      let same = try await project.run(
        asOf: Self.asOf, publishes: false, stateFolder: project.state, only: ["known"])
      #expect(same.reused == ["users"])
      let other = try await project.run(
        asOf: Self.asOf, publishes: false, stateFolder: project.state, only: ["known"],
        preparing: { $0.program = ProgramDigest("another roost") })
      #expect(other.reused.isEmpty)
    }
  }

  @Test func `a program is known by what is in it`() throws {
    let bytes = [UInt8](repeating: 7, count: 3_000_001)
    let file = FileManager.default.temporaryDirectory
      .appending(component: "roost-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    #expect(try Digest.sha256(ofFile: file.path) == Digest.sha256(bytes))
    #expect(throws: CryptographyError.self) { try Digest.sha256(ofFile: file.path + "x") }
    #expect(try ProgramDigest.running.text == Digest.sha256(ofFile: "/proc/self/exe").hexadecimal)
  }
}
