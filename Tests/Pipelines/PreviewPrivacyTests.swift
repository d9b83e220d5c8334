import Foundation
import PostgresClient
import Testing

/// Previews tell nobody's personal data, and harm no terminal.
@Suite struct PreviewPrivacyTests {
  @Test func `personal data is masked in every format, nulls are not`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.sql(
        "UPDATE shop.users SET email = NULL WHERE user_id = 2; UPDATE shop.users SET email = '' WHERE user_id = 3"
      )
      try project.write(
        stages: """
            users:
              extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at, personal: [email] }
            clean:
              clean:
                input: users
                steps:
                  - set: { contact: "upper(email)", size: length(email), has_one: email is not null }
            publish:
              write: { input: clean, table: marketing.contacts, key: user_id, allow_personal: { email: test, contact: test, size: test } }
          """)
      for stage in ["users", "clean", "publish"] {
        for format in ["text", "json", "csv"] {
          let shown = try await project.preview(stage, "--format", format, "--limit", "1000")
          #expect(shown.status == 0, "\(shown.errors)")
          #expect(shown.output.contains("•••"))
          #expect(!shown.output.lowercased().contains("example.com"))
          #expect(
            shown.errors.contains(
              "masked, because it is personal data: email" + (stage == "users" ? "" : ", contact")))
        }
      }
      let json = try await project.preview(
        "clean", "--format", "json", "--limit", "3", "--columns", "contact,size,has_one")
      #expect(
        json.output == """
          [
            {"contact": "•••", "size": "•••", "has_one": true},
            {"contact": null, "size": null, "has_one": false},
            {"contact": "•••", "size": "•••", "has_one": true}
          ]

          """)
      for (stage, path) in [("clean", ""), ("publish", " → publish.contact")] {
        let probed = try await project.preview(stage, "--where", "contact = 'X'")
        #expect(probed.status == 2)
        #expect(
          probed.errors.contains("would tell it: users.email → clean.contact\(path)\n"),
          "\(probed.errors)")
      }
      let csv = try await project.preview(
        "clean", "--format", "csv", "--limit", "3", "--columns", "user_id,email,may_mail")
      #expect(csv.output == "user_id,email,may_mail\n1,•••,true\n2,,true\n3,•••,true\n")
    }
  }

  @Test func `personal data cannot be probed`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      for condition in [
        "email = 'user1@example.com'", "email is null", "EMAIL like 'user1%'", #""email" > 'u'"#,
        "length(email) > 3 or true", "case when user_id > 3 then email is null else true end",
        "1 / length(email) > 0", "coalesce(may_mail, email = 'x')",
      ] {
        let refused = try await project.preview("users", "--where", condition)
        #expect(refused.status == 2, "\(condition)")
        #expect(refused.output == "")
        #expect(
          refused.errors.contains(
            "error[R0404]: 'email' is personal data, and a preview that is filtered by it would tell it: users.email"
          ), "\(refused.errors)")
      }
    }
  }

  @Test func `comparisons with other rows tell no personal data`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      for (arguments, option) in [
        (["--missing", "email=orders.city"], "--missing"),
        (["--missing", "user_id=users.email"], "--missing"), (["--repeats", "email"], "--repeats"),
      ] {
        let refused = try await project.preview("users", arguments)
        #expect(refused.status == 2 && refused.output == "")
        #expect(
          refused.errors.contains(
            "error[R0404]: 'email' is personal data, and \(option) would tell it: users.email"),
          "\(refused.errors)")
      }
    }
  }

  /// What a stage reads as numbers of persons is personal where it comes from, too.
  @Test func `what is normalized as a telephone number is masked before`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int8, joined timestamptz, phone text);
        INSERT INTO shop.users VALUES (1, '2026-01-01', '015112345678');
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            trimmed: { clean: { input: users, steps: [ { normalize: { columns: phone, trim: true } } ] } }
            people: { clean: { input: trimmed, steps: [ { normalize: { columns: phone, form: phone, country: DE } } ] } }
            raw: { write: { input: users, table: marketing.raw, key: user_id } }
          """)
      let found = try await project.check()
      #expect(
        found.text.contains("'phone' is personal data and would be published: users.phone"),
        "\(found.text)")
      for stage in ["users", "trimmed"] {
        let shown = try await project.preview(stage, "--format", "csv")
        #expect(shown.status == 0 && shown.output.contains("•••"), "\(shown.errors)")
        #expect(!shown.output.contains("0151"))
      }
    }
  }

  /// Texts that break formats and terminals, in the order of their key.
  private static let hostile = #"""
    CREATE SCHEMA shop;
    CREATE TABLE shop.notes (id int8 NOT NULL, note text, share float8, body jsonb, at timestamp);
    INSERT INTO shop.notes VALUES
      (1, 'a,b', 'NaN', '{"b": [1, null], "a": "x\"y\u001b"}', '2026-01-02 03:04:05.5'),
      (2, 'say "hi"', 'Infinity', 'null', 'infinity'),
      (3, E'two\nlines\r', 1e300, '1.50', '0044-03-15 00:00:00 BC'),
      (4, E'tab\there\\n', -0.1, NULL, NULL),
      (5, E'\x1b[31mred\x1b[0m\x07\u0085\u009b1m', NULL, '"t"', NULL),
      (6, '', NULL, NULL, NULL), (7, NULL, NULL, NULL, NULL), (8, '\.', NULL, NULL, NULL),
      (9, '客户 é👍', NULL, NULL, NULL), (10, E'\u202egnp.exe', NULL, NULL, NULL),
      (11, ' null ', NULL, NULL, NULL);
    """#
  private static let stages = """
      notes: { extract: { from: shop, table: shop.notes, key: id, non_finite: keep } }
    """

  @Test func `hostile texts arrive whole in CSV and JSON`() async throws {
    try await withProject { project in
      try await project.sql(Self.hostile)
      try project.write(stages: Self.stages)
      let json = try await project.preview("notes", "--format", "json")
      #expect(
        try await project.difference(
          "SELECT value, place FROM \(try project.elements(json.output))",
          "SELECT to_jsonb(n), id FROM shop.notes n") == [])
      #expect(!json.output.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })

      let csv = try await project.preview("notes", "--format", "csv", "--columns", "id,note")
      let quoted =
        #"CASE WHEN note ~ '[,"\n\r]' OR note IN ('', '\.') THEN '"' || replace(note, '"', '""') || '"' ELSE coalesce(note, '') END"#
      let expected = try await project.text(
        "SELECT E'id,note\\n' || string_agg(id || ',' || \(quoted) || E'\\n', '' ORDER BY id) FROM shop.notes"
      )
      #expect(csv.output == expected)
    }
  }

  @Test func `a table is aligned, and obeyed by no terminal`() async throws {
    try await withProject { project in
      try await project.sql(Self.hostile)
      try project.write(stages: Self.stages)
      let text = try await project.preview("notes", "--columns", "id,note,share")
      #expect(
        !text.output.unicodeScalars.contains {
          $0 != "\n" && ($0.properties.generalCategory == .control || $0 == "\u{202e}")
        })
      #expect(
        text.output == #"""
              id  note                                          share
          bigint  text?                                       float8?
          ──────  ─────────────────────────────────────────  ────────
               1  a,b                                             NaN
               2  say "hi"                                   Infinity
               3  two\nlines\r                                 1e+300
               4  tab\there\n                                    -0.1
               5  \u{1b}[31mred\u{1b}[0m\u{7}\u{85}\u{9b}1m      null
               6  ''                                             null
               7  null                                           null
               8  \.                                             null
               9  客户 é👍                                       null
              10  \u{202e}gnp.exe                                null
              11   null                                          null

          """#)
      var project = project
      project.environment["COLUMNS"] = "44"
      let narrow = try await project.preview("notes", "--limit", "2")
      #expect(
        narrow.output == #"""
          ── row 1 ───────────────────────────────────
          id     bigint      1
          note   text?       a,b
          share  float8?     NaN
          body   jsonb?      {"a": "x\"y\u001b", "b":…
          at     timestamp?  2026-01-02 03:04:05.5
          ── row 2 ───────────────────────────────────
          id     bigint      2
          note   text?       say "hi"
          share  float8?     Infinity
          body   jsonb?      null
          at     timestamp?  infinity

          """#)
    }
  }
}
