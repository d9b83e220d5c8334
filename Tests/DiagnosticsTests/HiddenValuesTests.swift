import Testing

@testable import Diagnostics

/// Of a file whose values may be secrets, messages quote keys only.
@Suite struct HiddenValuesTests {
  @Test(arguments: [
    ("roost: 1", "roost: …"), ("  shop: postgresql://u:hunter2@h/d", "  shop: …"),
    ("hash_key: \"hunter2\" # hunter2", "hash_key: …"), ("connections:", "connections:"),
    ("  - hunter2", "  - …"), ("hunter2", "…"), ("hunter2: ", "hunter2: "), ("# hunter2", "…"),
    ("connections: { shop: \"hunter2\", warehouse: x }", "connections: …"), ("", ""),
    ("  shop: ${SHOP_URL}", "  shop: ${SHOP_URL}"), ("  a: '${SHOP_URL}' ", "  a: '${SHOP_URL}' "),
    ("  a: ${SHOP_URL}hunter2", "  a: …"), ("  a: ${hunter 2}", "  a: …"),
    ("postgresql://u:hunter2@h/d", "…"), ("a:hunter2", "…"), ("key:: hunter2", "…"),
    ("  \"hunter2\": x", "  …"), ("- command: curl hunter2", "- command: …"),
  ])
  func `a line shows its key`(line: String, shown: String) {
    #expect(HiddenLine(line).text == shown)
  }

  @Test func `the place is pointed at as far as it is shown`() {
    let text = "state: hunter2\nhash_key: ${KEY}\n"
    let file = SourceFile(name: "roost.yaml", text: text).hidingValues
    func render(_ range: Range<Int>) -> String {
      TextRenderer().render(Diagnostic("R0001", "wrong", at: SourceSpan(file: file, range: range)))
    }
    #expect(
      render(7..<14) == "roost.yaml:1:8: error[R0001]: wrong\n  1 | state: …\n    |        ^\n")
    #expect(
      render(9..<12) == "roost.yaml:1:10: error[R0001]: wrong\n  1 | state: …\n    |        ^\n")
    #expect(
      render(0..<5) == "roost.yaml:1:1: error[R0001]: wrong\n  1 | state: …\n    | ^^^^^\n")
    #expect(
      render(25..<31)
        == "roost.yaml:2:11: error[R0001]: wrong\n  2 | hash_key: ${KEY}\n    |           ^^^^^^\n")
  }
}
