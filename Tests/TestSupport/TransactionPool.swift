import Foundation
import PostgresClient

/// PgBouncer in front of a test's database: a client has a server session for one transaction only.
public struct TransactionPool: Sendable {
  private let folder: String
  private let database: String

  /// The URL of the database behind the pool.
  public func url(user: String) -> String {
    "postgresql:///\(database)?host=\(folder)&port=6432&user=\(user)"
  }

  /// Whether the program is there.
  public static let isInstalled = program != nil

  private static let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Starts one and calls `body` with it; ends it afterwards.
  /// - Parameter size: how many sessions it opens with the server.
  public static func with<Value: Sendable>(
    _ database: TestDatabase, size: Int, _ body: (TransactionPool) async throws -> Value
  ) async throws -> Value {
    guard let program, let host = database.socketFolder else {
      throw ClusterFailure(description: "there is no pgbouncer: make deps installs it")
    }
    let folder = "/tmp/roost-pool-\(UUID().uuidString.prefix(8))"
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(atPath: folder) }
    // PgBouncer does not run as root, and its own user must get at the folder.
    try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
    try Data(
      """
      [databases]
      * = host=\(host) port=5432
      [pgbouncer]
      listen_addr =
      listen_port = 6432
      unix_socket_dir = \(folder)
      auth_type = any
      pool_mode = transaction
      default_pool_size = \(size)
      max_client_conn = 200
      logfile = \(folder)/log
      """.utf8
    ).write(to: URL(filePath: "\(folder)/pgbouncer.ini"))
    let process = Process()
    let command = [program, "-q", "\(folder)/pgbouncer.ini"]
    let isRoot = getuid() == 0
    process.executableURL = URL(filePath: isRoot ? "/usr/sbin/runuser" : command[0])
    process.arguments = isRoot ? ["-u", "postgres", "--"] + command : Array(command.dropFirst())
    process.currentDirectoryURL = URL(filePath: "/tmp")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { process.terminate() }
    while !files.fileExists(atPath: "\(folder)/.s.PGSQL.6432") {
      guard process.isRunning else { throw ClusterFailure(description: "pgbouncer did not start") }
      try await Task.sleep(for: .milliseconds(20))
    }
    return try await body(TransactionPool(folder: folder, database: database.name))
  }
}

extension TestDatabase {
  /// The folder of the server's socket.
  var socketFolder: String? { url.firstMatch(of: #/host=([^&]+)/#).map { String($0.1) } }
}
