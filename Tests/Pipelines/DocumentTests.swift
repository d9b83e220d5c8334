import Foundation
import Testing

/// What the documents say is what happens.
@Suite struct DocumentTests {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The contents of the code blocks of a language.
  private func blocks(_ language: String, in text: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  /// The pipelines that are run by the demo and by the tests are the example of the reference.
  @Test func `the reference shows the pipelines as they stand`() throws {
    let shown = blocks("yaml", in: try text("Sources/roost/Roost.docc/Language.md"))
    #expect(
      shown == [
        try text("pipelines/roost.yaml"), try text("pipelines/retention.yaml"),
        try text("pipelines/tests/cdnow_features.yaml"),
      ])
  }

  @Test func `links lead somewhere`() throws {
    for document in ["README.md"] {
      for match in try text(document).matches(of: /\]\(([^)]+)\)/) {
        let path = Self.root.appendingPathComponent(String(match.1)).path
        #expect(FileManager.default.fileExists(atPath: path), "\(document) links to \(match.1)")
      }
    }
  }

  /// Runs every command of the README in order, in a copy of the project, with the executable of
  /// this build. `make` is a stand-in that does what the Makefile does after building.
  @Test func `every command of the readme works`() async throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("roost-readme-\(UUID().uuidString.prefix(8))")
    defer { try? FileManager.default.removeItem(at: folder) }
    for path in ["pipelines", "sql", ".ci", "Tests/TestSupport"] {
      let copy = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: Self.root.appendingPathComponent(path), to: copy)
    }
    let release = folder.appendingPathComponent(".build/release")
    try FileManager.default.createDirectory(at: release, withIntermediateDirectories: true)
    let executable = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("roost")
    try FileManager.default.createSymbolicLink(
      at: release.appendingPathComponent("roost"), withDestinationURL: executable)

    let commands = blocks("sh", in: try text("README.md")).joined()
    let script = """
      set -euo pipefail
      make() {
        case "$*" in
          demo) .ci/demo run 1500 1 2026-06-01 ;;
          test) ;;
          "-s demo-env") .ci/demo env ;;
          demo-stop) .ci/demo stop ;;
          *) echo "the test knows no make $*"; exit 1 ;;
        esac
      }
      trap '.ci/demo stop' EXIT
      \(commands)
      trap - EXIT
      """
    let output = try run(script, in: folder)
    #expect(output.status == 0, "\(output.text)")
    #expect(output.text.contains("pipelines/lapsed.yaml: 5 stages, all is well"))
    #expect(output.text.contains("recency alone"))
    #expect(output.text.contains("gone_or_new"))
    #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent(".demo").path))
  }

  private func run(_ script: String, in folder: URL) throws -> (status: Int32, text: String) {
    let log = folder.appendingPathComponent("output.log")
    try Data().write(to: log)
    let handle = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, try String(contentsOf: log, encoding: .utf8))
  }
}
