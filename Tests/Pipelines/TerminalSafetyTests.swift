import Foundation
import Testing

/// Names and values that a terminal would obey reach neither the terminal nor a log as they are.
@Suite struct TerminalSafetyTests {
  @Test func `what a database calls its columns and holds in them is escaped`() async throws {
    try await withProject(
      settings: "alerts: { command: [/bin/sh, -c, 'cat >> alerts.txt'] }"
    ) { project in
      try await project.sql(
        #"""
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS
          SELECT i::int8 AS user_id, timestamptz '2026-01-01' AS at FROM generate_series(1, 9) i;
        DO $$ BEGIN EXECUTE format('CREATE TABLE shop.rows (id int8 NOT NULL, user_id int8, at timestamptz,
          kind text, %I point)', E'evil\x1b]0;gone\x07\u009b1m\u202e'); END $$;
        INSERT INTO shop.rows SELECT i, 1 + i % 9, '2026-05-01', E'\x1b[2J\x1b[31mred' || i % 2
        FROM generate_series(1, 99) i;
        CREATE TABLE shop.kept (user_id int8 PRIMARY KEY, at timestamptz);
        DO $$ BEGIN EXECUTE format('ALTER TABLE shop.kept ADD CONSTRAINT %I CHECK (user_id < 3)',
          E'bad\x1b[31m\u202e'); END $$;
        """#)
      func expectSafe(_ text: String, _ what: String) {
        let found = text.unicodeScalars.first {
          $0.value < 0x20 && $0 != "\n" && $0 != "\t" || (0x7f..<0xa0).contains($0.value)
            || $0 == "\u{202e}"
        }
        #expect(found == nil, "\(what): \(text.debugDescription)")
      }
      let users =
        "  users: { extract: { from: shop, table: shop.users, key: user_id, time: at } }\n"
      for (stages, sign) in [
        (
          """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: at } }
            out: { write: { input: rows, table: marketing.out, key: id } }
          """, "evil\\u{1b}]0;gone\\u{7}\\u{9b}1m\\u{202e}"
        ),
        (
          """
            rows: { extract: { from: shop, table: shop.rows, key: id, time: at } }
            f:
              features:
                entity: users.user_id
                windows: [90d]
                from: { rows: { windowed: { kinds: { share_of: kind, top: 2 } } } }
            seen: { check: { input: f, expect: [ { rows: ">= 1" } ] } }
          """, "\\u{1b}[2J\\u{1b}[31mred"
        ),
        (
          """
            out: { write: { input: users, table: shop.kept, key: user_id, mode: upsert } }
          """, "bad\\u{1b}[31m\\u{202e}"
        ),
      ] {
        try project.write(stages: users + stages)
        var said = ""
        for command in [
          ["check", TestProject.pipeline], ["check", TestProject.pipeline, "--format", "json"],
          ["check", TestProject.pipeline, "--format", "github"],
          ["plan", TestProject.pipeline, "--as-of", "2026-06-01"],
          ["run", TestProject.pipeline, "--as-of", "2026-06-01"], ["logs"], ["show"],
        ] {
          let ran = try await project.program.start(command).result()
          expectSafe(ran.output + ran.errors, command.joined(separator: " "))
          said += ran.output + ran.errors
        }
        // It was there to be said.
        #expect(said.contains(sign), "\(said)")
      }
      let alerts = project.folder.appending(path: "alerts.txt")
      expectSafe(try String(contentsOf: alerts, encoding: .utf8), "alerts")
    }
  }
}
