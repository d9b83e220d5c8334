import Foundation
import PostgresClient
import Testing

/// The script that starts and removes private clusters, as `make` and the tests use it.
@Suite struct ClusterTests {
  private static let script = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "TestSupport/cluster")

  private func cluster(_ arguments: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = Self.script
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    try process.run()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: printed, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  @Test func `a cluster is swept once its owner is gone`() async throws {
    let owner = Process()
    owner.executableURL = URL(filePath: "/bin/cat")
    let lifeline = Pipe()
    owner.standardInput = lifeline
    try owner.run()
    // A path that is too long for a socket, with blanks.
    let parent =
      FileManager.default.temporaryDirectory.path
      + "/roost cluster \(UUID().uuidString) \(UUID().uuidString) \(UUID().uuidString)"
    let folder = parent + "/one"
    _ = try cluster("start", folder, "--durable", "--owner", String(owner.processIdentifier))
    let url = try cluster("url", folder, "postgres")
    _ = try cluster("sweep", parent)
    let connection = try await PostgresConnection.connect(to: ConnectionString(url))
    #expect(try await connection.query("show fsync")[0].string(0) == "on")
    // Starting it again finds it running.
    _ = try cluster("start", folder)
    #expect(try cluster("url", folder, "postgres") == url)

    try lifeline.fileHandleForWriting.close()
    owner.waitUntilExit()
    _ = try cluster("sweep", parent)
    #expect(!FileManager.default.fileExists(atPath: folder))
    let error = await #expect(throws: PostgresError.self) { try await connection.query("select 1") }
    #expect(error?.kind == .connectionLost)
    try FileManager.default.removeItem(atPath: parent)
  }
}
