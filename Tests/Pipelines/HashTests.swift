import Testing

/// Personal data that is hashed: at its extract, or by a step.
@Suite struct HashTests {
  private static let rows = """
    CREATE EXTENSION pgcrypto;
    CREATE SCHEMA shop;
    CREATE TABLE shop.users (email text PRIMARY KEY, phone text, card bigint, joined timestamptz);
    INSERT INTO shop.users
    SELECT 'user' || i || '@example.com', CASE WHEN i % 3 > 0 THEN '+49 ' || i % 7 END, i * 1000,
      timestamptz '2026-01-01 00:00+00' + i * interval '1 hour'
    FROM generate_series(1, 50) i;
    """

  private static let stages = """
      users:
        extract:
          from: shop
          table: shop.users
          key: email
          time: joined
          personal: [email, phone, card]
          hash: [email, card]
      people: { clean: { input: users, steps: [ { set: { phone: "lower(phone)" } }, { hash: phone } ] } }
      publish: { write: { input: people, table: marketing.people, key: email } }
    """

  @Test func `hashes are those that Postgres computes, nulls stay null`() async throws {
    try await withProject(settings: "hash_key: ${ROOST_HASH_KEY}") { project in
      var project = project
      project.environment["ROOST_HASH_KEY"] = "a key for hashes in tests"
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages)
      try await project.run()
      let hashed = { (value: String) in
        "encode(hmac(\(value), 'a key for hashes in tests', 'sha256'), 'hex')"
      }
      let difference = try await project.difference(
        "SELECT email, phone, card, joined FROM marketing.people_current",
        """
        SELECT \(hashed("email")), \(hashed("lower(phone)")), \(hashed("card::text")), joined
        FROM shop.users
        """)
      #expect(difference.isEmpty, "\(difference)")
    }
  }

  @Test func `without a key nothing is hashed`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages)
      let found = try await project.check()
      #expect(found.pipeline == nil)
      #expect(found.text.contains("hashing needs the project's 'hash_key'"), "\(found.text)")
    }
  }

  @Test(arguments: ["x", " ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "short but mixed"])
  func `a key that can be found by trying is refused, and not shown`(key: String) async throws {
    try await withProject(settings: "hash_key: ${ROOST_HASH_KEY}") { project in
      var project = project
      project.environment["ROOST_HASH_KEY"] = key
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages)
      let found = try await project.check()
      #expect(found.pipeline == nil)
      #expect(
        found.text.contains("error[R0431]: the hash key is too easy to guess"), "\(found.text)")
      #expect(found.text.contains("openssl rand -hex 32"))
      #expect(key.count < 4 || !found.text.contains(key))
    }
  }

  @Test func `a personal key must be hashed, and exceptions need a reason`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: email, time: joined, personal: [email] } }
          """)
      let key = try await project.check()
      #expect(key.text.contains("the key 'email' is personal data"), "\(key.text)")

      func publish(_ allowed: String) async throws -> String {
        try project.write(
          stages: """
              users: { extract: { from: shop, table: shop.users, key: card, time: joined, personal: [email, phone] } }
              publish: { write: { input: users, table: marketing.users, key: card, allow_personal: \(allowed) } }
            """)
        return try await project.check().text
      }
      #expect(try await publish("{ email: ticket 12, phone: ticket 13 }").isEmpty)
      let missing = try await publish("{ email: ticket 12 }")
      #expect(
        missing.contains("'phone' is personal data and would be published: users.phone"),
        "\(missing)")
      #expect(try await publish("{ email: '', phone: x }").contains("has no reason"))
      #expect(
        try await publish("{ email: x, phone: x, joined: x }")
          .contains("'joined' is not a personal column here"))
    }
  }
}
