import Foundation
import PostgresClient

/// A Postgres of one test's own that keeps what was committed, so that it may be ended at any instant.
public struct DurableCluster: Sendable {
  private let folder: String
  private let socketFolder: String

  /// Starts one and calls `body` with it; removes it afterwards.
  public static func with<Value: Sendable>(
    _ body: (DurableCluster) async throws -> Value
  ) async throws -> Value {
    let folder = "/tmp/roost-durable-\(getuid())/\(UUID().uuidString.prefix(8))"
    let socketFolder = try await blocking {
      try ClusterScript.start(folder, options: ["--durable"])
    }
    let cluster = DurableCluster(folder: folder, socketFolder: socketFolder)
    defer { _ = try? ClusterScript.run("stop", folder) }
    return try await body(cluster)
  }

  /// Ends it at once, as a power cut does, and starts it again.
  public func crash() async throws {
    let folder = folder
    try await Self.blocking {
      _ = try ClusterScript.run("crash", folder)
      _ = try ClusterScript.run("start", folder, "--durable")
    }
  }

  /// Makes a standby that follows it, and calls `body` with the folder of its socket; removes it
  /// afterwards.
  public func withStandby<Value: Sendable>(
    _ body: (String) async throws -> Value
  ) async throws -> Value {
    let (primary, standby) = (folder, "\(folder)-standby")
    let socketFolder = try await Self.blocking {
      try ClusterScript.guardCluster(standby)
      let owner = ProcessInfo.processInfo.processIdentifier
      _ = try ClusterScript.run("standby", standby, primary, "--owner", String(owner))
      return try ClusterScript.socketFolder(of: standby)
    }
    defer { _ = try? ClusterScript.run("stop", standby) }
    return try await body(socketFolder)
  }

  public func makeDatabase(_ name: String) async throws -> TestDatabase {
    func url(_ name: String) -> String {
      "postgresql:///\(name)?host=\(socketFolder)&port=5432&user=postgres"
    }
    let maker = try await PostgresConnection.connect(to: try ConnectionString(url("postgres")))
    try await maker.execute("CREATE DATABASE \(SQL.identifier(name))")
    await maker.close()
    return try await database(name, url: url(name))
  }

  /// The database with a new connection, for after a crash.
  public func reopened(_ database: TestDatabase) async throws -> TestDatabase {
    try await self.database(database.name, url: database.url)
  }

  private func database(_ name: String, url: String) async throws -> TestDatabase {
    let string = try ConnectionString(url)
    return TestDatabase(
      name: name, connectionString: string, url: url,
      connection: try await PostgresConnection.connect(to: string))
  }

  private static func blocking<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
  }
}
