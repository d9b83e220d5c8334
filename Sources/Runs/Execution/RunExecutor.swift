import Foundation
import Frames
import PipelineFiles
import PostgresClient
import State

/// Runs a planned pipeline: snapshots, stages as soon as their inputs are there, publication.
public struct RunExecutor: Sendable {
  private let request: RunRequest
  private let observer: RunObserver

  public init(_ request: RunRequest, observer: @escaping RunObserver) {
    self.request = request
    self.observer = observer
  }

  private var pipeline: Pipeline { request.planned.pipeline }

  /// Makes the run. A stage that fails is part of the outcome.
  /// - Throws: `RunError`, `StateError` and `PostgresError` where there is no run to speak of: it is locked, or the
  ///   state database cannot be reached.
  public func run() async throws -> RunOutcome {
    request.program.prepare()
    let connection = try await StateSession.open(request.state)
    do {
      try await RunLock.settleLost(on: connection)
      let opening = try await RunOpening(
        pipeline, asOf: request.planned.asOf, environment: request.environment, told: request.told,
        on: connection, patience: request.lockPatience, tell: noting(observer))
      let outcome = try await run(opening)
      await clear(connection)
      await connection.close()
      observer(.ended(outcome))
      return outcome
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Lets go what is kept no longer, however the run ended.
  private func clear(_ connection: PostgresConnection) async {
    // Who cancels wants it to end; the next run does it.
    if Task.isCancelled { return }
    guard await connection.isAlive() else { return }
    let (housekeeping, kept) = (StateHousekeeping(connection), KeptRuns(of: pipeline))
    do {
      let now = if let now = request.now { now } else { try await housekeeping.now() }
      try await housekeeping.round([kept], now: now)
      if let state = request.stateFolder, let checkpoints = request.checkpointFolder?.root {
        try await FormerFolders(state: state, checkpoints: checkpoints, connection: connection)
          .remove(unusedSince: kept.earliest(now, least: FormerFolders.least))
      }
    } catch {
      observer(.note("what old runs left stays for now: \(error)"))
    }
  }

  /// A new run, or a new attempt at the latest one.
  private func run(_ opening: RunOpening) async throws -> RunOutcome {
    let latest = try await opening.latest()
    if request.resumes, request.claim == nil, request.selection == nil, let latest,
      latest.state == .succeeded
    {
      observer(.note("run \(latest.run) is done already; to make it again leave --resume out"))
      await sweep(opening)
      await clearAfter(opening)
      return RunOutcome(run: latest.run, state: .succeeded, error: nil)
    }
    // Tables of an earlier attempt must be gone before this one makes its own.
    await sweep(opening)
    let checkpoints = request.checkpointFolder.map {
      RunCheckpoints($0, request, observer: observer)
    }
    let resumed =
      request.resumes && request.selection == nil && latest?.state != .succeeded ? latest : nil
    // A run that is made anew reads its sources, whatever is there.
    if request.selection == nil, !request.resumes || latest?.state == .succeeded {
      clear(checkpoints)
    }
    let plan = try await plan(opening)
    let session: RunSession
    if let latest = resumed {
      session = try await opening.resume(
        latest.run, plan.opened(pipeline), publishes: request.publishes, claim: request.claim)
    } else {
      session = try await opening.begin(
        plan.opened(pipeline), publishes: request.publishes, selection: request.selection?.names,
        claim: request.claim)
    }
    observer(.began(run: session.run, attempt: session.attempt))
    return await run(session, plan, opening, checkpoints)
  }

  /// Removes the checkpoints of a run that was killed when it had been published.
  private func clearAfter(_ opening: RunOpening) async {
    guard !pipeline.settings.keepCheckpoints, let folder = request.checkpointFolder else { return }
    do {
      try folder.clear()
      try await RunSession.forget(folder: folder.path, on: opening.connection)
    } catch {
      observer(.note("checkpoints of the run stay for now: \(error)"))
    }
  }

  private func plan(_ opening: RunOpening) async throws -> ResumePlan {
    guard request.mayReuse else { return request.freshPlan }
    let known = try await opening.knownRuns()
    let unknown = request.runsWithCheckpoints(unlike: known).map { "run \($0)" }
    if !unknown.isEmpty {
      observer(
        .note(
          "checkpoints are there of \(unknown.joined(separator: ", ")), which the state does not "
            + "know: they are not used"))
    }
    return request.resumePlan(known)
  }

  private func clear(_ checkpoints: RunCheckpoints?) {
    do {
      try checkpoints?.folder.clear()
    } catch {
      observer(.note("checkpoints of an earlier run stay for now: \(error)"))
    }
  }

  private func run(
    _ first: RunSession, _ firstPlan: ResumePlan, _ opening: RunOpening,
    _ checkpoints: RunCheckpoints?
  ) async -> RunOutcome {
    var session = first
    var loaded = LoadedSnapshots()
    do {
      if let checkpoints {
        try await checkpoints.record(session)
        checkpoints.begin(reusing: firstPlan.reusedSnapshots ?? [:])
      }
      let limits = RunLimits(pipeline.settings)
      var plan = firstPlan
      var problems: [StageProblem]?
      var readings = 0
      while problems == nil {
        let attempt = RunAttempt(
          request: request, session: session, plan: plan, loaded: loaded,
          checkpoints: checkpoints, observer: observer)
        do {
          problems = try await session.guarding(limits) { try await attempt.run() }
        } catch let end as AttemptEnd {
          readings += 1
          let pause = try await prepareAnother(after: end, readings, checkpoints)
          try await Housekeeping(connection: session.connection).discard(loaded.begun)
          loaded = LoadedSnapshots()
          // A new reading makes everything anew; beside a damaged checkpoint the others still count.
          plan =
            if case .readingLost = end { request.freshPlan } else { try await self.plan(opening) }
          session = try await opening.again(session, plan.opened(pipeline), after: pause)
        }
      }
      try Task.checkCancellation()
      if let problems, let first = problems.first {
        let message = "stage \(first.stage) failed: \(first.trouble.message)"
        // What failed decides; a check only where nothing else did.
        let isBlocked = problems.allSatisfy(\.trouble.isBlockedByCheck)
        return await end(session, by: isBlocked ? .block : .fail, message, loaded, checkpoints)
      }
      guard request.publishes else {
        await settle(checkpoints, session)
        return await end(session, by: .succeed, nil, loaded, checkpoints)
      }
      observer(.publishing)
      let publisher = Publisher(
        session: session, pipeline: pipeline.name, zone: pipeline.zone, grantTo: request.grantTo,
        patience: request.lockPatience, scripts: try scripts(plan, session.run), observer: observer)
      let (tables, doubts) = (loaded.all, loaded.objections)
      let published = try await session.publishing(limits, asking: request.state) {
        try await publisher.publish(tables, despite: doubts)
      }
      if case .held(let objections) = published {
        // A retry may use them.
        await checkpoints?.finish()
        return RunOutcome(
          run: session.run, state: .held, error: objections.joined(separator: "; "))
      }
      await tidy(session, loaded, checkpoints)
      return RunOutcome(run: session.run, state: .succeeded, error: nil)
    } catch {
      if let failure = error as? PublicationFailure {
        await keep("\(failure)", of: failure.stage, session)
      } else if case .stage(let stage)? = (error as? SourceFailure)?.reading {
        await keep(StageTrouble(error).message, of: stage, session)
      }
      let isLost = await !session.connection.isAlive()
      let trouble = StageTrouble(
        isLost ? RunError.lostSession(request.state.location) : error)
      let isCancelled = trouble.state == .cancelled
      // That it was cancelled, the state says already.
      let message =
        isCancelled ? (error as? RunError).map { "\($0)" } : trouble.message
      var outcome = await end(
        session, by: isCancelled ? .cancel : .fail, message, loaded, checkpoints)
      outcome.isUnreachable = trouble.isUnreachable
      outcome.isPublicationUnknown = isLost
      return outcome
    }
  }

  /// Waits before the sources are read again, or removes a checkpoint that is damaged.
  /// - Returns: for how long it waited.
  /// - Throws: the error that ended the attempt, where it has happened too often.
  private func prepareAnother(
    after end: AttemptEnd, _ readings: Int, _ checkpoints: RunCheckpoints?
  ) async throws -> Swift.Duration {
    await checkpoints?.finish()
    switch end {
    case .damaged(let stage, let error):
      observer(.note("\(stage) is made again, because its checkpoint cannot be used: \(error)"))
      try checkpoints?.folder.remove(stage)
      return .zero
    case .readingLost(let reading, let error):
      let policy = RetryPolicy(pipeline.settings.retry ?? .preset)
      guard readings < policy.attempts else { throw SourceFailure(reading: reading, error: error) }
      let pause = policy.pause(after: readings)
      observer(
        .note(
          "\(reading): \(error); all sources are read again in "
            + "\(String(format: "%.1f", pause / .seconds(1))) s, attempt \(readings + 1) of "
            + "\(policy.attempts)"))
      try await Task.sleep(for: pause)
      return pause
    }
  }

  /// What is done when the run is published, in the order of the stages.
  private func scripts(_ plan: ResumePlan, _ run: Int) throws -> [PublicationScript] {
    try pipeline.stages.filter { request.waitsForPublication($0) && plan.makes($0.name.text) }
      .compactMap { stage in
        try request.planned.plan(of: stage)?.atPublication
          .map { try PublicationScript(stage: stage.name.text, statements: $0, run: run) }
      }
  }

  /// Keeps which stage failed where that ended the run: the transaction or the attempt that would have
  /// is gone.
  private func keep(_ failure: String, of stage: String, _ session: RunSession) async {
    observer(.stageFailed(stage, failure))
    do {
      var journal = StageJournal([:])
      try journal.note(.begin, of: stage)
      try journal.note(.fail, of: stage, error: failure)
      try await journal.take()?.store(session)
    } catch {
      observer(.note("what became of stage \(stage) could not be kept: \(error)"))
    }
  }

  /// Settles a run that is not published. Works although the run's task is cancelled.
  private func end(
    _ session: RunSession, by transition: RunTransition, _ error: String?,
    _ loaded: LoadedSnapshots, _ checkpoints: RunCheckpoints?
  ) async -> RunOutcome {
    let request = request
    // A task of its own, which the cancellation of this one does not reach.
    let trouble = await Task.detached { () -> String? in
      // What is not on the disk yet would have to be made again.
      await checkpoints?.finish()
      do {
        try await session.settleStages(as: transition.target)
        try await session.move(transition, error: error)
        try await Housekeeping(connection: session.connection).discard(loaded.begun)
        return nil
      } catch {
        return "\(error)"
      }
    }.value
    if let trouble {
      observer(.note("the run could not be settled on \(request.state.location): \(trouble)"))
    }
    return RunOutcome(run: session.run, state: transition.target, error: error)
  }

  /// Clears away what earlier runs left that were killed or could not clean up.
  private func sweep(_ opening: RunOpening) async {
    do {
      try await Housekeeping(connection: opening.connection).sweep()
      if let folder = request.checkpointFolder {
        try await CheckpointSweep(root: folder.root, connection: opening.connection)
          .sweep(except: folder.path)
      }
    } catch {
      observer(.note("what runs left that are over stays for now: \(error)"))
    }
  }

  /// Removes what is not needed any more, now that the run is published.
  private func tidy(
    _ session: RunSession, _ loaded: LoadedSnapshots, _ checkpoints: RunCheckpoints?
  ) async {
    await settle(checkpoints, session)
    await Housekeeping(connection: session.connection).prune(
      loaded.all, zone: pipeline.zone, after: session
    ) {
      observer(.note($0))
    }
    for snapshot in loaded.all {
      guard let keep = snapshot.layout.table.keep else { continue }
      do {
        try await warn(of: snapshot, keep, session)
      } catch {
        observer(
          .note(
            "whether the publication of \(snapshot.layout.target) will stay is not known: \(error)")
        )
      }
    }
  }

  /// Says that a publication will not stay, although the run went well.
  private func warn(of table: LoadedTable, _ keep: Span, _ session: RunSession) async throws {
    let passed = try await session.connection.passedKeep(
      of: table.layout.name, keep, zone: pipeline.zone, asOf: session.asOf, last: session.asOf)
    guard let passed else { return }
    let warning =
      "\(passed.text(in: pipeline.zone)): what this run has published goes with the next one, unless "
      + "it is shown"
    try await session.connection.transaction {
      try session.add(note: nil, warnings: [warning], to: table.stage, $0)
    }
    observer(.note("warning: \(warning)"))
  }

  /// Removes the checkpoints of a run that is done, unless its pipeline or a partial run keeps them.
  private func settle(_ checkpoints: RunCheckpoints?, _ session: RunSession) async {
    guard let checkpoints else { return }
    guard !pipeline.settings.keepCheckpoints, request.selection == nil else {
      return await checkpoints.finish()
    }
    do {
      try await checkpoints.clear(session)
    } catch {
      observer(.note("checkpoints of the run stay for now: \(error)"))
    }
  }
}
