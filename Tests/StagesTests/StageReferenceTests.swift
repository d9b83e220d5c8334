import Foundation
import PipelineFiles
import Stages
import Testing

@Suite struct StageReferenceTests {
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/roost/Roost.docc/Stages.md").standardizedFileURL

  /// The committed page is what the declarations say. To write it anew:
  /// `ROOST_WRITE_REFERENCE=1 swift test --filter StageReferenceTests`
  @Test func `the committed page is made from the declarations`() throws {
    let page = StageReference(.builtIn).page
    if ProcessInfo.processInfo.environment["ROOST_WRITE_REFERENCE"] != nil {
      try page.write(to: Self.path, atomically: true, encoding: .utf8)
    }
    let committed = try String(contentsOf: Self.path, encoding: .utf8)
    #expect(committed == page, "run it with ROOST_WRITE_REFERENCE=1 to write the page anew")
  }
}
