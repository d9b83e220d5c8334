import Diagnostics
import Expressions
import Foundation
import Testing

@testable import PipelineFiles

/// Pipelines with mistakes that can be seen without a database: all that is said of each, as it is
/// printed. With `ROOST_UPDATE_GOLDEN` set the expected texts are written instead; read them.
@Suite struct BrokenPipelinesTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Broken")

  private static let cases: [String] = {
    let copied = Bundle.module.resourceURL?.appendingPathComponent("Broken").path ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: copied)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }()

  @Test func `there are enough`() { #expect(Self.cases.count >= 80) }

  @Test(arguments: cases) func `says exactly`(name: String) throws {
    let folder = Self.folder.appendingPathComponent(name).path
    let report = Report()
    let projectPath = folder + "/roost.yaml"
    var project = SourceFile(name: projectPath, text: defaultProject.text)
    if FileManager.default.fileExists(atPath: projectPath) { project = try Files.read(projectPath) }
    let pipeline = checkOffline(
      try Files.read(folder + "/pipeline.yaml"), project: project, report,
      environment: ["ROOST_HOLDOUT_KEY": "secret", "HOME": "/home/secret"])
    #expect(pipeline == nil || report.hasErrors)
    let text = printed(report).replacing(folder + "/", with: "")
      .replacing("Tests/PipelineFilesTests/Broken/\(name)/", with: "")
    #expect(!text.contains("secret"))

    let expected = Self.folder.appendingPathComponent(name + "/expected.txt")
    if ProcessInfo.processInfo.environment["ROOST_UPDATE_GOLDEN"] != nil {
      try text.write(to: expected, atomically: true, encoding: .utf8)
    }
    #expect(
      text == (try? String(contentsOf: expected, encoding: .utf8)),
      "if that is meant, write it anew with ROOST_UPDATE_GOLDEN=1, and read the difference")
    for diagnostic in report.sorted {
      #expect(diagnostic.help != nil, "no remedy: \(diagnostic.message)")
      #expect(!diagnostic.message.hasSuffix("."))
      #expect(!diagnostic.message.contains("\n"))
    }
  }
}
