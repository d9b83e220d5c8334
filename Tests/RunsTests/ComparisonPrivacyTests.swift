import Frames
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

@testable import Runs

/// Tables of somebody else's that are compared with what was loaded: what fails while their rows are
/// read may quote these.
@Suite struct ComparisonPrivacyTests {
  /// A row that a foreign server could not read would be quoted like this.
  private static let script = """
    CREATE TABLE mails (id int8, email text); INSERT INTO mails VALUES (1, 'alice@shop.example');
    CREATE TABLE loaded (id int8, email text); INSERT INTO loaded TABLE mails;
    CREATE FUNCTION refuse(x text) RETURNS text LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no company address: %', x USING ERRCODE = 'check_violation'; END $$;
    CREATE FUNCTION refuse(x int8) RETURNS int8 LANGUAGE plpgsql AS
      $$ BEGIN RETURN refuse('alice@shop.example')::int8; END $$;
    CREATE VIEW standing AS SELECT refuse(id) AS id, refuse(email) AS email, 7::int8 AS run_id FROM mails
      WHERE refuse(email) > '';
    CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER own INSTEAD OF INSERT ON standing FOR EACH ROW EXECUTE FUNCTION nothing();
    """

  private func expectSecret(_ body: () async throws -> Void) async {
    let error = await #expect(throws: PostgresError.self) { try await body() }
    let shown = error.map { "\($0) \($0.hint ?? "")" } ?? ""
    #expect(shown.contains("check violation"), "\(shown)")
    #expect(!shown.contains("alice") && !shown.contains("company"), "\(shown)")
  }

  @Test func `what changed is asked without a value in the error`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.script)
      for removes in [true, false] {
        let query = ChangeQuery(
          new: QualifiedName(name: "loaded"), old: QualifiedName(name: "standing"), key: ["id"],
          columns: ["email"], removes: removes)
        await expectSecret { _ = try await query.change(on: connection) }
        await expectSecret { _ = try await query.keys(.changed, limit: 3, on: connection) }
      }
    }
  }

  @Test(arguments: [WriteMode.replace, .append], [Set<String>(), ["run_id"]])
  func `whether rows arrived is asked without a value in the error`(
    mode: WriteMode, own: Set<String>
  ) async throws {
    try await withDatabase { database in
      let connection = database.connection
      try await connection.execute(script: Self.script)
      let table = TargetTable(
        name: QualifiedName(schema: "public", name: "standing"),
        schema: Schema([Field("id", .int8), Field("email", .text)]), key: ["id"], about: "",
        keep: nil, mode: mode)
      let proof = MergeProof(
        statements: MergeStatements(
          layout: TargetLayout(table, environment: .standard),
          asOf: Instant(microseconds: 0), run: 7, rows: "loaded"), rows: 1)
      await expectSecret {
        try await connection.transaction { database in
          _ = try proof.warnings(own, database)
        }
      }
    }
  }
}
