import Diagnostics
import Frames
import PipelineFiles
import PostgresClient
import Runs
import State

extension ProjectSession {
  /// Keeps that a run could not begin, where all that the report says is that others have locked what it
  /// needs.
  /// - Returns: the run as which it is kept; nil where there is none.
  /// - Throws: where the state cannot be reached or used.
  public func recordLocked(
    _ pipeline: Pipeline, asOf: Instant, publishing: PublishingEnvironment, publishes: Bool = true,
    selection: StageSelection? = nil, resumes: Bool = false, tells: Bool = true
  ) async throws -> Int? {
    guard report.isOnlyLocked, let state else { return nil }
    let error = report.diagnostics.filter { $0.severity == .error }.map(\.message)
      .joined(separator: "; ")
    let unbegun = UnbegunRun(
      pipeline: pipeline, asOf: asOf, environment: publishing, publishes: publishes,
      selection: selection?.names, resumes: resumes, told: project.told, tells: tells)
    let connection = try await StateSession.open(state)
    do {
      let run = try await unbegun.record(error, on: connection)
      // That old rows stay is no other trouble.
      let housekeeping = StateHousekeeping(connection)
      _ = try? await housekeeping.round([KeptRuns(of: pipeline)], now: try await housekeeping.now())
      await connection.close()
      return run
    } catch {
      await connection.close()
      throw error
    }
  }
}
