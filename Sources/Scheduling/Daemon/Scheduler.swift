import Cryptography
import Frames
import PipelineFiles
import PostgresClient
import State
import Threads

/// How a scheduler works.
public struct SchedulerOptions: Sendable {
  /// Runs at the same time, each of another pipeline.
  public var parallel = 2
  /// How often files and the ledger are looked at, in seconds, if nothing is due before.
  public var poll = 10
  /// How long it waits before it tries again to begin a run: this, then twice as long each time.
  var backoff = Backoff(first: 30, longest: 900)

  public init() {}
}

/// Makes every pipeline of a folder run when it is due. Whatever it must remember is in the ledger:
/// it can be killed at any time, and any number of them may share one ledger.
public actor Scheduler {
  private var folder: PipelineFolder
  private let environment: String
  private let database: ConnectionString
  private let maker: any RunMaker
  private let clock: any SchedulerClock
  private let options: SchedulerOptions
  private let courier: (any Courier)?
  private let report: @Sendable (ScheduleEvent) -> Void

  private var state: StateDatabase?
  /// How far the ledger's clock is ahead of this machine's, in microseconds.
  private var ahead: Int64 = 0
  /// Since when the state cannot be reached.
  private var unreachableSince: Instant?
  private var hasToldUnreachable = false
  private var isStopping = false
  /// Changes of files of which the ledger does not know yet.
  private var changes: [PipelineFolder.Change] = []
  /// Whether a run could begin as soon as another ends.
  private var isHeldBack = false
  private var isWaiting = false
  private var isWakePending = false
  private var active: [String: (scheduled: Scheduled, tick: Tick, task: Task<Void, Never>)] = [:]
  private var delivery: Task<Void, Never>?
  /// How the runs of this process ended.
  private var outcomes: [MadeRun] = []
  private let wakes: AsyncStream<Void>
  private let wake: AsyncStream<Void>.Continuation

  /// - Parameter environment: empty for the project's own schemas.
  public init(
    _ folder: PipelineFolder, environment: String, state: ConnectionString, maker: any RunMaker,
    courier: (any Courier)?, clock: any SchedulerClock = SystemClock(),
    options: SchedulerOptions = SchedulerOptions(),
    report: @escaping @Sendable (ScheduleEvent) -> Void
  ) {
    self.folder = folder
    self.environment = environment
    database = state
    self.maker = maker
    self.courier = courier
    self.clock = clock
    self.options = options
    self.report = report
    (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Keeps the schedules until its task is cancelled. Runs under way are then parked: cancelled, and
  /// made by whoever comes next.
  public func run() async {
    var wakes = wakes.makeAsyncIterator()
    while !Task.isCancelled {
      let next = await pass()
      let timer = Task { [clock, wake] in
        do {
          try await clock.sleep(until: next)
          wake.yield()
        } catch {}
      }
      isWaiting = true
      await wakes.next()
      isWaiting = false
      isWakePending = false
      timer.cancel()
    }
    // What must still be done is not cancelled with the task.
    await Task.detached { await self.stop() }.value
  }

  /// Makes what is due now and returns when it is done.
  /// - Returns: how the runs ended.
  /// - Throws: where the state cannot be reached.
  public func runOnce() async throws -> [MadeRun] {
    state = try await StateDatabase.open(database)
    var wakes = wakes.makeAsyncIterator()
    while !Task.isCancelled {
      _ = await pass()
      if active.isEmpty && !isHeldBack { break }
      if !active.isEmpty { await wakes.next() }
    }
    await Task.detached { await self.stop() }.value
    return outcomes
  }

  /// Looks at everything once.
  /// - Returns: when to look again, by this machine's clock.
  private func pass() async -> Instant {
    var next = Instant(microseconds: now.microseconds + Int64(options.poll) * 1_000_000)
    let new = folder.reload()
    for change in new { report(.folder(change)) }
    changes += new
    isHeldBack = false
    do {
      let ledger = TickLedger(try await connected())
      let now = try await readClock(ledger)
      next = Instant(microseconds: now.microseconds + Int64(options.poll) * 1_000_000)
      while let change = changes.first {
        try await note(change, ledger)
        changes.removeFirst()
      }
      try await ledger.state.settleLost()
      for pipeline in folder.scheduled {
        let scheduled = scheduled(pipeline)
        let decision = try await ledger.look(scheduled, now: now)
        if !decision.entries.isEmpty || decision.lookedAhead != nil {
          report(.looked(pipeline, decision))
        }
        try await ledger.watchDeadlines(scheduled, now: now)
        if let tick = pipeline.settings.schedule?.cron.tick(after: now, in: pipeline.zone) {
          next = min(next, tick.instant)
        }
        if let later = try await startNext(scheduled, ledger, now) { next = min(next, later) }
      }
      try await clear(ledger, now)
      if courier != nil, try await ledger.hasPendingAlerts(now: now) { deliverAlerts() }
    } catch {
      await unreachable(error)
    }
    return Instant(microseconds: next.microseconds - ahead)
  }

  /// Lets go what is kept no longer. That it cannot keeps nothing from being run.
  private func clear(_ ledger: TickLedger, _ now: Instant) async throws {
    do {
      try await ledger.clear(folder.scheduled.map { scheduled($0) }, now: now)
    } catch {
      guard !Task.isCancelled, await ledger.state.connection.isAlive() else { throw error }
      report(.uncleared("\(error)"))
    }
  }

  /// What time it is by the ledger's clock.
  private var now: Instant { Instant(microseconds: clock.now.microseconds + ahead) }

  private func readClock(_ ledger: TickLedger) async throws -> Instant {
    let now = try await clock.now(at: ledger.state)
    let before = ahead
    ahead = now.microseconds - clock.now.microseconds
    // Of a difference that is worth a word, once.
    if abs(ahead) >= 60_000_000, abs(ahead - before) >= 60_000_000 {
      report(.clockDiffers(seconds: Int(ahead / 1_000_000)))
    }
    return now
  }

  private func connected() async throws -> StateDatabase {
    if let state, await state.connection.isAlive() { return state }
    let opened = try await StateDatabase.open(database)
    state = opened
    if unreachableSince != nil { report(.reachable) }
    unreachableSince = nil
    hasToldUnreachable = false
    return opened
  }

  private func unreachable(_ error: any Error) async {
    if Task.isCancelled { return }
    let since = unreachableSince ?? clock.now
    if unreachableSince == nil { report(.unreachable("\(error)")) }
    unreachableSince = since
    await state?.close()
    state = nil
    guard !hasToldUnreachable, clock.now >= since.adding(TickRules.grace) else { return }
    hasToldUnreachable = true
    // There is no outbox to write it to.
    await courier?.tell(
      NewAlert(
        .notStarted, subject: "no run can begin",
        message: "the state cannot be reached since \(since.sqlText): \(error)"))
  }

  /// Tells of a broken file, and takes what it said before from the ledger after a restart.
  private func note(_ change: PipelineFolder.Change, _ ledger: TickLedger) async throws {
    switch change {
    case .loaded, .changed: break
    case .gone(let pipeline):
      // It may have moved to another file.
      if folder.pipelines.contains(where: { $0.name == pipeline.name }) { break }
      try await ledger.abandon(
        scheduled(pipeline), because: "\(pipeline.file.name) is gone")
      if pipeline.settings.schedule != nil { try await tell(goneFileOf: pipeline, ledger) }
    case .broken(let file, let text, let message):
      // Once for each thing that it says.
      let digest = try Digest.sha256(Array(text.utf8)).prefix(6)
      let alert = NewAlert(
        .brokenFile, subject: "\(file) is broken (\(Array(digest).hexadecimal))", message: message)
      try await tell(alert, ledger)
      if let kept = try await ledger.lastGood(file: file, environment: environment),
        let pipeline = folder.restore(file, text: kept)
      {
        report(.restored(pipeline))
      }
    }
  }

  /// A file that goes by mistake would end its nights without a word.
  private func tell(goneFileOf pipeline: Pipeline, _ ledger: TickLedger) async throws {
    let (name, text) = (pipeline.file.name, pipeline.file.text)
    let digest = try Digest.sha256(Array(text.utf8)).prefix(6)
    var alert = NewAlert(
      .brokenFile, subject: "\(name) is gone (\(Array(digest).hexadecimal))",
      message: "\(name) is gone, and no run of it is made any more")
    alert.pipeline = pipeline.name
    try await tell(alert, ledger)
  }

  private func tell(_ alert: NewAlert, _ ledger: TickLedger) async throws {
    let told = folder.project.told
    try await ledger.state.connection.transaction { try AlertOutbox.insert(alert, to: told, $0) }
  }

  private func scheduled(_ pipeline: Pipeline) -> Scheduled {
    Scheduled(pipeline, environment: environment, told: folder.project.told)
  }

  /// Begins the earliest run of a pipeline that waits, where none is under way.
  /// - Returns: when to look again; nil where that is of no matter.
  private func startNext(
    _ scheduled: Scheduled, _ ledger: TickLedger, _ now: Instant
  ) async throws -> Instant? {
    let name = scheduled.pipeline.name
    let ticks = try await ledger.open(scheduled)
    guard active[name] == nil else {
      isHeldBack = isHeldBack || ticks.count > 1
      return nil
    }
    if isStopping { return nil }
    if ticks.contains(where: { if case .underway = $0.state { true } else { false } }) {
      return nil
    }
    for open in ticks {
      switch open.step(now: now, lossesAllowed: AlertOutbox.lossesOfATick) {
      case .made(let run):
        try await ledger.settle(open.tick, run: run, scheduled)
        report(.madeAlready(scheduled.pipeline, open.tick, run: run))
      case .giveUp(let run):
        try await ledger.giveUp(open.tick, run: run, scheduled)
        report(.gaveUp(scheduled.pipeline, open.tick, run: run))
      case .wait: return open.nextTryAt
      case .run:
        if active.count < options.parallel {
          begin(open, scheduled)
        } else {
          isHeldBack = true
        }
        return nil
      }
    }
    return nil
  }

  private func begin(_ open: OpenTick, _ scheduled: Scheduled) {
    report(.beginning(scheduled.pipeline, open))
    let wanted = WantedRun(
      pipeline: scheduled.pipeline, project: folder.project, asOf: open.tick.asOf, claim: .tick,
      resumes: open.state != .waiting)
    let task = Task.detached(executorPreference: WorkerPool.shared) { [maker] in
      let made = await maker.make(wanted)
      await self.end(open, scheduled, made)
    }
    active[scheduled.pipeline.name] = (scheduled, open.tick, task)
  }

  private func end(_ open: OpenTick, _ scheduled: Scheduled, _ made: MadeRun) async {
    report(.ended(scheduled.pipeline, open.tick, made))
    outcomes.append(made)
    if case .notBegun(let obstacle) = made, !isStopping {
      let until = options.backoff.next(after: now, failures: open.tries + 1)
      do {
        let ledger = TickLedger(try await connected())
        try await ledger.postpone(open.tick, because: obstacle.text, until: until, scheduled)
      } catch {
        await unreachable(error)
      }
    }
    active[scheduled.pipeline.name] = nil
    isWakePending = true
    wake.yield()
  }

  /// Whether it does nothing but wait for the clock.
  var isIdle: Bool { isWaiting && !isWakePending && active.isEmpty }

  private func deliverAlerts() {
    guard delivery == nil, let courier else { return }
    let now = self.now
    delivery = Task.detached {
      let deliveries = await courier.deliver(now: now)
      await self.delivered(deliveries)
    }
  }

  private func delivered(_ deliveries: Deliveries) {
    delivery = nil
    if !deliveries.isEmpty { report(.alerts(deliveries)) }
  }

  /// Parks the runs under way, and ends when they have ended.
  private func stop() async {
    isStopping = true
    let runs = active.values.map { ($0.scheduled, $0.tick) }
    report(.stopping(runs: runs.count))
    if !runs.isEmpty {
      do {
        try await TickLedger(try await connected()).park(runs)
      } catch {
        // Whoever comes next finds them lost.
        report(.unreachable("\(error)"))
      }
    }
    let tasks = active.values.map(\.task)
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    deliverAlerts()
    await delivery?.value
    await state?.close()
    state = nil
  }
}

extension Instant {
  func adding(_ span: Span) -> Instant {
    Instant(microseconds: microseconds + span.nominalMicroseconds)
  }
}
