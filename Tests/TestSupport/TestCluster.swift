import Foundation
import PostgresClient

/// The Postgres of this test process: started when the first test needs it, shared by all, stopped
/// and removed when the process ends in whatever way. What a killed machine has left behind is
/// removed at the next start.
actor TestCluster {
  static let shared = TestCluster()

  private var starting: Task<Server, any Error>?

  struct Server: Sendable {
    let socketFolder: String
    private let maker: PostgresConnection
    private let remover: PostgresConnection

    init(socketFolder: String) async throws {
      self.socketFolder = socketFolder
      let string = try ConnectionString(Self.url(of: "postgres", in: socketFolder))
      maker = try await PostgresConnection.connect(to: string)
      remover = try await PostgresConnection.connect(to: string)
    }

    private static func url(of database: String, in socketFolder: String) -> String {
      "postgresql:///\(database)?host=\(socketFolder)&port=5432&user=postgres"
    }

    func url(of database: String) -> String { Self.url(of: database, in: socketFolder) }

    func makeDatabase(_ name: String, template: String) async throws {
      try await maker.execute(
        "CREATE DATABASE \(name) TEMPLATE \(SQL.identifier(template))")
    }

    /// Drops a database soon. Nobody waits for it, since Postgres does so for sessions to end in
    /// steps of a tenth of a second; what is left goes with the cluster.
    func removeDatabase(_ name: String) {
      Task {
        _ = try? await remover.execute("DROP DATABASE \(name) WITH (FORCE)")
        let role = TestDatabase.ordinaryRole(of: name)
        _ = try? await remover.execute("DROP ROLE IF EXISTS \(SQL.identifier(role))")
      }
    }
  }

  func server() async throws -> Server {
    let task = starting ?? Task { try await Server(socketFolder: Self.start()) }
    starting = task
    return try await task.value
  }

  /// Starts the cluster and returns the folder of its socket.
  private static func start() async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try startBlocking() })
      }
    }
  }

  private static func startBlocking() throws -> String {
    let parent = "/tmp/roost-tests-\(getuid())"
    let owner = ProcessInfo.processInfo.processIdentifier
    _ = try ClusterScript.run("sweep", parent)
    return try ClusterScript.start("\(parent)/\(owner)")
  }
}
