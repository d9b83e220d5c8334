import Foundation
import Frames
import PipelineFiles
import TestSupport
import Testing

/// Append-only extracts over many nights: whatever happens to the source, what they hand on is what a
/// full read hands on.
@Suite struct KeptRowsTests {
  private static let late = ["event_id": "late: 300", "loaded_at": "late: 2d"]

  private func extract(_ watermark: String, sql: Bool) -> String {
    let source =
      sql
      ? #"sql: "SELECT e.*, amount * 2 AS double_amount FROM shop.events e -- all of them""#
      : "table: shop.events"
    return """
        events:
          extract:
            from: shop
            \(source)
            key: event_id
            time: occurred_at
            arrived: loaded_at
            append_only: true
            watermark: \(watermark)
            \(Self.late[watermark] ?? "")
            personal: [email]
            hash: [phone]
      """
  }

  /// One random night after another. Rows that change or go in what is kept are proved to be found with
  /// `--verify`; rows that come too late or go are found by counting.
  @Test(arguments: [
    ("event_id", false, 1), ("event_id", true, 2), ("loaded_at", false, 3), ("loaded_at", true, 4),
  ])
  func `what is handed on is what a full read hands on`(
    watermark: String, sql: Bool, seed: Int
  ) async throws {
    try await withKeptRows { kept in
      var random = SeededGenerator(seed: UInt64(seed))
      try kept.project.write(stages: extract(watermark, sql: sql))
      try await kept.append(nights: 0..<20, rows: 300)
      try await kept.night(as: "nothing was kept yet")
      for night in 20..<36 {
        if Int.random(in: 0..<8, using: &random) > 0 {
          try await kept.append(
            nights: night..<night + 1, rows: .random(in: 0...400, using: &random))
        }
        let event =
          ["", "", "late", "too late", "gone", "changed", "older as-of"].randomElement(
            using: &random)
          ?? ""
        switch event {
        case "late": try await kept.appendLate(nightsAgo: 1, at: night)
        case "too late": try await kept.appendLate(nightsAgo: 12, at: night)
        case "gone":
          try await kept.sql(
            "DELETE FROM shop.events WHERE event_id = (SELECT min(event_id) FROM shop.events)")
        case "changed":
          try await kept.sql(
            """
            UPDATE shop.events SET amount = amount + 1 WHERE event_id = (SELECT event_id
              FROM shop.events WHERE event_id < 3000 ORDER BY hashint8(event_id + \(night)) LIMIT 1)
            """)
        default: break
        }
        // Late rows have new keys, so by key they are not late.
        let isNoticed =
          ["gone", "changed"].contains(event) || event == "too late" && watermark == "loaded_at"
        try await kept.night(
          asOf: event == "older as-of" ? "2026-01-10" : "2026-06-01",
          verifies: event == "changed", as: nil,
          warning: isNoticed ? "what is kept is not what the source has" : nil)
        guard night == 30 else { continue }
        try kept.project.write(stages: extract(watermark, sql: !sql))
        try await kept.night(as: "nothing was kept yet")
        // What was kept before is still there, and is used.
        try kept.project.write(stages: extract(watermark, sql: sql))
        try await kept.night(as: nil)
      }
    }
  }

  @Test func `a changed old row is found within thirty nights`() async throws {
    try await withKeptRows { kept in
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<20, rows: 400)
      try await kept.night(as: "nothing was kept yet")
      try await kept.night(as: nil)
      try await kept.sql("UPDATE shop.events SET kind = 'other' WHERE event_id = 3500")
      var nights = 0
      while nights < 30, try await kept.warnings().isEmpty { nights += 1 }
      #expect(nights < 30)
      // And is right again.
      try await kept.night(as: nil)
    }
  }

  @Test func `rows without a watermark, with infinite ones and with equal ones are read`()
    async throws
  {
    try await withKeptRows { kept in
      try kept.project.write(
        stages: """
            events:
              extract: { from: shop, table: shop.odd, key: n, time: at, append_only: true, late: 0m }
          """)
      try await kept.sql(
        """
        CREATE TABLE shop.odd AS SELECT i AS n, date '2026-01-01' + i / 2000 AS at
          FROM generate_series(1, 5000) i;
        INSERT INTO shop.odd VALUES (-1, NULL), (-2, 'infinity'), (-3, '-infinity'),
          (NULL, '2026-01-01')
        """)
      try await kept.night(as: "nothing was kept yet")
      for day in 3...8 {
        try await kept.sql(
          """
          INSERT INTO shop.odd SELECT \(day) * 10000 + i, date '2026-01-01' + \(day)
          FROM generate_series(1, 1500) i; INSERT INTO shop.odd VALUES (\(-day * 10), NULL)
          """)
        try await kept.night(as: nil)
      }
    }
  }

  @Test(arguments: ["int2", "int4", "timestamp", "date"], [true, false])
  func `any whole number and time is a watermark, with and without an index`(
    type: String, isIndexed: Bool
  ) async throws {
    try await withKeptRows { kept in
      let value =
        [
          "int2": "i::int2", "int4": "i",
          "timestamp": "timestamp '2026-01-01' + i * interval '1 hour'",
          "date": "date '1999-12-25' + i / 100",
        ][type] ?? ""
      try kept.project.write(
        stages: """
            events:
              extract:
                { from: shop, table: shop.marked, key: n, timeless: a test, append_only: true,
                  watermark: mark, late: \(type.hasPrefix("int") ? "100" : "30h") }
          """)
      func rows(_ range: ClosedRange<Int>) -> String {
        "SELECT i AS n, \(value) AS mark, md5(i::text) AS what FROM generate_series(\(range.lowerBound), \(range.upperBound)) i"
      }
      try await kept.sql("CREATE TABLE shop.marked AS \(rows(-2000...3000))")
      if isIndexed { try await kept.sql("CREATE INDEX ON shop.marked (mark)") }
      try await kept.night(as: "nothing was kept yet")
      for night in 0..<4 {
        try await kept.sql(
          "INSERT INTO shop.marked \(rows(3001 + 700 * night...3700 + 700 * night))")
        try await kept.night(as: nil)
      }
      #expect(try kept.files().count > 5)
      try await kept.sql("DELETE FROM shop.marked WHERE n = 0")
      try await kept.night(as: "there are", warning: "rows were removed")
    }
  }

  @Test func `files that are lost, damaged or of another key are replaced, with a warning`()
    async throws
  {
    try await withKeptRows { kept in
      var kept = kept
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<20, rows: 300)
      try await kept.night(as: "nothing was kept yet")
      let cannot = "what is kept cannot be used"

      let frame = try #require(try kept.files().first { $0.pathExtension == "frame" })
      var bytes = try Data(contentsOf: frame)
      #expect(bytes.range(of: Data("user1@example.com".utf8)) == nil)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: frame)
      try await kept.night(as: "was altered", warning: cannot)
      try await kept.night(as: nil)

      for file in try kept.files() where file.pathExtension == "frame" {
        try FileManager.default.removeItem(at: file)
      }
      try await kept.night(as: "No such file", warning: cannot)
      for text in ["", "{", #"{"version": 2, "about": "", "ranges": []}"#] {
        let manifest = try #require(
          try kept.files().first { $0.lastPathComponent == "manifest.json" })
        try Data(text.utf8).write(to: manifest)
        try await kept.night(as: "was altered", warning: cannot)
      }
      kept.project.environment["ROOST_STATE_KEY"] = String(repeating: "cd", count: 32)
      try await kept.night(as: "encrypted with the key", warning: cannot)
      try await kept.night(as: nil)
      kept.project.environment["ROOST_STATE_KEY"] = nil
      let checked = try await kept.project.check()
      #expect(checked.text.contains("warning[R0413]"), "\(checked.text)")
      try await kept.night(as: "ROOST_STATE_KEY is not set", warning: "openssl rand -hex 32")
    }
  }

  /// What a killed run leaves: the files of the night, with the manifest of before or that of after.
  @Test func `a run killed at any point leaves what the next one can use`() async throws {
    try await withKeptRows { kept in
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<20, rows: 300)
      try await kept.night(as: "nothing was kept yet")
      for night in 20..<24 {
        let before = try kept.contents()
        try await kept.append(nights: night..<night + 1, rows: 400)
        try await kept.night(as: nil)
        let after = try kept.contents()
        let half = ["0011223344556677.frame.8899.part": Data("half".utf8)]
        let isCommitted = night.isMultiple(of: 2)
        try kept.restore(
          before.merging(after) { old, new in isCommitted ? new : old }.merging(half) { a, _ in a })
        try await kept.night(as: nil)
        let manifest = try #require(try kept.contents()["manifest.json"])
        for name in try kept.contents().keys where !["manifest.json", "lock"].contains(name) {
          #expect(String(decoding: manifest, as: UTF8.self).contains(name), "\(name) is left over")
        }
      }
    }
  }

  @Test func `a process that is killed while it writes leaves what the next can use`() async throws
  {
    try await withKeptRows { kept in
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<60, rows: 400)
      var written = 0
      for attempt in 1...4 {
        // Later and later in the writing of the first night.
        try? FileManager.default.removeItem(atPath: kept.state)
        let running = try kept.project.program.start([
          "run", "pipeline.yaml", "--as-of", "2026-06-01", "--no-publish", "--state-dir",
          kept.state,
        ])
        let deadline = ContinuousClock.now + .seconds(240)
        while try kept.files().count < 2 + attempt * 4, ContinuousClock.now < deadline {
          try await Task.sleep(for: .milliseconds(1))
        }
        running.kill()
        _ = try await running.result()
        written += try kept.files().count
        // The server notices in its own time that the client is gone.
        try await kept.project.wait(for: "NOT EXISTS (SELECT FROM \(TestProject.advisoryLocks))")
        try await kept.night(
          as: try kept.contents()["manifest.json"] == nil ? "nothing was kept yet" : nil)
        try await kept.night(as: nil)
      }
      #expect(written > 0)
    }
  }

  @Test func `a second run reads in full while another holds the rows`() async throws {
    try await withKeptRows { kept in
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<5, rows: 300)
      try await kept.night(as: "nothing was kept yet")
      let lock = try #require(try kept.files().first { $0.lastPathComponent == "lock" })
      let descriptor = open(lock.path, O_RDWR)
      try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      try await kept.night(as: "another run is using the rows that are kept")
      close(descriptor)
      try await kept.night(as: nil)
    }
  }

  @Test func `plan, run and show say what is kept, and a holding is recorded`() async throws {
    try await withKeptRows { kept in
      try kept.project.write(
        stages: extract("event_id", sql: false) + """

            habits:
              features:
                entity: events.user_id
                from: { events: { ever: { events: count(*) } } }
          """)
      try await kept.append(nights: 0..<20, rows: 300)
      let options = ["--as-of", "2026-06-01", "--state-dir", kept.state]
      func roost(_ arguments: String...) async throws -> Program.Result {
        try await kept.project.program.start(arguments).result()
      }
      let plan = try await kept.project.program.start(["plan", "pipeline.yaml"] + options).result()
      #expect(plan.output.contains("nothing is kept yet: read all rows"), "\(plan.errors)")
      #expect(plan.output.contains("keep rows from run to run by event_id, late by up to 300 keys"))
      _ = try await kept.project.program.start(
        ["run", "pipeline.yaml", "--no-publish"] + options
      ).result()
      let next = try await kept.project.program.start(["plan", "pipeline.yaml"] + options).result()
      #expect(
        next.output.contains("use 5699 rows kept in \(kept.state)/extracts/"), "\(next.output)")
      #expect(!next.output.contains("Nothing is reused"))
      let second = try await kept.project.program.start(
        ["run", "pipeline.yaml", "--no-publish", "--verify"] + options
      ).result()
      #expect(second.errors.contains("5 of 5 kept ranges were read again and are the same"))
      let shown = try await roost("show", "2")
      #expect(shown.output.contains("5699 rows were kept, 301 read anew from event_id 5700 on"))
      let json = try await roost("show", "2", "--format", "json")
      #expect(json.output.contains("\"proved_at\":"))
      #expect(
        try await kept.project.texts(
          "SELECT kind || ' ' || array_to_string(entity_columns, ',') FROM roost.holdings")
          == ["file user_id"])
      #expect(
        try await kept.project.text("SELECT name FROM roost.holdings")?.contains(
          ":\(kept.state)/extracts/") == true)
    }
  }

  @Test func `folders of former definitions go once no run has used them for long`() async throws {
    try await withKeptRows { kept in
      let files = FileManager.default
      func folders(_ path: String) -> Set<String> {
        Set((try? files.contentsOfDirectory(atPath: "\(kept.state)/\(path)")) ?? [])
      }
      func age(_ path: String, days: Double) throws {
        try files.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)],
          ofItemAtPath: "\(kept.state)/\(path)")
      }
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<5, rows: 400)
      try await kept.night(as: "nothing was kept yet")
      let former = try #require(folders("extracts").first)
      try kept.project.write(stages: extract("loaded_at", sql: false))
      try await kept.night(as: "nothing was kept yet")
      let today = try #require(folders("extracts").subtracting([former]).first)
      // Of another state; of a project whose state was elsewhere, long ago and lately.
      for folder in [
        "extracts/foreign", "checkpoints/elsewhere/nightly/1/users",
        "checkpoints/elsewhere/nightly/2/users", "checkpoints/nowhere/nightly/1/users",
      ] {
        try files.createDirectory(
          atPath: "\(kept.state)/\(folder)", withIntermediateDirectories: true)
        #expect(
          files.createFile(
            atPath: "\(kept.state)/\(folder)/manifest.json", contents: Data()))
        try age("\(folder)/manifest.json", days: 500)
      }
      for folder in [
        "elsewhere/nightly/1/users", "elsewhere/nightly/1", "elsewhere/nightly/2/users",
        "nowhere/nightly/1/users", "nowhere/nightly/1",
      ] {
        try age("checkpoints/\(folder)", days: 500)
      }
      try age("extracts/\(former)/manifest.json", days: 399)
      try await kept.night(as: nil)
      #expect(folders("extracts") == [former, today, "foreign"])
      try age("extracts/\(former)/manifest.json", days: 401)
      try await kept.night(as: nil)
      #expect(folders("extracts") == [today, "foreign"])
      #expect(folders("checkpoints").intersection(["elsewhere", "nowhere"]) == ["elsewhere"])
      #expect(folders("checkpoints/elsewhere/nightly") == ["2"])
      #expect(
        try await kept.project.texts(
          "SELECT substring(name FROM '/extracts/(.*)') FROM roost.holdings WHERE name LIKE '%/extracts/%'"
        )
          == [today])
    }
  }

  /// Paths stand in the state, in which others may be able to write.
  @Test func `what the state says lies elsewhere is not removed`() async throws {
    try await withKeptRows { kept in
      let files = FileManager.default
      try kept.project.write(stages: extract("event_id", sql: false))
      try await kept.append(nights: 0..<5, rows: 40)
      try await kept.night(as: "nothing was kept yet")
      let victims = ["victim", "extracts/foreign", "extracts/abc/def"]
      for victim in victims {
        let folder = "\(kept.state)/\(victim)"
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        #expect(files.createFile(atPath: "\(folder)/manifest.json", contents: Data()))
        try files.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -500 * 86_400)],
          ofItemAtPath: "\(folder)/manifest.json")
      }
      try await kept.project.sql(
        """
        INSERT INTO roost.holdings (name, kind, entity_columns)
        SELECT split_part(name, '/extracts/', 1) || '/extracts/' || path, 'file', '{}'
        FROM roost.holdings, unnest('{../victim,foreign,abc/def}'::text[]) path
        WHERE name LIKE '%/extracts/%'
        """)
      try await kept.night(as: nil)
      for victim in victims { #expect(files.fileExists(atPath: "\(kept.state)/\(victim)")) }
    }
  }
}
