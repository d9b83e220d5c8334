import Diagnostics
import Foundation
import Frames
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

@testable import Scheduling
@testable import State

/// Alerts: what they say, and that they arrive once, whatever is in the way.
@Suite struct AlertTests {
  private static let now = Samples.instant("2026-06-21T03:00")

  private static func alert(
    _ kind: AlertKind = .failed, message: String? = "stage churn failed: no rows",
    pipeline: String? = "retention"
  ) -> Alert {
    Alert(
      id: 7, kind: kind, subject: "run 12 attempt 1 \(kind.rawValue)", message: message,
      pipeline: pipeline, environment: "", asOf: Samples.instant("2026-06-20T16:00"),
      zone: CalendarZone(named: "Asia/Shanghai") ?? .utc, run: 12, raisedAt: now, host: "nights")
  }

  @Test func `what is said`() {
    #expect(
      Self.alert().text
        == "retention for 2026-06-21 failed: stage churn failed: no rows (roost show 12)")
    #expect(Self.alert(.succeeded, message: nil).text == "retention for 2026-06-21 succeeded")
    #expect(
      Self.alert(.held, message: "20% fewer rows").text
        == "retention for 2026-06-21 waits for approval: 20% fewer rows (roost diff 12; roost approve 12)"
    )
    for kind in AlertKind.allCases { #expect(!Self.alert(kind).headline.isEmpty) }
    #expect(
      Self.alert().json.text == """
        {"alert":7,"as_of":"2026-06-20T16:00:00Z","environment":"","host":"nights",\
        "kind":"failed","message":"stage churn failed: no rows","pipeline":"retention",\
        "raised_at":"2026-06-21T03:00:00Z","run":12,"subject":"run 12 attempt 1 failed",\
        "text":"retention for 2026-06-21 failed: stage churn failed: no rows (roost show 12)",\
        "time_zone":"Asia/Shanghai"}
        """)
  }

  /// Python's mail parser reads what we write.
  @Test func `a mail with any name has one subject and no other headers`() throws {
    for name in ["retention", "größe", "名前_" + String(repeating: "名", count: 50), "a\nBcc: x@y.z"] {
      let alert = Self.alert(message: "line one\n.\nline two", pipeline: name)
      let mail = alert.mail(to: ["ops@example.com", "b@example.com"])
      let script = """
        import sys, email, email.policy
        m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
        print(m['Subject']); print(m['To']); print(len(m.keys())); print(m.get_content())
        """
      let lines = try Self.python(script, mail).split(separator: "\n").map(String.init)
      #expect(lines[0] == "roost: \(alert.headline.replacing("\n", with: " "))")
      #expect(lines[1] == "ops@example.com, b@example.com")
      #expect(lines[2] == "7")
      #expect(lines.contains("line two"))
    }
  }

  private static func python(_ script: String, _ input: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory
    let out = folder.appending(component: "roost-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: out) }
    try ChildProgram(command: ["/bin/sh", "-c", "python3 -c \"$1\" > \"$2\"", "sh", script, out])
      .run(input: input)
    return try String(contentsOfFile: out, encoding: .utf8)
  }

  @Test func `a command gets JSON, and nothing in its arguments is expanded`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(component: "roost-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appending(component: "tell").path
    // Written by a child: what we have had open ourselves, a child of another test may have open still,
    // and such a file cannot be run.
    try ChildProgram(command: ["/bin/sh", "-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh", script])
      .run(input: "#!/bin/sh\ncat > \"$1\"; echo \"$2\" >> \"$1\"\n")
    let output = folder.appending(component: "said").path
    try AlertCommand(command: [script, output, "$(touch gone) `x` ; | &"]).send(Self.alert())
    #expect(
      try String(contentsOfFile: output, encoding: .utf8)
        == Self.alert().json.text + "\n$(touch gone) `x` ; | &\n")
    for (command, why) in [
      (["/bin/false"], "/bin/false ended with 1"),
      (["/nowhere"], "/nowhere cannot be started: No such file or directory"),
      (["/bin/sh", "-c", "kill -9 $$"], "/bin/sh was ended by signal 9"),
    ] {
      #expect(throws: AlertTrouble(why)) { try AlertCommand(command: command).send(Self.alert()) }
    }
    #expect(throws: AlertTrouble("/bin/sleep took longer than 0 s")) {
      try ChildProgram(command: ["/bin/sleep", "100"], timeout: 0.05).run(input: "")
    }
    // One that reads nothing of a long text harms nobody.
    try ChildProgram(command: ["/bin/true"]).run(input: String(repeating: "x", count: 1 << 20))
  }

  @Test func `a command finds no secret of others in its environment`() throws {
    let report = Report()
    setenv("ROOST_TEST_SECRET_URL", "postgresql://u:secret@h/d", 1)
    setenv("ROOST_TEST_TOKEN", "for the chat", 1)
    let environment = ProcessInfo.processInfo.environment
    let reader = Reader(report: report, environment: environment)
    func said(_ settings: String) throws -> String? {
      let folder = FileManager.default.temporaryDirectory
      let out = folder.appending(component: "roost-\(UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: out) }
      let project = Samples.project(
        "alerts: { command: [/bin/sh, -c, 'env > \(out)'], \(settings) }")
      let ways = AlertSettings(project, reader).ways
      guard let way = ways.first else { return nil }
      try way.send(Self.alert())
      return try String(contentsOfFile: out, encoding: .utf8)
    }
    let plain = try #require(try said("on: [failed]"))
    #expect(plain.contains("PATH=") && !plain.contains("ROOST_TEST"), "\(plain)")
    let chosen = try #require(try said("command_variables: [ROOST_TEST_TOKEN]"))
    #expect(chosen.contains("ROOST_TEST_TOKEN=for the chat") && !chosen.contains("secret"))
    // Without what it relies on the command would tell nobody.
    #expect(try said("command_variables: [ROOST_TEST_MISSING]") == nil)
    #expect(
      report.sorted.map(\.message)
        == ["the environment variable ROOST_TEST_MISSING is not set"])
  }

  private func withOutbox(_ body: (TestDatabase) async throws -> Void) async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      try await body(database)
    }
  }

  private func raise(_ subject: String, _ kind: AlertKind, _ database: TestDatabase) async throws {
    let alert = NewAlert(kind, subject: subject, message: "it did")
    try await database.connection.transaction { try AlertOutbox.insert(alert, to: [kind], $0) }
  }

  private func states(_ database: TestDatabase) async throws -> [String] {
    try await database.connection.query(
      "SELECT subject || ' ' || state || ' ' || attempts FROM roost.alerts ORDER BY alert_id"
    ).map { try $0.string(0) }
  }

  @Test func `a webhook that fails is tried again, signed, until it takes the alert`() async throws
  {
    try await withOutbox { database in
      let receiver = try Receiver(statuses: [500, 302, 503])
      let key = Secret("a key")
      let hook = Webhook(address: Secret("http://127.0.0.1:\(receiver.port)/x?token=abc"), key: key)
      let courier = AlertCourier(
        AlertSettings(ways: [hook], kinds: Set(AlertKind.allCases)), database.connectionString)
      try await raise("first", .failed, database)
      try await raise("first", .failed, database)
      var now = SystemClock().now
      var troubles: [String] = []
      for round in 1...4 {
        let deliveries = await courier.deliver(now: now)
        troubles += deliveries.troubles
        // Not before its time.
        let early = await courier.deliver(now: Instant(microseconds: now.microseconds + 1_000_000))
        #expect(early.isEmpty)
        #expect(deliveries.delivered.count == (round == 4 ? 1 : 0))
        now = Instant(microseconds: now.microseconds + 3_600_000_000)
      }
      #expect(try await states(database) == ["first delivered 4"])
      #expect(troubles.count == 3 && !troubles.joined().contains("token"), "\(troubles)")
      #expect(receiver.requests.count == 4)
      #expect(Set(receiver.requests.map { $0.headers["roost-alert"] ?? "" }).count == 1)
      try await database.connection.execute("CREATE EXTENSION pgcrypto")
      for request in receiver.requests {
        let signature = try #require(request.headers["roost-signature"])
        let parts = signature.split(separator: ",").map { $0.split(separator: "=")[1] }
        let expected = try await database.connection.query(
          "SELECT encode(hmac($1 || '.' || $2, $3, 'sha256'), 'hex')",
          [.text(String(parts[0])), .text(request.body), .text("a key")])[0].string(0)
        #expect(String(parts[1]) == expected)
        #expect(JSONValue(parsing: request.body)?["message"]?.string == "it did")
      }
    }
  }

  @Test func `one way that fails does not repeat the others`() async throws {
    try await withOutbox { database in
      let receiver = try Receiver()
      let hook = Webhook(address: Secret("http://127.0.0.1:\(receiver.port)/"), key: nil)
      func courier(_ command: String) -> AlertCourier {
        AlertCourier(
          AlertSettings(ways: [hook, AlertCommand(command: [command])], kinds: [.failed]),
          database.connectionString)
      }
      try await raise("first", .failed, database)
      let now = SystemClock().now
      #expect(await courier("/bin/false").deliver(now: now).troubles.count == 1)
      let later = Instant(microseconds: now.microseconds + 60_000_000)
      #expect(await courier("/bin/true").deliver(now: later).delivered.count == 1)
      #expect(receiver.requests.count == 1)
      #expect(try await states(database) == ["first delivered 2"])
    }
  }

  @Test func `a way that does not answer is waited for once, however many alerts there are`()
    async throws
  {
    try await withOutbox { database in
      let receiver = try Receiver(answers: false)
      let hook = Webhook(
        address: Secret("http://127.0.0.1:\(receiver.port)/"), key: nil, timeout: 0.5)
      for number in 0..<5 { try await raise("alert \(number)", .failed, database) }
      var courier = AlertCourier(
        AlertSettings(ways: [hook, AlertCommand(command: ["/bin/true"])], kinds: [.failed]),
        database.connectionString)
      courier.slowness = .milliseconds(200)
      let deliveries = await courier.deliver(now: SystemClock().now)
      #expect(deliveries.delivered == [])
      #expect(deliveries.troubles.count == 1)
      #expect(deliveries.troubles.first?.contains("no answer in time") == true)
      #expect(receiver.requests.count == 1)
      // The other way has told all of them.
      let told = try await database.connection.query(
        "SELECT count(*) FROM roost.alerts WHERE delivered = '{command}' AND state = 'pending'")
      #expect(try told[0].int(0) == 5)
    }
  }

  @Test func `several couriers deliver each alert once, and only what is wanted`() async throws {
    try await withOutbox { database in
      let receiver = try Receiver()
      let hook = Webhook(address: Secret("http://127.0.0.1:\(receiver.port)/"), key: nil)
      for number in 0..<30 {
        try await raise("alert \(number)", number % 3 == 0 ? .succeeded : .failed, database)
      }
      try await database.connection.execute(
        "UPDATE roost.alerts SET raised_at = raised_at - interval '2 days' WHERE subject = 'alert 29'"
      )
      let courier = AlertCourier(
        AlertSettings(ways: [hook], kinds: Set(AlertKind.preset)), database.connectionString)
      let now = SystemClock().now
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 { group.addTask { _ = await courier.deliver(now: now) } }
      }
      let subjects = receiver.requests.compactMap {
        JSONValue(parsing: $0.body)?["subject"]?.string
      }
      #expect(subjects.count == 19 && Set(subjects).count == 19)
      let unwanted = try await states(database).filter { $0.contains("unwanted") }
      #expect(unwanted.count == 11)
    }
  }

  @Test func `ten thousand that nobody was told become unwanted in one statement`() async throws {
    try await withOutbox { database in
      try await database.connection.execute(
        script: """
          INSERT INTO roost.alerts (subject, kind, raised_at)
          SELECT 'night ' || i, 'failed', now() - interval '25 hours' FROM generate_series(1, 10000) i;
          INSERT INTO roost.alerts (subject, kind) SELECT 'good ' || i, 'succeeded' FROM generate_series(1, 500) i;
          CREATE TABLE statements (at timestamptz);
          CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN INSERT INTO statements VALUES (now()); RETURN NULL; END $$;
          CREATE TRIGGER counting AFTER UPDATE ON roost.alerts EXECUTE FUNCTION count_statement();
          """)
      try await raise("last", .failed, database)
      let receiver = try Receiver()
      let hook = Webhook(address: Secret("http://127.0.0.1:\(receiver.port)/"), key: nil)
      let courier = AlertCourier(
        AlertSettings(ways: [hook], kinds: Set(AlertKind.preset)), database.connectionString)
      #expect(await courier.deliver(now: SystemClock().now).delivered == ["last"])
      let left = try await database.connection.query(
        "SELECT state || ' ' || count(*) FROM roost.alerts GROUP BY state ORDER BY 1")
      #expect(try left.map { try $0.string(0) } == ["delivered 1", "unwanted 10500"])
      let statements = try await database.connection.query("SELECT count(*) FROM statements")
      #expect(try statements[0].int(0) == 2)
    }
  }

  @Test func `none is written where nobody is told`() async throws {
    try await withOutbox { database in
      for told in ["{}", "{failed}", "{drift,succeeded}"] {
        for end in ["succeeded", "failed"] {
          let id = try await database.connection.query(
            """
            WITH run AS (
              INSERT INTO roost.runs (pipeline, as_of, state, publishes, finished_at, told_of)
              VALUES ('nightly', '2026-06-01', $1, true, now(), $2::text[]) RETURNING run_id),
            stage AS (
              INSERT INTO roost.stages (run_id, position, stage, kind, state, details)
              SELECT run_id, 0, 'churn', 'train', 'succeeded', '{"drift": ["worse"]}' FROM run)
            SELECT run_id FROM run
            """, [.text(end), .text(told)])[0].int(0)
          try await database.connection.transaction { try AlertOutbox.insert(endOf: id, $0) }
        }
      }
      let alert = NewAlert(.late, subject: "late", message: nil)
      try await database.connection.transaction {
        try AlertOutbox.insert(alert, to: [.failed], $0)
      }
      #expect(
        try await states(database) == [
          "run 4 attempt 1 failed pending 0", "run 5 attempt 1 succeeded pending 0",
          "run 5 drift pending 0",
        ])
    }
  }

  @Test func `how each run ended is one alert, unless nobody is concerned`() async throws {
    try await withOutbox { database in
      for (number, end) in ["succeeded", "failed", "blocked", "cancelled", "lost"].enumerated() {
        for (environment, publishes) in [("", true), ("dev", true), ("", false)] {
          let id = try await database.connection.query(
            """
            INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes, error, finished_at)
            VALUES ('nightly', $1, '2026-06-01', $2, $3, 'why', now()) RETURNING run_id
            """, [.text(environment), .text(end), .bool(publishes)])[0].int(0)
          for _ in 0..<2 {
            try await database.connection.transaction { try AlertOutbox.insert(endOf: id, $0) }
          }
          #expect(
            try await states(database).count == number + 1, "\(end) \(environment) \(publishes)")
        }
      }
      #expect(try await states(database).first == "run 1 attempt 1 succeeded pending 0")
    }
  }

  @Test func `settings say who is told, and miss no variable silently`() throws {
    func settings(_ text: String, _ environment: [String: String]) -> (AlertSettings, [String]) {
      let report = Report()
      let project = Samples.project("alerts: { \(text) }")
      let reader = Reader(report: report, environment: environment)
      return (AlertSettings(project, reader), report.sorted.map(\.message))
    }
    let full =
      "webhook: \"${HOOK}\", signing_key: \"${KEY}\", command: [tools/page, now], mail: ops@example.com"
    let (all, none) = settings(full, ["HOOK": "http://x", "KEY": "k"])
    #expect(all.ways.map(\.name) == ["webhook", "command", "mail"] && none.isEmpty)
    #expect(all.kinds == Set(AlertKind.allCases).subtracting([.succeeded]))
    // Without its key the webhook would be sent what cannot be trusted.
    let (unsigned, complaints) = settings(full, ["HOOK": "http://x"])
    #expect(unsigned.ways.map(\.name) == ["command", "mail"] && complaints.count == 1)
    // Somebody is to be told although this machine lacks the address.
    #expect(Samples.project("alerts: { webhook: \"${HOOK}\", on: [late] }").told == [.late])
    for nobody in ["", "alerts: { on: [late] }"] {
      #expect(Samples.project(nobody).told.isEmpty)
    }
    let (some, _) = settings("mail: [a@b.c], on: [failed, succeeded]", [:])
    #expect(some.kinds == [.failed, .succeeded])
  }
}
