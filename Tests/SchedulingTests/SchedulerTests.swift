import Foundation
import Frames
import PipelineFiles
import PostgresClient
import Synchronization
import TestSupport
import Testing

@testable import Scheduling
@testable import State

/// Schedulers on a clock that a test moves, with runs that do nothing but lock and claim.
@Suite struct SchedulerTests {
  /// A folder with a project and a ledger of its own.
  struct Bench {
    let folder: URL
    let database: TestDatabase
    let clock: SimulatedClock

    /// Everything is told, to nobody who could be disturbed.
    static let alerts =
      "alerts: { command: /bin/true, on: [\(AlertKind.allCases.map(\.rawValue).joined(separator: ", "))] }"

    func write(_ name: String, _ text: String) throws {
      try Data(text.utf8).write(to: folder.appending(component: name))
    }

    var files: PipelineFolder {
      let project = Samples.project(Self.alerts, folder: folder.path + "/")
      return PipelineFolder(
        project, folder: folder.path, environment: [:], registry: Samples.registry)
    }

    func scheduler(
      _ maker: any RunMaker, hours: Int = 20, parallel: Int = 2, courier: (any Courier)? = nil,
      report: @escaping @Sendable (ScheduleEvent) -> Void = { _ in }
    ) -> Scheduler {
      var options = SchedulerOptions()
      options.poll = hours * 3600
      options.parallel = parallel
      return Scheduler(
        files, environment: "", state: database.connectionString, maker: maker, courier: courier,
        clock: clock, options: options, report: report)
    }

    func texts(_ sql: String) async throws -> [String] {
      try await database.connection.query(sql).map { try $0.string(0) }
    }

    /// Compares and shows both sides, which `#expect` does not of what is awaited.
    func expect(
      _ sql: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let found = try await texts(sql)
      #expect(found == expected, sourceLocation: sourceLocation)
    }

    /// Runs a scheduler until the clock shows an instant.
    func keep(_ scheduler: Scheduler, until end: String) async {
      let task = Task { await scheduler.run() }
      let end = Samples.instant(end)
      while clock.now < end { await clock.advance([scheduler], limit: end) }
      await clock.advance([scheduler], limit: end)
      task.cancel()
      await task.value
    }
  }

  private func withBench(_ now: String, _ body: (Bench) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(component: "roost-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      let bench = Bench(
        folder: folder, database: database, clock: SimulatedClock(Samples.instant(now)))
      try bench.write("roost.yaml", Samples.projectText + "\n" + Bench.alerts)
      try await body(bench)
    }
  }

  /// Two schedulers on one ledger; now and then one of them is stopped and another takes its place,
  /// the process of a run dies, or a person comes first.
  @Test func `a thousand nights of two schedulers, each night exactly once`() async throws {
    try await withBench("2021-01-01") { bench in
      let nights = 1000
      try bench.write(
        "nightly.yaml",  // A dead session is noticed in the server's time, in which nights pass.
        Samples.text(
          #"cron: "30 2 * * *", catch_up: all, overlap: queue"#, zone: "Europe/Berlin"))
      let clock = bench.clock
      let random = Mutex(SeededGenerator(seed: 3))
      func dice(_ sides: Int) -> Bool {
        random.withLock { Int.random(in: 0..<sides, using: &$0) == 0 }
      }
      let deaths = Mutex<[Instant: Int]>([:])
      let runs = LedgerRuns(
        database: bench.database.connectionString,
        during: { run, _ in
          guard random.withLock({ Int.random(in: 0..<12, using: &$0) == 0 }) else { return true }
          return deaths.withLock { deaths in
            deaths[run.asOf, default: 0] += 1
            // After three deaths it would be given up.
            return deaths[run.asOf, default: 0] > 2
          }
        })
      var schedulers = (0..<2).map { _ in bench.scheduler(runs, hours: 100) }
      var tasks = schedulers.map { scheduler in Task { await scheduler.run() } }
      let start = clock.now
      let end = Instant(microseconds: start.microseconds + Int64(nights) * 86_400_000_000)
      let nightly = try #require(
        {
          var files = bench.files
          _ = files.reload()
          return files.pipelines.first
        }())
      let due = nightly.ticks(after: start, through: end, last: .max).ticks.map(\.asOf.sqlText)
      #expect(due.count == nights)
      var restarts = 0
      var byHand: [Int] = []
      let person = LedgerRuns(database: bench.database.connectionString)
      while clock.now < end {
        await clock.advance(schedulers, limit: end)
        if dice(60) {
          restarts += 1
          let place = restarts % 2
          tasks[place].cancel()
          await tasks[place].value
          let scheduler = bench.scheduler(runs, hours: 100)
          schedulers[place] = scheduler
          tasks[place] = Task { await scheduler.run() }
        }
        // Not of the last night: nobody would look again at the tick that waits for the person's run.
        if dice(40), due.dropLast().contains(nightly.asOf(at: clock.now).sqlText) {
          // Of today, whose night may be over, or under way at this very moment.
          let wanted = WantedRun(
            pipeline: nightly, project: Samples.project(), asOf: nightly.asOf(at: clock.now),
            claim: .tick)
          if case .ended(let outcome) = try await person.make(wanted, claim: nil) {
            byHand.append(outcome.run)
          }
        }
      }
      await clock.advance(schedulers, limit: end)
      for task in tasks { task.cancel() }
      for task in tasks { await task.value }

      // A person may make a night again; a scheduler never, neither its own nor a person's.
      let made = try await bench.database.connection.query(
        """
        SELECT as_of, run_id FROM roost.runs WHERE state = 'succeeded' ORDER BY as_of, run_id
        """)
      var nightsMade: [String] = []
      for row in made {
        let night = try row.instant("as_of").sqlText
        let isAgain = nightsMade.last == night
        let isByHand = byHand.contains(try row.int("run_id"))
        #expect(!isAgain || isByHand, "\(night)")
        if !isAgain { nightsMade.append(night) }
      }
      #expect(nightsMade == due)
      try await bench.expect(
        """
        SELECT t.as_of || ' ' || t.state || coalesce(' ' || r.state, '') || coalesce(' ' || t.reason, '')
        FROM roost.ticks t LEFT JOIN roost.runs r USING (run_id)
        WHERE r.state IS DISTINCT FROM 'succeeded'
        """, [])
      let lost = try await bench.texts("SELECT run_id::text FROM roost.runs WHERE state = 'lost'")
      #expect(lost.count > 20 && restarts > 10 && byHand.count > 3)
    }
  }

  @Test func `a run that is lost again and again is given up, with one alert`() async throws {
    try await withBench("2021-01-01") { bench in
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *", catch_up: all"#))
      let maker = LedgerRuns(
        database: bench.database.connectionString,
        during: { run, _ in run.asOf > Samples.instant("2021-01-01") })
      await bench.keep(bench.scheduler(maker, hours: 1), until: "2021-01-02T12:00")
      try await bench.expect(
        "SELECT as_of::date || ' ' || state || ' ' || attempts FROM roost.ticks ORDER BY as_of",
        ["2021-01-01 skipped 3", "2021-01-02 begun 1"])
      try await bench.expect(
        "SELECT kind || ': ' || message FROM roost.alerts WHERE kind NOT IN ('succeeded')",
        ["lost: the process ended without a word"])
    }
  }

  @Test func `a stopped scheduler parks its run, and the next makes it`() async throws {
    try await withBench("2021-01-01") { bench in
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *""#))
      let (begun, tell) = AsyncStream.makeStream(of: Void.self)
      let patient = LedgerRuns(
        database: bench.database.connectionString,
        during: { _, _ in
          tell.yield()
          // Until it is cancelled.
          for await _ in AsyncStream<Void>(unfolding: {
            try? await Task.sleep(for: .seconds(3600))
            return nil
          }) {}
          return true
        })
      let scheduler = bench.scheduler(patient)
      let first = Task { await scheduler.run() }
      await bench.clock.advance([scheduler], limit: Samples.instant("2021-01-01T02:30"))
      for await _ in begun { break }
      first.cancel()
      await first.value
      try await bench.expect(
        "SELECT t.state || ' ' || r.state || ' ' || is_parked FROM roost.ticks t JOIN roost.runs r USING (run_id)",
        ["begun cancelled true"])
      await bench.keep(
        bench.scheduler(LedgerRuns(database: bench.database.connectionString)),
        until: "2021-01-01T03:00")
      try await bench.expect(
        "SELECT state FROM roost.runs ORDER BY run_id", ["cancelled", "succeeded"])
      // What was parked has not ended.
      try await bench.expect(
        "SELECT subject FROM roost.alerts", ["run 2 attempt 1 succeeded"])
    }
  }

  @Test func `what cannot begin is tried again with pauses, and told once`() async throws {
    try await withBench("2021-01-01") { bench in
      final class Refusing: RunMaker {
        let times = Mutex<[Instant]>([])
        let clock: SimulatedClock
        init(_ clock: SimulatedClock) { self.clock = clock }

        func make(_ run: WantedRun) async -> MadeRun {
          times.withLock { $0.append(clock.now) }
          return .notBegun(Obstacle(kind: .files, text: "a column is missing"))
        }
      }
      try bench.write(
        "nightly.yaml", Samples.text(#"cron: "30 2 * * *", finish_by: "05:00""#))
      let maker = Refusing(bench.clock)
      await bench.keep(bench.scheduler(maker), until: "2021-01-02T02:30")
      let times = maker.times.withLock { $0 }.map {
        ($0.microseconds - Samples.instant("2021-01-01T02:30").microseconds) / 1_000_000
      }
      #expect(times.prefix(7) == [0, 30, 90, 210, 450, 930, 1830])
      #expect(times.count > 50)
      try await bench.expect(
        "SELECT kind || ': ' || message FROM roost.alerts WHERE as_of = '2021-01-01' ORDER BY alert_id",
        [
          "not_started: a column is missing",
          "late: not done by 2021-01-01 05:00 (UTC): a column is missing",
        ])
      // The next night takes its place.
      #expect(
        try await bench.texts("SELECT state || ': ' || reason FROM roost.ticks ORDER BY as_of")
          .first
          == "skipped: overtaken by the run for 2021-01-02")
    }
  }

  @Test func `files come, change, break and go`() async throws {
    try await withBench("2021-01-01") { bench in
      let log = Mutex<[String]>([])
      let maker = LedgerRuns(database: bench.database.connectionString)
      let clock = bench.clock
      func keep(until end: String) async {
        await bench.keep(
          bench.scheduler(maker, hours: 1) { event in
            log.withLock { $0 += event.lines.map { "\(clock.now.shortText(in: .utc)) \($0)" } }
          }, until: end)
      }
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *""#))
      await keep(until: "2021-01-01T03:00")
      // Broken before a restart: the ledger still has what it said.
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * *""#))
      await keep(until: "2021-01-02T03:00")
      // Earlier than now on the same day: not made up for.
      try bench.write("nightly.yaml", Samples.text(#"cron: "0 1 * * *""#))
      await keep(until: "2021-01-03T00:30")
      try FileManager.default.removeItem(at: bench.folder.appending(component: "nightly.yaml"))
      await keep(until: "2021-01-04T03:00")
      try await bench.expect(
        "SELECT due_at::text FROM roost.ticks ORDER BY as_of",
        ["2021-01-01 02:30:00+00", "2021-01-02 02:30:00+00"])
      try await bench.expect(
        """
        SELECT kind || ': ' || replace(message, '\(bench.folder.path)/', '') FROM roost.alerts
        WHERE kind <> 'succeeded'
        """, ["broken_file: nightly.yaml:4: a cron line has five fields, found 4"])
      let lines = log.withLock { $0 }
      #expect(lines.contains { $0.contains("said before holds until it is mended") }, "\(lines)")
    }
  }

  @Test func `what a look noted while the clock was ahead is taken back`() async throws {
    try await withBench("2041-01-01") { bench in
      // The runs end by the server's clock, which by this one was long ago.
      try bench.write(
        "nightly.yaml",
        Samples.text(#"cron: "30 2 * * *""#).replacing("stages:", with: "keep_runs: 9000d\nstages:")
      )
      let maker = LedgerRuns(database: bench.database.connectionString)
      let log = Mutex<[String]>([])
      func at(_ now: String) -> Bench {
        Bench(
          folder: bench.folder, database: bench.database,
          clock: SimulatedClock(Samples.instant(now)))
      }
      await bench.keep(bench.scheduler(maker, hours: 1), until: "2041-01-01T03:00")
      _ = try await at("2041-01-06T12:00").scheduler(maker).runOnce()
      let later = at("2041-01-01T04:00")
      await later.keep(
        later.scheduler(maker, hours: 1) { event in log.withLock { $0 += event.lines } },
        until: "2041-01-07T03:00")
      try await bench.expect(
        "SELECT due_at::text || ' ' || state || ' ' || origin FROM roost.ticks ORDER BY as_of",
        (1...7).map { "2041-01-0\($0) 02:30:00+00 begun on_time" })
      // The night that was made too early is made again.
      try await bench.expect(
        "SELECT count(*)::text FROM roost.runs GROUP BY as_of ORDER BY as_of",
        ["1", "1", "1", "1", "1", "2", "1"])
      #expect(
        log.withLock { $0 }.contains {
          $0.contains("whose clock was ahead has looked until 2041-01-06 12:00")
        })
    }
  }

  @Test func `the ledger's clock decides, not the machine's`() async throws {
    struct Wrong: SchedulerClock {
      let right = SystemClock()
      var now: Instant { Instant(microseconds: right.now.microseconds + 10 * 86_400_000_000) }
      func sleep(until instant: Instant) async throws { try await right.sleep(until: instant) }
    }
    try await withBench("2021-01-01") { bench in
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *""#))
      let log = Mutex<[String]>([])
      let scheduler = Scheduler(
        bench.files, environment: "", state: bench.database.connectionString,
        maker: LedgerRuns(database: bench.database.connectionString), courier: nil, clock: Wrong()
      ) { event in log.withLock { $0 += event.lines } }
      _ = try await scheduler.runOnce()
      try await bench.expect(
        "SELECT (considered_until <= clock_timestamp())::text FROM roost.schedules", ["true"])
      let lines = log.withLock { $0 }
      #expect(
        lines.contains { $0.contains("this machine's clock is 86") && $0.contains("ahead of") },
        "\(lines)")
    }
  }

  @Test func `a folder that cannot be looked into keeps its pipelines`() async throws {
    try await withBench("2021-01-01") { bench in
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *""#))
      let away = bench.folder.appendingPathExtension("away")
      let log = Mutex<[String]>([])
      let maker = LedgerRuns(
        database: bench.database.connectionString,
        during: { run, _ in
          // After the first night the folder is not there any more.
          if run.asOf == Samples.instant("2021-01-01") {
            try? FileManager.default.moveItem(at: bench.folder, to: away)
          }
          return true
        })
      await bench.keep(
        bench.scheduler(maker, hours: 1) { event in log.withLock { $0 += event.lines } },
        until: "2021-01-03T03:00")
      try FileManager.default.moveItem(at: away, to: bench.folder)
      try await bench.expect(
        "SELECT due_at::text FROM roost.ticks WHERE state = 'begun' ORDER BY as_of",
        (1...3).map { "2021-01-0\($0) 02:30:00+00" })
      let told = log.withLock { $0 }.filter { $0.contains("its pipelines stay as they were") }
      #expect(told.count == 1, "\(told)")
    }
  }

  @Test func `a file that goes while its schedule is kept is told of`() async throws {
    try await withBench("2021-01-01") { bench in
      try bench.write("nightly.yaml", Samples.text(#"cron: "30 2 * * *""#))
      let file = bench.folder.appending(component: "nightly.yaml")
      let maker = LedgerRuns(
        database: bench.database.connectionString,
        during: { _, _ in
          try? FileManager.default.removeItem(at: file)
          return true
        })
      await bench.keep(bench.scheduler(maker, hours: 1), until: "2021-01-03T00:00")
      try await bench.expect(
        "SELECT due_at::text FROM roost.ticks ORDER BY as_of", ["2021-01-01 02:30:00+00"])
      try await bench.expect(
        """
        SELECT pipeline || ' ' || kind || ': ' || replace(message, '\(bench.folder.path)/', '')
        FROM roost.alerts WHERE kind <> 'succeeded'
        """,
        ["nightly broken_file: nightly.yaml is gone, and no run of it is made any more"])
    }
  }

  @Test func `runs of several pipelines go at the same time, up to a limit`() async throws {
    try await withBench("2021-01-01") { bench in
      for name in ["a", "b", "c", "d", "e"] {
        try bench.write("\(name).yaml", Samples.text(#"cron: "30 2 * * *""#, name: name))
      }
      let most = Mutex((now: 0, most: 0))
      let maker = LedgerRuns(
        database: bench.database.connectionString,
        during: { _, _ in
          most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
          for _ in 0..<200 { await Task.yield() }
          most.withLock { $0.now -= 1 }
          return true
        })
      _ = bench.clock
      let first = bench.scheduler(maker, parallel: 3)
      await bench.keep(first, until: "2021-01-01T02:00")
      let clock = SimulatedClock(Samples.instant("2021-01-01T02:31"))
      let later = Bench(folder: bench.folder, database: bench.database, clock: clock)
      let made = try await later.scheduler(maker, parallel: 3).runOnce()
      #expect(made.count == 5)
      #expect(most.withLock { $0.most } <= 3)
      try await bench.expect(
        "SELECT DISTINCT state || ' ' || origin FROM roost.ticks", ["begun on_time"])
      #expect(try await later.scheduler(maker).runOnce().isEmpty)
    }
  }
}
