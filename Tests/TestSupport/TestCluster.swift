import Foundation
import PostgresClient

/// The Postgres of this test process: started when the first test needs it, shared by all, stopped
/// and removed when the process ends in whatever way. What a killed machine has left behind is
/// removed at the next start.
actor TestCluster {
  static let shared = TestCluster()

  struct Failure: Error, CustomStringConvertible { let description: String }

  private var starting: Task<ConnectionTemplate, any Error>?
  private var administration: Task<PostgresConnection, any Error>?

  /// Makes connection strings for the cluster's databases.
  struct ConnectionTemplate: Sendable {
    let socketFolder: String

    func url(for database: String) -> String {
      "postgresql:///\(database)?host=\(socketFolder)&port=5432&user=postgres"
    }
  }

  func template() async throws -> ConnectionTemplate {
    let task = starting ?? Task { try await Self.start() }
    starting = task
    return try await task.value
  }

  /// The connection that makes and drops databases.
  func administrator() async throws -> PostgresConnection {
    let template = try await template()
    let task =
      administration
      ?? Task {
        try await PostgresConnection.connect(to: ConnectionString(template.url(for: "postgres")))
      }
    administration = task
    return try await task.value
  }

  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(component: "cluster").path

  private static func start() async throws -> ConnectionTemplate {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try startBlocking() })
      }
    }
  }

  private static func startBlocking() throws -> ConnectionTemplate {
    let parent = "/tmp/roost-tests-\(getuid())"
    let owner = ProcessInfo.processInfo.processIdentifier
    let folder = "\(parent)/\(owner)"
    _ = try run("sweep", parent)
    try guardCluster(folder)
    _ = try run("start", folder, "--owner", String(owner))
    let environment = try run("env", folder)
    guard let socketFolder = environment.firstMatch(of: #/PGHOST='([^']+)'/#)?.1 else {
      throw Failure(description: "cluster env printed no PGHOST")
    }
    return ConnectionTemplate(socketFolder: String(socketFolder))
  }

  /// Starts a process that removes the cluster when this one ends: it holds the read end of a pipe
  /// whose write end only we have, so the kernel tells it even of a kill.
  private static func guardCluster(_ folder: String) throws {
    // The write end is never closed here: the kernel does it.
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let process = Process()
    process.executableURL = URL(filePath: script)
    process.arguments = ["guard", folder]
    process.standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  private static func run(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: script)
    process.arguments = arguments
    let output = Pipe()
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: String(decoding: complaints, as: UTF8.self))
    }
    return String(decoding: printed, as: UTF8.self)
  }
}
