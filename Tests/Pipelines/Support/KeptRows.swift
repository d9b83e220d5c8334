import Foundation
import Frames
import PipelineFiles
import Relations
import Testing

/// A shop whose events are kept from night to night, in a folder of its own.
struct KeptRows: Sendable {
  var project: TestProject
  var state: String { project.folder.appending(component: "state").path }

  func sql(_ script: String) async throws { try await project.sql(script) }

  /// Rows of some nights, numbered on, in an order of the heap that is not that of the key.
  func append(nights: Range<Int>, rows: Int) async throws {
    for night in nights {
      try await sql(
        """
        INSERT INTO shop.events
        SELECT f + i, (f + i) % 97, t, t + interval '3 hours', (ARRAY['view', 'cart', NULL])[1 + i % 3],
          i % 1000 / 7.0, CASE WHEN i % 5 > 0 THEN 'user' || i % 50 || '@example.com' END, '0' || i
        FROM (SELECT i, coalesce((SELECT max(event_id) FROM shop.events), 0) AS f,
            timestamptz '2026-01-01 00:00+00' + \(night) * interval '1 day' + i * interval '1 minute' AS t
          FROM generate_series(1, \(rows)) i ORDER BY hashint4(i)) s
        """)
    }
  }

  /// Rows that carry the time and keys of an earlier night.
  func appendLate(nightsAgo: Int, at night: Int) async throws {
    try await sql(
      """
      INSERT INTO shop.events
      SELECT f - i * 5, 5, t, t, 'late', 1, NULL, NULL
      FROM (SELECT i, (SELECT max(event_id) FROM shop.events) AS f,
          timestamptz '2026-01-01 00:00+00' + \(night - nightsAgo) * interval '1 day' + i * interval '1 minute' AS t
        FROM generate_series(1, 20) i) s
      """)
  }

  /// Runs with what is kept and without, and compares what is handed on.
  /// - Parameters:
  ///   - reason: part of why all rows are read; nil where they are not, unless a warning is expected.
  ///   - warning: part of the one warning that is expected; nil for none.
  func night(
    asOf: String = "2026-06-01", verifies: Bool = false, as reason: String?, warning: String? = nil
  ) async throws {
    let kept = try await project.run(
      asOf: asOf, publishes: false, stateFolder: state, verifies: verifies)
    let full = try await project.run(asOf: asOf, publishes: false)
    let result = try #require(kept.result(of: "events"))
    let expected = try await frame(full.result(of: "events"), asOf)
    #expect(try await frame(result, asOf).isIdentical(to: expected))
    let because = result.details["kept"]?["read_in_full_because"]
    if let reason {
      #expect(
        because?.string?.contains(reason) == true, "\(because?.text ?? "none"), not \(reason)")
    } else if warning == nil {
      #expect(because == .null, "\(because?.text ?? "")")
    }
    let told = result.warnings.filter { !$0.contains("repeat the key") && !$0.contains("have no") }
    if let warning {
      #expect(told.count == 1 && told[0].contains(warning), "\(told)")
      #expect(!told.joined().contains("example.com"))
    } else {
      #expect(told.isEmpty, "\(told)")
    }
  }

  /// The warnings of a run.
  func warnings() async throws -> [String] {
    let ran = try await project.run(publishes: false, stateFolder: state)
    return try #require(ran.result(of: "events")).warnings
  }

  private func frame(_ result: StageResult?, _ asOf: String) async throws -> Frame {
    guard case .relation(let relation)? = result?.output, let instant = Instant(asOf, in: .utc)
    else {
      throw StageFailure("the stage handed on no rows")
    }
    return try await relation.frame(asOf: instant)
  }

  /// The files of the kept rows; none where nothing is kept.
  func files() throws -> [URL] {
    let extracts = URL(filePath: state).appending(component: "extracts")
    let folders =
      (try? FileManager.default.contentsOfDirectory(at: extracts, includingPropertiesForKeys: nil))
      ?? []
    return folders.flatMap {
      (try? FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil)) ?? []
    }.sorted { $0.path < $1.path }
  }

  /// The files by name, with what is in them. There must be one folder.
  func contents() throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for file in try files() { contents[file.lastPathComponent] = try Data(contentsOf: file) }
    return contents
  }

  func restore(_ contents: [String: Data]) throws {
    let folder = try #require(try files().first).deletingLastPathComponent()
    for (name, data) in contents { try data.write(to: folder.appending(component: name)) }
  }
}

func withKeptRows(_ body: (KeptRows) async throws -> Void) async throws {
  try await withProject(settings: "hash_key: ${ROOST_HASH_KEY}") { project in
    var project = project
    project.environment["ROOST_STATE_KEY"] = String(repeating: "ab", count: 32)
    project.environment["ROOST_HASH_KEY"] = "a key for hashes in tests"
    try await project.sql(
      """
      CREATE SCHEMA shop;
      CREATE TABLE shop.events (event_id int8, user_id int4, occurred_at timestamptz,
        loaded_at timestamptz NOT NULL, kind text, amount numeric(12,2), email text, phone text);
      CREATE INDEX ON shop.events (event_id);
      """)
    try await body(KeptRows(project: project))
  }
}
