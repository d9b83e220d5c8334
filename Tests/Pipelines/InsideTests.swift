import Foundation
import Testing

/// The page for maintainers says what is there.
@Suite struct InsideTests {
  private static let page = "Sources/roost/Roost.docc/Inside.md"

  private func text(_ path: String) throws -> String {
    try String(contentsOf: DocumentTests.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Every file with a name, once, below some folders.
  private func files() -> Set<String> {
    var names: Set<String> = []
    for folder in ["Sources", "Tests"] {
      let all = FileManager.default.enumerator(
        at: DocumentTests.root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
      while let file = all?.nextObject() as? URL { names.insert(file.lastPathComponent) }
    }
    return names
  }

  @Test func `files, folders and suites that it names are there`() throws {
    let page = try text(Self.page)
    let names = files()
    var checked = 0
    for match in page.matches(of: /`([A-Za-z\/.]+)`/) {
      let name = String(match.1)
      if name.hasPrefix("Sources/") || name.hasPrefix("Tests/") {
        #expect(
          FileManager.default.fileExists(
            atPath: DocumentTests.root.appendingPathComponent(name).path), "there is no \(name)")
        checked += 1
      } else if name.hasSuffix(".swift") {
        #expect(names.contains(name) || name == "Package.swift", "there is no \(name)")
        checked += 1
      } else if name.hasSuffix("Tests") {
        #expect(names.contains("\(name).swift"), "there is no suite \(name)")
        checked += 1
      }
    }
    #expect(checked > 40)
  }

  /// The modules of the page with what each knows, and those of the package.
  @Test func `the picture of the modules is that of the package`() throws {
    let picture = try #require(
      try text(Self.page).components(separatedBy: "```text\n").dropFirst().first?
        .components(separatedBy: "```").first)
    var drawn: [String: Set<String>] = [:]
    for line in picture.split(separator: "\n") where !line.hasPrefix(" ") {
      let parts = line.components(separatedBy: "<-")
      let name = parts[0].split(separator: " ")[0]
      drawn[String(name)] = Set(
        parts.count > 1 ? parts[1].split(separator: " ").map(String.init) : [])
    }
    let package = try text("Package.swift")
    var declared: [String: Set<String>] = [:]
    for match in package.matches(of: /module\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?\s*\)/) {
      declared[String(match.1)] = words(match.2 ?? "")
    }
    let program = try #require(
      package.firstMatch(of: /name: "roost",\s+dependencies: \[([^\]]*)\]/))
    declared["roost"] = words(program.1)
    for (name, known) in declared {
      let own = known.filter { declared[$0] != nil }
      #expect(drawn[name] == own, "\(name): \(drawn[name] ?? []) is drawn, \(own) declared")
    }
    #expect(drawn.keys.sorted() == declared.keys.sorted())
  }

  private func words(_ list: some StringProtocol) -> Set<String> {
    Set(String(list).matches(of: /"(\w+)"/).map { String($0.1) })
  }
}
