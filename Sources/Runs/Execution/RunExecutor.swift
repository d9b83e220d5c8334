import Foundation
import Frames
import PipelineFiles
import PostgresClient

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
  /// - Throws: `RunError` and `PostgresError` where there is no run to speak of: it is locked, or the
  ///   state database cannot be reached.
  public func run() async throws -> RunOutcome {
    let connection = try await PostgresConnection.connect(
      to: request.state,
      options: ConnectionOptions(
        keepalives: .quick, settings: Self.stateSettings))
    do {
      try await requireDirect(connection)
      try await StateSchema.migrate(connection)
      try await RunLock.settleLost(on: connection)
      let session = try await RunSession.begin(
        request.planned, environment: request.environment, publishes: request.publishes,
        on: connection)
      observer(.began(run: session.run))
      await sweep(session)
      let outcome = await run(session)
      await connection.close()
      observer(.ended(outcome))
      return outcome
    } catch {
      await connection.close()
      throw error
    }
  }

  /// The server, too, notices within seconds that the other side is gone, and lets the lock go.
  private static let stateSettings = [
    "synchronous_commit": "on", "tcp_keepalives_idle": "4", "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
  ]

  private func requireDirect(_ connection: PostgresConnection) async throws {
    let other = try await PostgresConnection.connect(to: request.state)
    do {
      try await DirectSession.require(connection, other: other)
    } catch {
      await other.close()
      throw error
    }
    await other.close()
  }

  private func run(_ session: RunSession) async -> RunOutcome {
    let loaded = LoadedSnapshots()
    do {
      let troubles = try await session.guarding { try await runStages(session, loaded) }
      try Task.checkCancellation()
      if let first = troubles.first {
        let message = "stage \(first.stage) failed: \(first.trouble.message)"
        // What failed decides; a check only where nothing else did.
        let isBlocked = troubles.allSatisfy(\.trouble.isBlockedByCheck)
        return await end(session, as: isBlocked ? .blocked : .failed, message, loaded)
      }
      guard request.publishes else {
        return await end(session, as: .succeeded, nil, loaded)
      }
      observer(.publishing)
      let published = try await Publisher(
        session: session, pipeline: pipeline.name, zone: pipeline.zone, grantTo: request.grantTo,
        patience: request.lockPatience, scripts: try scripts(run: session.run), observer: observer
      ).publish(loaded.all)
      if case .held(let objections) = published {
        return RunOutcome(
          run: session.run, state: .held, error: objections.joined(separator: "; "))
      }
      await prune(session, loaded)
      return RunOutcome(run: session.run, state: .succeeded, error: nil)
    } catch {
      if let failure = error as? PublicationFailure { await keep(failure, session) }
      let isLost = await !session.connection.isAlive()
      let trouble = StageTrouble(
        isLost ? RunError.lostSession(request.state.location) : error)
      let isCancelled = trouble.state == .cancelled
      // That it was cancelled, the state says already.
      var outcome = await end(
        session, as: isCancelled ? .cancelled : .failed, isCancelled ? nil : trouble.message,
        loaded)
      outcome.isUnreachable = trouble.isUnreachable
      return outcome
    }
  }

  /// What is done when the run is published, in the order of the stages.
  private func scripts(run: Int) throws -> [PublicationScript] {
    try pipeline.stages.filter(waitsForPublication).compactMap { stage in
      try request.planned.plan(of: stage)?.atPublication
        .map { try PublicationScript(stage: stage.name.text, statements: $0, run: run) }
    }
  }

  private func waitsForPublication(_ stage: Stage) -> Bool {
    request.publishes && request.planned.plan(of: stage)?.atPublication != nil
  }

  /// Keeps which stage failed at publication; the transaction that would have is gone.
  private func keep(_ failure: PublicationFailure, _ session: RunSession) async {
    observer(.stageFailed(failure.stage, "\(failure)"))
    do {
      try await session.begin(stage: failure.stage)
      try await session.end(stage: failure.stage, as: .failed, error: "\(failure)")
    } catch {
      observer(.note("what became of stage \(failure.stage) could not be kept: \(error)"))
    }
  }

  /// Settles a run that is not published. Works although the run's task is cancelled.
  private func end(
    _ session: RunSession, as state: RunState, _ error: String?, _ loaded: LoadedSnapshots
  ) async -> RunOutcome {
    let request = request
    // A task of its own, which the cancellation of this one does not reach.
    let trouble = await Task.detached { () -> String? in
      do {
        try await session.settleStages(as: state)
        try await session.end(as: state, error: error)
        try await Housekeeping(connection: session.connection)
          .discard(loaded.begun, run: session.run)
        return nil
      } catch {
        return "\(error)"
      }
    }.value
    if let trouble {
      observer(.note("the run could not be settled on \(request.state.location): \(trouble)"))
    }
    return RunOutcome(run: session.run, state: state, error: error)
  }

  /// Clears away what earlier runs left that were killed or could not clean up.
  private func sweep(_ session: RunSession) async {
    do {
      try await Housekeeping(connection: session.connection).sweep()
    } catch {
      observer(.note("tables of runs that are over stay for now: \(error)"))
    }
  }

  private func prune(_ session: RunSession, _ loaded: LoadedSnapshots) async {
    let housekeeping = Housekeeping(connection: session.connection)
    for snapshot in loaded.all {
      guard let keep = snapshot.layout.table.keep else { continue }
      do {
        try await housekeeping.prune(
          snapshot.layout, keep: keep, zone: pipeline.zone, after: session.run)
      } catch {
        observer(.note("old publications of \(snapshot.layout.target) stay for now: \(error)"))
      }
    }
  }

  private func runStages(
    _ session: RunSession, _ loaded: LoadedSnapshots
  ) async throws -> [(stage: String, trouble: StageTrouble)] {
    let sources = Set(pipeline.stages.flatMap { request.planned.plan(of: $0)?.sources ?? [] })
    let snapshots = try await SourceSnapshots.open(
      request.connections.filter { sources.contains($0.key) })
    defer { Task { await snapshots.release() } }
    try await session.record(snapshots: snapshots.instants)
    observer(.snapshots(snapshots.instants))

    let loader =
      request.publishes
      ? SnapshotLoader(
        database: request.state, pipeline: pipeline.name, environment: request.environment,
        run: session.run, asOf: request.planned.asOf, patience: request.lockPatience,
        loaded: loaded) : nil
    var board = StageBoard(request.planned)
    var use = StageUse()
    return try await withThrowingTaskGroup(of: (Stage, Result<StageResult, any Error>).self) {
      group in
      var troubles: [(stage: String, trouble: StageTrouble)] = []
      while true {
        try Task.checkCancellation()
        for stage in board.takeReady() {
          guard let plan = request.planned.plan(of: stage) else { continue }
          if waitsForPublication(stage) {
            group.addTask { (stage, .success(StageResult(output: .nothing, rows: 0))) }
            continue
          }
          try await session.begin(stage: stage.name.text)
          use.begin(stage.name.text)
          observer(.stageBegan(stage.name.text))
          let context = LiveStageContext(
            stage: stage.name.text, asOf: request.planned.asOf, zone: pipeline.zone,
            holdoutKey: request.holdoutKey, inputs: board.outputs(for: stage),
            snapshots: snapshots, loader: loader, session: session,
            stateFolder: request.stateFolder,
            history: RunHistory(
              connection: session.connection, pipeline: pipeline.name,
              environment: request.environment.name ?? "", asOf: request.planned.asOf),
            observer: observer)
          group.addTask {
            do {
              return (stage, .success(try await plan.run(context)))
            } catch {
              return (stage, .failure(error))
            }
          }
        }
        guard let (stage, result) = try await group.next() else { break }
        let name = stage.name.text
        switch result {
        case .success(let result):
          board.finish(stage, result.output)
          if waitsForPublication(stage) { break }
          try await session.finish(
            stage: name, result.measured(processorSeconds: use.end(name)))
          observer(.stageFinished(name, result))
        case .failure(let error):
          _ = use.end(name)
          let trouble = StageTrouble(error)
          if trouble.state == .cancelled, Task.isCancelled { throw CancellationError() }
          troubles.append((name, trouble))
          try await session.end(stage: name, as: trouble.state, error: trouble.message)
          observer(.stageFailed(name, trouble.message))
          for skipped in board.fail(stage) {
            try await session.end(
              stage: skipped.name.text, as: .skipped, error: "stage \(name) failed")
            observer(.stageSkipped(skipped.name.text, because: name))
          }
        }
        if board.areSourcesRead {
          // Snapshots hold back vacuum, so they are let go as soon as nothing reads them any more.
          for (source, reason) in await snapshots.fallbacks().sorted(by: { $0.key < $1.key }) {
            observer(.note("\(source) was read over one connection: \(reason)"))
          }
          await snapshots.release()
          board.forgetSources()
        }
      }
      return troubles
    }
  }
}
