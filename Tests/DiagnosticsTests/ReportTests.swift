import Testing

@testable import Diagnostics

@Suite struct ReportTests {
  @Test func `sorts by file place and code`() {
    let report = Report()
    let a = SourceFile(name: "a.yaml", text: "x y z")
    let b = SourceFile(name: "b.yaml", text: "x y z")
    func at(_ file: SourceFile, _ start: Int) -> SourceSpan {
      SourceSpan(file: file, range: start..<(start + 1))
    }
    report.error("R0002", "b first", at: at(b, 0))
    report.warning("R0001", "a third", at: at(a, 4))
    report.error("R0009", "a second", at: at(a, 2))
    report.error("R0003", "a second, smaller code", at: at(a, 2))
    report.error("R0005", "nowhere", at: nil)
    #expect(
      report.sorted.map(\.message) == [
        "nowhere", "a second, smaller code", "a second", "a third", "b first",
      ])
    #expect(report.errorCount == 4)
    #expect(report.hasErrors)
  }

  @Test func `says nothing twice`() {
    let report = Report()
    let text = "key: value"
    // One file that was read twice, as an SQL file is by questions and by planning.
    for _ in 0..<2 {
      let file = SourceFile(name: "a.yaml", text: text)
      report.error("R0001", "wrong", at: SourceSpan(file: file, range: 0..<3))
    }
    #expect(report.diagnostics.count == 1)
    let other = SourceFile(name: "b.yaml", text: text)
    report.error("R0001", "wrong", at: SourceSpan(file: other, range: 0..<3))
    #expect(report.errorCount == 2)
  }

  @Test func `warnings are no errors`() {
    let report = Report()
    report.warning("R0001", "odd", at: nil)
    #expect(!report.hasErrors)
    #expect(report.diagnostics.count == 1)
  }

  /// Counting and comparing must not make a file with many mistakes slow.
  @Test func `many messages stay fast`() {
    let report = Report()
    let file = SourceFile(name: "f", text: String(repeating: "x", count: 100_000))
    for place in 0..<50_000 {
      report.error("R0001", "wrong", at: SourceSpan(file: file, range: place..<(place + 1)))
      _ = report.errorCount
    }
    #expect(report.errorCount == 50_000)
  }
}
