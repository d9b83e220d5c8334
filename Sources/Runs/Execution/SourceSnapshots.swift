import Foundation
import Frames
import PipelineFiles
import PostgresClient

/// One snapshot for each source of a run, all opened before the first row is read.
struct SourceSnapshots: Sendable {
  /// How many connections read one source at once, where nothing else is said.
  private static let readers = max(2, min(4, ProcessInfo.processInfo.activeProcessorCount))

  private let snapshots: [String: SourceSnapshot]

  static func open(_ sources: [String: ConnectionString]) async throws -> SourceSnapshots {
    try await withThrowingTaskGroup(of: (String, SourceSnapshot).self) { group in
      for (name, string) in sources {
        group.addTask {
          (name, try await SourceSnapshot.open(string, readers: string.readerLimit ?? readers))
        }
      }
      var opened: [String: SourceSnapshot] = [:]
      do {
        for try await (name, snapshot) in group { opened[name] = snapshot }
      } catch {
        for snapshot in opened.values { await snapshot.release() }
        throw error
      }
      return SourceSnapshots(snapshots: opened)
    }
  }

  var instants: [String: Instant] { snapshots.mapValues(\.instant) }

  /// The rows of a SELECT, while an observer is told how far a stage is.
  func read(
    _ statement: PlannedStatement, for stage: String, _ observer: @escaping RunObserver
  ) async throws -> Frame {
    guard let snapshot = snapshots[statement.connection] else {
      throw StageFailure("no snapshot of '\(statement.connection)' was opened")
    }
    return try await snapshot.read(
      statement.sql, where: try condition(of: statement, on: snapshot), by: statement.parts
    ) { rows in
      observer(.stageProgress(stage, .rows(rows)))
    }
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
  func fallbacks() async -> [String: String] {
    var reasons: [String: String] = [:]
    for (name, snapshot) in snapshots {
      if let problem = await snapshot.fallback { reasons[name] = problem.message }
    }
    return reasons
  }

  func release() async {
    for snapshot in snapshots.values { await snapshot.release() }
  }
}
