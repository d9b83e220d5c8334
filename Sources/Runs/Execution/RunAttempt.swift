import Diagnostics
import Foundation
import Frames
import PipelineFiles
import PostgresClient
import State
import Threads

/// A stage that failed.
struct StageProblem: Sendable {
  let stage: String
  let trouble: StageTrouble
}

/// Why an attempt is given up and begun anew, with what is kept by then.
enum AttemptEnd: Error {
  /// The snapshot of a source is gone, so that all sources must be read again.
  case readingLost(Reading, any Error)
  /// What is kept of a stage cannot be read.
  case damaged(stage: String, any Error)
}

/// What is read of a source.
enum Reading: Sendable, CustomStringConvertible {
  case stage(String)
  /// The snapshots, of all sources that are named.
  case snapshots(of: [String])

  var description: String {
    switch self {
    case .stage(let name): name
    case .snapshots(let sources): sources.joined(separator: ", ")
    }
  }
}

/// One attempt at the stages of a run: each begins as soon as its inputs are there.
struct RunAttempt: Sendable {
  let request: RunRequest
  let session: RunSession
  let plan: ResumePlan
  let loaded: LoadedSnapshots
  let checkpoints: RunCheckpoints?
  let observer: RunObserver

  private enum Arrival: Sendable {
    case done(Stage, Result<StageResult, any Error>, PublishedFrames, seconds: Double)
    /// The pause before a stage's next try is over.
    case due(Stage)
    /// What the journal had is stored.
    case stored(Result<Void, any Error>)
  }

  private var planned: PlannedPipeline { request.planned }
  private var pipeline: Pipeline { planned.pipeline }

  /// - Returns: the stages that failed.
  /// - Throws: `AttemptEnd`, `CancellationError`, `PostgresError` of the state's session.
  func run() async throws -> [StageProblem] {
    let (snapshots, readings) = try await openSnapshots()
    return try await snapshots.releasing {
      try await begin(snapshots, readings)
      return try await makeStages(snapshots)
    }
  }

  private func makeStages(_ snapshots: SourceSnapshots) async throws -> [StageProblem] {
    let arrivals = Arrivals<Arrival>()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      var loop = Loop(self, snapshots)
      while true {
        try Task.checkCancellation()
        for stage in try loop.takeStarting() {
          start(stage, loop.board, snapshots, arrivals, &group)
        }
        // Stages go on meanwhile: what comes of them is stored together, next.
        if let entries = loop.takeStoring() {
          group.addTask { await store(entries, arrivals) }
        }
        guard loop.isBusy else { break }
        let (isResting, began) = (loop.isResting, ContinuousClock.now)
        let arrived = await arrivals.next()
        if isResting { try await session.rest(ContinuousClock.now - began) }
        for arrival in arrived {
          switch arrival {
          case .due(let stage): loop.resume(stage)
          case .stored(let result): try loop.hasStored(result)
          case .done(let stage, .success(let result), let published, let seconds):
            try loop.finish(stage, result, published, seconds: seconds)
          case .done(let stage, .failure(let error), _, _):
            let pause = try loop.fail(stage, error)
            if pause == nil { await snapshots.abandon(stage.name.text) }
            if let pause {
              group.addTask {
                try? await Task.sleep(for: pause)
                arrivals.send(.due(stage))
              }
            }
          }
        }
        if loop.board.areSourcesRead {
          // Snapshots hold back vacuum, so they are let go as soon as nothing reads them any more.
          for (source, reason) in await snapshots.fallbacks().sorted(by: { $0.key < $1.key }) {
            observer(.note("\(source) was read over one connection: \(reason)"))
          }
          await snapshots.release()
          loop.board.forgetSources()
        }
      }
      return loop.problems
    }
  }

  private func store(_ entries: StageEntries, _ arrivals: Arrivals<Arrival>) async {
    do {
      arrivals.send(.stored(.success(try await entries.store(session))))
    } catch {
      arrivals.send(.stored(.failure(error)))
    }
  }

  /// Opens a snapshot of each source that stages read, and says what is read of it.
  private func openSnapshots() async throws -> (SourceSnapshots, [String: [SourceReading]]) {
    let reading = pipeline.stages.filter { plan.makes($0.name.text) }
    let sources = Set(reading.compactMap { planned.plan(of: $0)?.reading?.connection })
    let readings = planned.readings(of: reading)
    do {
      let snapshots = try await SourceSnapshots.open(
        request.connections.filter { sources.contains($0.key) },
        readings: readings, patience: request.sourcePatience,
        name: SessionName.of(run: session.run), observer)
      return (snapshots, readings)
    } catch {
      guard RetryPolicy.canPass(error) else { throw error }
      throw AttemptEnd.readingLost(.snapshots(of: sources.sorted()), error)
    }
  }

  /// Keeps and tells at which instants the sources are read.
  private func begin(
    _ snapshots: SourceSnapshots, _ readings: [String: [SourceReading]]
  ) async throws {
    let stale = snapshots.stale(before: planned.asOf)
    if let (source, text) = stale.sorted(by: { $0.key < $1.key })
      .first(where: { request.connections[$0.key]?.refusesStale == true })
    {
      throw AttemptEnd.readingLost(.snapshots(of: [source]), StaleSource(description: text))
    }
    snapshots.warn(of: stale, readings)
    if snapshots.instants.isEmpty { return }
    checkpoints?.begin(reading: snapshots.instants)
    try await session.record(snapshots: snapshots.instants)
    observer(.snapshots(snapshots.instants))
  }

  private var loader: SnapshotLoader? {
    guard request.publishes else { return nil }
    return SnapshotLoader(
      database: request.state, pipeline: pipeline.name, environment: request.environment,
      session: session, patience: request.lockPatience, loaded: loaded, observer: observer)
  }

  private func start(
    _ stage: Stage, _ board: StageBoard, _ snapshots: SourceSnapshots,
    _ arrivals: Arrivals<Arrival>, _ group: inout ThrowingTaskGroup<Void, any Error>
  ) {
    guard let stagePlan = planned.plan(of: stage) else { return }
    let context = LiveStageContext(
      stage: stage.name.text, asOf: planned.asOf, zone: pipeline.zone, engine: planned.engine,
      holdoutKey: request.holdoutKey, inputs: board.outputs(for: stage), snapshots: snapshots,
      loader: loader, session: session, stateFolder: request.stateFolder,
      history: RunHistory(
        connection: session.connection, pipeline: pipeline.name,
        environment: request.environment.name ?? "", asOf: planned.asOf),
      observer: observer)
    let action = plan.actions[stage.name.text]
    let (checkpoints, timeout) = (checkpoints, stage.timeout)
    group.addTask {
      let began = ContinuousClock.now
      let result: Result<StageResult, any Error>
      do {
        if case .reuse(let manifest, let isNeeded) = action, let checkpoints {
          result = .success(
            try await checkpoints.restore(
              manifest, stagePlan, isNeeded: isNeeded, context))
        } else {
          let made = try await StageTimeout.limiting(timeout) {
            try await stagePlan.work.run(stagePlan, in: context)
          }
          let remarks = await snapshots.remarks(
            of: context.stage, isSeenFromThePast: planned.pipeline.isSeenFromThePast(stage))
          result = .success(made.adding(notes: remarks.notes, warnings: remarks.warnings))
        }
      } catch {
        result = .failure(error)
      }
      arrivals.send(
        .done(
          stage, result, context.published,
          seconds: (ContinuousClock.now - began) / .seconds(1)))
    }
  }
}

extension RunAttempt {
  /// What the loop over the stages knows: which are under way, and what is to be stored of them.
  private struct Loop {
    let attempt: RunAttempt
    let demands: [String: StageDemand]
    var board: StageBoard
    private var journal: StageJournal
    var problems: [StageProblem] = []
    private var use = StageUse()
    /// Stages that could begin and wait for a slot.
    private var ready: [Stage] = []
    private var running = 0
    private var paused = 0
    private var isStoring = false
    private var tries: [String: Int] = [:]

    init(_ attempt: RunAttempt, _ snapshots: SourceSnapshots) {
      self.attempt = attempt
      demands = attempt.planned.demands
      let plan = attempt.plan
      board = StageBoard(attempt.planned) { plan.makes($0) }
      journal = StageJournal(
        attempt.pipeline.stages.reduce(into: [:]) { states, stage in
          if case .reuse = plan.actions[stage.name.text] { states[stage.name.text] = .succeeded }
        })
    }

    var isBusy: Bool { running + paused > 0 || isStoring }
    /// Whether all that is under way waits for its next try.
    var isResting: Bool { running == 0 && paused > 0 }

    /// What is to be stored now: one statement at a time, so that all come in their order.
    mutating func takeStoring() -> StageEntries? {
      guard !isStoring, let entries = journal.take() else { return nil }
      isStoring = true
      return entries
    }

    mutating func hasStored(_ result: Result<Void, any Error>) throws {
      isStoring = false
      try result.get()
    }

    private var slots: Int { attempt.pipeline.settings.maxParallel ?? .max }

    /// The stages that begin now.
    mutating func takeStarting() throws -> [Stage] {
      try takeReady()
      var starting: [Stage] = []
      while running < slots, !ready.isEmpty {
        let stage = ready.removeFirst()
        let name = stage.name.text
        running += 1
        starting.append(stage)
        if case .reuse = attempt.plan.actions[name] { continue }
        tries[name, default: 0] += 1
        try journal.note(.begin, of: name)
        use.begin(name)
        attempt.observer(.stageBegan(name))
      }
      return starting
    }

    /// Takes the stages whose inputs are there; those that have nothing to do are done at once.
    private mutating func takeReady() throws {
      while true {
        let taken = board.takeReady()
        if taken.isEmpty { return }
        for stage in taken {
          let name = stage.name.text
          switch attempt.plan.actions[name] {
          case .leaveOut, nil:
            try journal.note(.skip, of: name, error: "nobody asked for it")
            board.finish(stage, .nothing)
          case .reuse(let manifest, let isNeeded):
            attempt.observer(.stageReused(name, run: manifest.maker.run))
            attempt.loaded.object(manifest.said.objections ?? [], stage: name)
            try journal.note(.reuse, of: name)
            if isNeeded || (attempt.request.publishes && !manifest.published.isEmpty) {
              ready.append(stage)
            } else {
              board.finish(stage, .nothing)
            }
          case .make:
            if attempt.request.waitsForPublication(stage) {
              board.finish(stage, .nothing)
            } else {
              ready.append(stage)
            }
          }
        }
      }
    }

    mutating func resume(_ stage: Stage) {
      paused -= 1
      ready.insert(stage, at: 0)
    }

    mutating func finish(
      _ stage: Stage, _ result: StageResult, _ published: PublishedFrames, seconds: Double
    ) throws {
      let name = stage.name.text
      running -= 1
      board.finish(stage, result.output)
      attempt.loaded.object(result.objections, stage: name)
      if case .reuse = attempt.plan.actions[name] { return }
      let measured = result.measured(processorSeconds: use.end(name))
      try journal.note(.finish, of: name, result: measured)
      attempt.observer(.stageFinished(name, result))
      guard let plan = attempt.planned.plan(of: stage), let identity = attempt.plan.identities[name]
      else { return }
      attempt.checkpoints?.keep(
        measured, of: name, plan, identity, published, columns: demands[name]?.columns,
        seconds: seconds, attempt.session)
    }

    /// - Returns: the pause before its next try; nil where there is none.
    /// - Throws: `AttemptEnd` where the whole attempt is over.
    mutating func fail(_ stage: Stage, _ error: any Error) throws -> Swift.Duration? {
      let name = stage.name.text
      running -= 1
      if case .reuse = attempt.plan.actions[name] {
        if error is CancellationError, Task.isCancelled { throw error }
        // What a database or a table says, says nothing of what is on the disk.
        if error is PostgresError || error is any EndsCommand { throw error }
        throw AttemptEnd.damaged(stage: name, error)
      }
      _ = use.end(name)
      let trouble = StageTrouble(error)
      if trouble.state == .cancelled, Task.isCancelled { throw CancellationError() }
      if RetryPolicy.canPass(error) {
        let isSource = attempt.planned.plan(of: stage)?.reading != nil
        if isSource, (error as? PostgresError)?.endsSession == true {
          throw AttemptEnd.readingLost(.stage(name), error)
        }
        let policy = RetryPolicy(
          stage.retry ?? attempt.pipeline.settings.retry ?? .preset)
        let done = tries[name] ?? 1
        if done < policy.attempts {
          let pause = policy.pause(after: done)
          paused += 1
          try journal.note(.pause, of: name, error: trouble.message)
          attempt.observer(
            .stagePaused(name, trouble.message, pause: pause, tries: done, of: policy.attempts))
          return pause
        }
      }
      problems.append(StageProblem(stage: name, trouble: trouble))
      try journal.note(.fail, of: name, error: trouble.message)
      attempt.observer(.stageFailed(name, trouble.message))
      for skipped in board.fail(stage) {
        try journal.note(.skip, of: skipped.name.text, error: "stage \(name) failed")
        attempt.observer(.stageSkipped(skipped.name.text, because: name))
      }
      return nil
    }
  }
}

extension PostgresError {
  /// Whether the session is gone, and with it what its transaction saw, or what it saw has changed.
  fileprivate var endsSession: Bool {
    kind == .connectionLost || kind == .cannotConnect || kind == .changed
      || sqlState?.hasPrefix("57P") == true
  }
}
