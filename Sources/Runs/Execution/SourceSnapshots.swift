import Foundation
import Frames
import PipelineFiles
import PostgresClient
import Relations

/// One snapshot for each source of a run, all opened before the first row is read.
package struct SourceSnapshots: Sendable {
  /// How many connections read one source at once, where nothing else is said.
  private static let readers = max(2, min(4, ProcessInfo.processInfo.activeProcessorCount))

  private let snapshots: [String: SourceSnapshot]
  private let remarks: SourceRemarks

  /// Opens the snapshots of all sources and locks what is read of them. Where somebody has locked a
  /// table, or changes one at that very moment, all are opened anew, so that they lie close together
  /// and nothing is held while the run waits.
  /// - Parameters:
  ///   - readings: what is read, by source.
  ///   - patience: how long is waited.
  ///   - name: what the sessions are called, before the stage.
  /// - Throws: `PostgresError`.
  package static func open(
    _ sources: [String: ConnectionString], readings: [String: [SourceReading]] = [:],
    patience: SourcePatience = SourcePatience(), name: String = "roost",
    _ observer: @escaping RunObserver = { _ in }
  ) async throws -> SourceSnapshots {
    let began = ContinuousClock.now
    var pause = Swift.Duration.milliseconds(20)
    var told: Set<String> = []
    var named: PostgresError?
    while true {
      do {
        return try await openOnce(sources, readings, name, observer)
      } catch let error as PostgresError where error.isLockTimeout || error.kind == .changed {
        if error.namesBlocker { named = error }
        let waited = ContinuousClock.now - began
        guard waited < patience.whole else { throw error.isLockTimeout ? named ?? error : error }
        if waited >= patience.silent, told.insert(error.message).inserted {
          observer(.note("\(error.message); the run waits"))
        }
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(1))
    }
  }

  private static func openOnce(
    _ sources: [String: ConnectionString], _ readings: [String: [SourceReading]],
    _ session: String, _ observer: @escaping RunObserver
  ) async throws -> SourceSnapshots {
    let remarks = SourceRemarks(observer)
    return try await withThrowingTaskGroup(of: (String, SourceSnapshot).self) { group in
      for (name, string) in sources {
        group.addTask {
          (
            name,
            try await SourceSnapshot.open(
              string, readings: readings[name] ?? [], readers: string.readerLimit ?? readers,
              options: ConnectionOptions(applicationName: session)
            ) { remarks.note($0) }
          )
        }
      }
      var opened: [String: SourceSnapshot] = [:]
      do {
        for try await (name, snapshot) in group { opened[name] = snapshot }
      } catch {
        for snapshot in opened.values { await snapshot.release() }
        throw error
      }
      return SourceSnapshots(snapshots: opened, remarks: remarks)
    }
  }

  package var instants: [String: Instant] { snapshots.mapValues(\.instant) }

  /// What is to be said of standbys that may lack rows from before an as-of, by source.
  package func stale(before asOf: Instant) -> [String: String] {
    snapshots.compactMapValues { snapshot in
      guard let standby = snapshot.standby, !standby.isCaughtUp else { return nil }
      guard let replayed = standby.replayed else {
        return "a standby that does not say how far it has replayed its primary's changes"
      }
      if replayed >= asOf { return nil }
      return "a standby that has replayed its primary's changes up to "
        + "\(replayed.text(in: .utc).prefix(19)) UTC, which is before the as-of: rows may be missing"
    }
  }

  /// The rows of a SELECT, while an observer is told how far a stage is.
  package func read(
    _ statement: PlannedStatement, for stage: String, _ observer: @escaping RunObserver
  ) async throws -> Frame {
    guard let snapshot = snapshots[statement.connection] else {
      throw StageFailure("no snapshot of '\(statement.connection)' was opened")
    }
    return try await snapshot.read(
      statement.sql, where: try condition(of: statement, on: snapshot), by: statement.parts,
      for: stage
    ) { rows in
      observer(.stageProgress(stage, .rows(rows)))
    }
  }

  package func warn(of stale: [String: String], _ readings: [String: [SourceReading]]) {
    remarks.warn(of: stale, readings)
  }

  /// A stage has read its last row: its locks are let go.
  /// - Throws: `PostgresError` of kind `.changed` where they had not held, so that nothing counts.
  package func finish(_ stage: String) async throws {
    for snapshot in snapshots.values { try await snapshot.finish(stage) }
  }

  /// A stage reads no more.
  package func abandon(_ stage: String) async {
    for snapshot in snapshots.values { await snapshot.abandon(stage) }
  }

  /// What is to be said of how a stage was read.
  /// - Parameter isSeenFromThePast: whether features or labels use its rows.
  func remarks(
    of stage: String, isSeenFromThePast: Bool
  ) async -> (notes: [String], warnings: [String]) {
    var notes: [String] = []
    var warnings = remarks.texts(of: stage)
    for snapshot in snapshots.values {
      let unnamed = await snapshot.unnamedTables(of: stage)
      let names = unnamed.names.sorted().joined(separator: ", ")
      if !names.isEmpty {
        notes.append(
          "functions read \(names), which could not be locked before"
            + (unnamed.isUnseen ? "" : "; they were the same before and after"))
        if isSeenFromThePast {
          warnings.append(
            "functions read \(names): no plan tells whether past cutoffs see in what they return what "
              + "later rows decided")
        }
      }
      for relation in unnamed.unprotected.sorted() {
        notes.append(
          "functions read \(relation): no snapshot holds for it, and its rows are those of the moment "
            + "when they were read")
      }
      if unnamed.isUnseen {
        notes.append("whether what functions read was the same all the time could not be seen")
      }
    }
    return (notes, warnings)
  }

  /// Leaves the rows of later days in the source, when a run is for an instant long past. On an
  /// ordinary night they are few, and it is good to know how many.
  private func condition(
    of statement: PlannedStatement, on snapshot: SourceSnapshot
  ) throws -> String? {
    guard let later = statement.later,
      snapshot.instant.microseconds - later.asOf.microseconds > Instant.microsecondsPerDay
    else { return nil }
    return try later.exclusion
  }

  /// Why readers of a source had to wait for each other, by source.
  package func fallbacks() async -> [String: String] {
    var reasons: [String: String] = [:]
    for (name, snapshot) in snapshots {
      if let problem = await snapshot.fallback { reasons[name] = problem.message }
    }
    return reasons
  }

  /// Does work on the snapshots and lets them go before it returns, however it ends.
  package func releasing<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      let value = try await work()
      await release()
      return value
    } catch {
      await release()
      throw error
    }
  }

  package func release() async {
    for snapshot in snapshots.values { await snapshot.release() }
  }
}
