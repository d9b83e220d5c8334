import Frames
import PipelineFiles
import PostgresClient
import Runs

/// A pipeline that was checked and can be run.
public struct CheckedPipeline: Sendable {
  public let project: Project
  public let planned: PlannedPipeline
  public let connections: [String: ConnectionString]
  public let state: ConnectionString
  public let holdoutKey: Secret?

  /// - Parameter stateFolder: where stages keep rows from run to run; nil to keep nothing.
  public func request(
    environment: PublishingEnvironment, publishes: Bool, stateFolder: StateFolder? = nil
  ) -> RunRequest {
    var request = RunRequest(
      planned: planned, connections: connections, state: state, environment: environment,
      publishes: publishes, holdoutKey: holdoutKey, grantTo: project.settings.grantTo?.text)
    request.stateFolder = stateFolder
    request.told = project.told
    return request
  }

  /// The folder as a run of this pipeline uses it.
  /// - Parameter verifies: whether everything that is kept is compared with its source.
  public func stateFolder(
    _ asked: String?, environment: [String: String], verifies: Bool = false
  ) -> StateFolder? {
    StateDirectory.path(asked, environment: environment).map { path in
      StateFolder(
        path: path, project: state.location, locations: connections.mapValues(\.location),
        key: environment[StateFolder.keyVariable].flatMap { $0.isEmpty ? nil : Secret($0) },
        verifies: verifies)
    }
  }
}
