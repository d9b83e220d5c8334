import Foundation
import PostgresClient

/// A pgbouncer of one test's own, in front of the tests' Postgres.
public struct Pooler: Sendable {
  /// For how long it lends a server's session to a client.
  public enum Mode: String, Sendable { case transaction, session, statement }

  /// Whether pgbouncer is installed, as `make test` sees to.
  public static let isThere = [
    "/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/usr/bin/pgbouncer",
    "/usr/local/bin/pgbouncer",
  ].contains { FileManager.default.isExecutableFile(atPath: $0) }

  private let socketFolder: String

  /// Starts one and calls `body` with it; ends it afterwards.
  /// - Parameter size: how many sessions with each database it has.
  public static func with<Value: Sendable>(
    _ mode: Mode, size: Int, _ body: (Pooler) async throws -> Value
  ) async throws -> Value {
    let server = try await TestCluster.shared.server()
    let process = try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            try BoundProcess(
              ClusterScript.pooler, [server.socketFolder, mode.rawValue, String(size)])
          })
      }
    }
    defer { Thread.detachNewThread { process.end() } }
    return try await body(Pooler(socketFolder: process.firstLine))
  }

  /// The URL of a database through the pool.
  public func url(of database: TestDatabase, user: String = "postgres") -> String {
    "postgresql:///\(database.name)?host=\(socketFolder)&port=6432&user=\(user)"
  }

  /// Keeps all sessions of a database busy with short statements of other clients while `body` runs.
  public func busy<Value: Sendable>(
    _ database: TestDatabase, clients: Int = 4, _ body: () async throws -> Value
  ) async throws -> Value {
    let string = try ConnectionString(url(of: database))
    let others = (0..<clients).map { _ in
      Task {
        let client = try await PostgresConnection.connect(
          to: string, options: ConnectionOptions(scope: .transaction))
        while !Task.isCancelled { try await client.query("SELECT 5 AS other, 1, 2, 3") }
        await client.close()
      }
    }
    defer { for other in others { other.cancel() } }
    return try await body()
  }
}

/// A script that ends when this process does, or earlier: it reads a pipe whose other end only we have.
private struct BoundProcess: Sendable {
  /// What it printed first.
  let firstLine: String
  private let process: pid_t
  private let lifeline: Int32

  init(_ script: String, _ arguments: [String]) throws {
    let input = try ClusterScript.makePipe()
    let output = try ClusterScript.makePipe()
    process = try ClusterScript.spawn(
      script, arguments, input: input.read, output: output.write)
    close(input.read)
    close(output.write)
    lifeline = input.write
    let printed = FileHandle(fileDescriptor: output.read, closeOnDealloc: true)
      .readDataToEndOfFile()
    firstLine =
      String(decoding: printed, as: UTF8.self)
      .split(separator: "\n").first.map(String.init) ?? ""
    if !firstLine.hasPrefix("/") {
      end()
      throw ClusterFailure(description: String(decoding: printed, as: UTF8.self))
    }
  }

  func end() {
    close(lifeline)
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
  }
}
