import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// What an identify stage refuses, what it passes on, and what it says.
@Suite struct IdentifyStageTests {
  private static let tables: Tables = [
    "accounts": frame([
      (Field("id", .int8, isNullable: false), [3, 1, 2, 4, 5]),
      (Field("phone", .text), ["x", "x", "y", "", nil]),
      (Field("email", .text), ["a", "b", "c", nil, nil]),
      (Field("visits", .float8), [1.0, 1.0, 1.0, 1.0, 1.0]),
      (
        Field("at", .timestamptz),
        [day(2026, 1, 3), day(2026, 1, 1), day(2026, 1, 2), day(2026, 1, 1), day(2026, 1, 1)]
      ),
    ]),
    "logins": frame([
      (Field("login", .int8, isNullable: false), [1, 2, 3, 4, 5]),
      (Field("id", .int4), [2, 3, 4, 5, 77]),
      (Field("device", .text), ["d", "d", "e", "", "e"]),
      (
        Field("at", .timestamptz),
        [day(2026, 1, 4), day(2026, 1, 5), day(2026, 1, 5), day(2026, 1, 5), day(2026, 1, 5)]
      ),
    ]),
    "fixed": frame([
      (Field("id", .int8, isNullable: false), [1]), (Field("phone", .int8), [7]),
    ]),
  ]

  private static let extracts = """
    accounts: { extract: { from: shop, table: shop.accounts, key: id, time: at, personal: [email] } }
    logins: { extract: { from: shop, table: shop.logins, key: login, time: at } }
    fixed: { extract: { from: shop, table: shop.fixed, key: id, timeless: of old } }

    """

  private func refusals(_ keys: String) -> [String] {
    messages(Self.extracts + "out: { identify: { \(keys) } }", Self.tables)
  }

  private func result(_ keys: String) async throws -> Outcome {
    try await run(Self.extracts + "out: { identify: { \(keys) } }", Self.tables)
  }

  @Test func `accounts that share are one person`() async throws {
    let outcome = try await result(
      "entity: accounts.id, by: { accounts: phone, logins: [device] }")
    let rows = try await outcome.frame("out")
    #expect(
      rows.schema.names == [
        "id", "at", "person_id", "cluster_size", "is_giant", "tied_to", "tied_by",
      ])
    #expect(rows.integers("id") == [1, 2, 3, 4, 5])
    #expect(rows.integers("person_id") == [1, 1, 1, 4, 5])
    #expect(rows.integers("cluster_size") == [3, 3, 3, 1, 1])
    #expect(rows.integers("tied_to") == [nil, 3, 1, nil, nil])
    #expect(rows.texts("tied_by") == [nil, "device", "phone", nil, nil])
    let shape = try outcome.relation("out").shape
    #expect(shape.key == ["id"] && shape.time == "at" && shape.isRepeatable)
    #expect(shape.schema.fields.allSatisfy { !$0.isPersonal && !$0.changesInPlace })
    #expect(
      outcome.results["out"]?.notes == [
        "3 persons in 5 rows of accounts", "1 rows with values name no row of accounts",
      ])
  }

  @Test func `only what was known ties`() async throws {
    let outcome = try await result(
      "entity: accounts.id, by: { accounts: phone, logins: [device] }")
    func persons(_ asOf: Instant) async throws -> [Int?] {
      try await outcome.frame("out", asOf: asOf).integers("person_id")
    }
    #expect(try await persons(day(2026, 1, 3)) == [1, 2, 4, 5])
    #expect(try await persons(day(2026, 1, 5)) == [1, 2, 1, 4, 5])
    #expect(try await persons(day(2026, 1, 6)) == [1, 1, 1, 4, 5])
  }

  @Test func `giants are flagged and may be kept apart`() async throws {
    let keys = "entity: accounts.id, by: { accounts: phone, logins: [device] }, giant: "
    let together = try await result(keys + "{ more_than: 2 }")
    #expect(try await together.frame("out").integers("person_id") == [1, 1, 1, 4, 5])
    #expect(together.results["out"]?.warnings.count == 1)
    let apart = try await result(keys + "{ more_than: 2, keep: apart }")
    #expect(try await apart.frame("out").integers("person_id") == [1, 2, 3, 4, 5])
    #expect(try await apart.frame("out").integers("cluster_size") == [3, 3, 3, 1, 1])
    #expect(apart.results["out"]?.details["persons"] == 5)
  }

  @Test func `values of many are nobodys`() async throws {
    let outcome = try await result(
      "entity: accounts.id, by: { accounts: phone }, ignore: { more_than: 1 }")
    #expect(try await outcome.frame("out").integers("person_id") == [1, 2, 3, 4, 5])
    #expect(
      outcome.results["out"]?.notes.last
        == "values ignored because more than 1 share them: 1 of phone")
  }

  @Test(arguments: [
    (
      "entity: accounts.id, by: { accounts: [email] }",
      "error: 'email' is personal data and would tie accounts together: accounts.email"
    ),
    (
      "entity: accounts.visits, by: { accounts: [phone] }",
      "error: 'visits' is not the key of stage 'accounts', which is id"
    ),
    (
      "entity: accounts.id, by: { accounts: [visits] }",
      "error: 'visits' is of type double precision, by which nobody is identified"
    ),
    (
      "entity: accounts.id, by: { accounts: [phone], fixed: [phone] }",
      "error: 'phone' is of type bigint, other values of the kind 'phone' of type text"
    ),
    (
      "entity: accounts.id, by: { logins: { entity: device, values: device } }",
      "error: 'device' is of type text, the entity of type bigint"
    ),
    ("entity: accounts.id, by: {}", "error: nothing says what accounts of one person share"),
    (
      "entity: accounts.id, by: { accounts: phone }, ignore: { more_than: 0 }",
      "error: 'ignore' cannot begin below more than 1"
    ),
  ]) func `is refused`(keys: String, message: String) {
    #expect(refusals(keys) == [message])
  }

  @Test func `values of today are told`() async throws {
    let outcome = try await result(
      "entity: accounts.id, by: { accounts: phone, fixed: { values: { phone: number } } }")
    let shape = try outcome.relation("out").shape
    #expect(shape.schema["person_id"]?.changesInPlace == true)
  }

  /// Two accounts with one key would each claim to be it.
  @Test func `accounts stand there once`() async throws {
    let failure = await #expect(throws: StageFailure.self) {
      _ = try await run(
        """
        logins: { extract: { from: shop, table: shop.logins, key: id, time: at } }
        out: { identify: { entity: logins.id, by: { logins: device } } }
        """,
        [
          "logins": frame([
            (Field("id", .int8), [1, 1]), (Field("device", .text), ["a", "b"]),
            (Field("at", .timestamptz), [day(2026, 1, 1), day(2026, 1, 1)]),
          ])
        ])
    }
    #expect(failure?.message.hasPrefix("stage logins has several rows for one id") == true)
  }
}
