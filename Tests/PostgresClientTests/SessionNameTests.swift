import TestSupport
import Testing

@testable import PostgresClient

@Suite struct SessionNameTests {
  @Test func `a name says the run and the stage`() {
    #expect(SessionName.of(run: 12) == "roost run 12")
    #expect(SessionName.of(run: 12, stage: "clean_orders") == "roost run 12 clean_orders")
  }

  @Test(arguments: 40...70) func `a long one keeps its beginning and its end`(length: Int) {
    let stage = String(repeating: "a", count: length - 5) + "_last"
    let name = SessionName.of(run: 1_234_567, stage: stage)
    #expect(name.utf8.count <= 63)
    #expect(name.hasPrefix("roost run 1234567 aaaa") && name.hasSuffix("a_last"))
    #expect(name.contains("~") == (name != "roost run 1234567 \(stage)"))
  }

  @Test func `what Postgres would replace is replaced before it is counted`() {
    #expect(SessionName.of(run: 1, stage: "é") == "roost run 1 ??")
  }

  @Test func `a reader of a snapshot is called after the stage, for as long as it reads for it`()
    async throws
  {
    try await withDatabase { database in
      let snapshot = try await SourceSnapshot.open(
        database.connectionString, readers: 1,
        options: ConnectionOptions(applicationName: SessionName.of(run: 3)))
      func name(_ stage: String?) async throws -> String {
        try await snapshot.withReader(for: stage) {
          try await $0.query("SELECT current_setting('application_name')")[0].string(0)
        }
      }
      #expect(try await name("users") == "roost run 3 users")
      #expect(try await name("orders") == "roost run 3 orders")
      #expect(try await name(nil) == "roost run 3")
      await snapshot.release()
    }
  }
}
