import Diagnostics
import Foundation
import PipelineFiles
import Testing

/// Pipelines with mistakes that only a database can tell: all that is said of each, as it is printed.
/// With `ROOST_UPDATE_GOLDEN` set the expected texts are written instead; read them.
@Suite struct BrokenTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Broken")

  private static let cases: [String] = {
    let copied = Bundle.module.resourceURL?.appendingPathComponent("Broken").path ?? ""
    let names = (try? FileManager.default.contentsOfDirectory(atPath: copied)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }()

  @Test func `there are enough`() { #expect(Self.cases.count >= 15) }

  @Test(arguments: cases) func `says exactly`(name: String) async throws {
    let folder = Self.folder.appendingPathComponent(name)
    let text = try await withProject { project in
      var project = project
      try await project.sql(SmallShop.schema)
      for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        if file == "setup.sql" {
          try await project.sql(text)
        } else {
          try project.write(file, text)
        }
      }
      let pipeline = try String(
        contentsOf: folder.appendingPathComponent("pipeline.yaml"), encoding: .utf8)
      // Who asks, where it is not the owner of everything.
      if let role = pipeline.firstMatch(of: /^# role: (\w+)/)?.output.1,
        let url = project.environment["SHOP_DATABASE_URL"]
      {
        project.environment["SHOP_DATABASE_URL"] =
          url + (url.contains("?") ? "&" : "?") + "user=\(role)"
      }
      let checked = try await project.check()
      #expect(checked.pipeline == nil || !checked.errors.isEmpty)
      for diagnostic in checked.diagnostics {
        #expect(diagnostic.help != nil, "no remedy: \(diagnostic.message)")
      }
      return checked.text.replacing(project.folder.path + "/", with: "")
    }
    let expected = folder.appendingPathComponent("expected.txt")
    if ProcessInfo.processInfo.environment["ROOST_UPDATE_GOLDEN"] != nil {
      try text.write(to: expected, atomically: true, encoding: .utf8)
    }
    #expect(text == (try? String(contentsOf: expected, encoding: .utf8)))
  }
}
